"""Make the bundled basemap: land without borders, from the ``world-atlas`` package of npm.

Usage: ``python tools/basemap.py FOLDER``, where FOLDER holds ``node_modules/world-atlas``. Only the
outline of land is taken: the usual free borders take sides. The outline is simplified to about
700 m, cut along a grid so that a tile touches few vertices, and written as the differences of its
vertices. The same input gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import sys
from pathlib import Path

import numpy as np
import shapely
import tomli_w

from tilth.exchange.tiles import areas_of, world_of

TARGET = Path(__file__).resolve().parents[1] / "src" / "tilth" / "exchange" / "basemap"
VERSION = "2.0.2"
TOLERANCE_DEG = 0.006
SMALLEST_DEG2 = 0.0004
"""Islands below about 4 km² are left out."""
CELLS = 32
"""Cells of the world grid each way along which land is cut: tiles of zoom 5."""
STEP = 1 << 13
"""World grid steps in which vertices are kept, 76 m at the equator."""


def land(path: Path) -> shapely.Geometry:
    """Land of a TopoJSON file in degrees."""
    topology = json.loads(path.read_text("utf-8"))
    scale, move = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [np.cumsum(arc, axis=0) * scale + move for arc in topology["arcs"]]

    def ring(numbers: list[int]) -> np.ndarray:
        parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    polygons = []
    for geometry in topology["objects"]["land"]["geometries"]:
        groups = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for outer, *holes in groups:
            polygons.append(shapely.Polygon(ring(outer), [ring(one) for one in holes]))
    return shapely.union_all(shapely.make_valid(np.array(polygons, dtype=object)))


def pieces(shape: shapely.Geometry) -> np.ndarray:
    """Polygons of the world grid, none beyond one cell of the grid."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.area(parts) >= SMALLEST_DEG2]
    parts = shapely.make_valid(shapely.simplify(parts, TOLERANCE_DEG))
    world = shapely.make_valid(shapely.transform(parts, lambda p: world_of(p).astype(float)))
    size = (1 << 32) / CELLS
    found = []
    for at in range(CELLS * CELLS):
        x, y = (at % CELLS) * size, (at // CELLS) * size
        cell = shapely.box(x, y, x + size, y + size)
        for part in shapely.get_parts(shapely.intersection(world, cell)):
            found += [one for one in shapely.get_parts(part) if one.geom_type == "Polygon"]
    whole = shapely.transform(np.array(found, dtype=object), lambda p: np.rint(p / STEP) * STEP)
    whole = shapely.get_parts(shapely.make_valid(whole))
    return whole[(shapely.get_type_id(whole) == 3) & (shapely.area(whole) > 0)]


def main(folder: Path) -> int:
    """Write the basemap; exit status 1 where the package is of another version."""
    source = folder / "node_modules" / "world-atlas"
    package = json.loads((source / "package.json").read_text("utf-8"))
    if package["version"] != VERSION:
        print(f"world-atlas {package['version']} is there, {VERSION} is wanted", file=sys.stderr)
        return 1
    areas = areas_of(pieces(land(source / "land-10m.json")))
    small = (areas.xy.astype(np.int64) // STEP).astype(np.int32)
    steps = np.diff(small, axis=0, prepend=np.zeros((1, 2), np.int32))
    parts = [
        np.diff(areas.ring_offset).astype("<u2"),
        np.diff(areas.vertex_offset).astype("<u2"),
        areas.hole.astype("u1"),
        steps[:, 0].astype("<i4"),
        steps[:, 1].astype("<i4"),
    ]
    head = np.array([STEP, *(len(one) for one in parts)], "<u4").tobytes()
    data = lzma.compress(
        head + b"".join(one.tobytes() for one in parts), preset=9 | lzma.PRESET_EXTREME
    )
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "land.xz").write_bytes(data)
    (TARGET / "LICENSE").write_bytes((source / "LICENSE").read_bytes())
    told = {
        "package": {
            "name": "world-atlas",
            "version": VERSION,
            "licence": "ISC; the outlines are Natural Earth's, in the public domain",
            "purpose": "land without borders, under every map",
            "sha256": {
                "land-10m.json": hashlib.sha256(
                    (source / "land-10m.json").read_bytes()
                ).hexdigest(),
                "land.xz": hashlib.sha256(data).hexdigest(),
            },
        }
    }
    (TARGET / "SOURCE.toml").write_text(tomli_w.dumps(told), "utf-8")
    print(f"{len(areas)} pieces, {len(areas.xy)} vertices, {len(data)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
