"""Bring the vendored front-end files in, from a folder where ``npm install`` put them.

Usage: ``python tools/vendor.py FOLDER``, where FOLDER holds ``node_modules`` with exactly the
versions of `FILES`. The files are copied as they are, with their licences, and listed with their
hashes in ``VENDORED.toml``, which a test compares with what lies there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

import tomli_w

VENDOR = Path(__file__).resolve().parents[1] / "src" / "tilth" / "web" / "static" / "vendor"

FILES = {
    "htmx.org": ("2.0.11", "parts of a page that load", ["dist/htmx.min.js", "LICENSE"]),
    "uplot": ("1.6.32", "curves", ["dist/uPlot.iife.min.js", "dist/uPlot.min.css", "LICENSE"]),
    "maplibre-gl": (
        "6.17.0",
        "the map",
        [
            "dist/maplibre-gl.mjs",
            "dist/maplibre-gl-worker.mjs",
            "dist/maplibre-gl.css",
            "LICENSE.txt",
        ],
    ),
    "terra-draw": ("1.35.0", "drawing of areas", ["dist/terra-draw.umd.js"]),
    "terra-draw-maplibre-gl-adapter": (
        "1.4.1",
        "drawing of areas on the map",
        ["dist/terra-draw-maplibre-gl-adapter.umd.js"],
    ),
}
"""Version, what for, and the files of each package."""


def bring(folder: Path) -> int:
    """Copy the files and write the list; exit status 1 where a version is another one."""
    listed = []
    for name, (version, purpose, files) in FILES.items():
        source = folder / "node_modules" / name
        package = json.loads((source / "package.json").read_text("utf-8"))
        if package["version"] != version:
            print(f"{name}: {package['version']} is there, {version} is wanted", file=sys.stderr)
            return 1
        target = VENDOR / name
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        hashes = {}
        for file in files:
            data = (source / file).read_bytes()
            (target / Path(file).name).write_bytes(data)
            hashes[Path(file).name] = hashlib.sha256(data).hexdigest()
        listed.append(
            {
                "name": name,
                "version": version,
                "licence": package["license"],
                "purpose": purpose,
                "sha256": hashes,
            }
        )
    (VENDOR / "VENDORED.toml").write_text(tomli_w.dumps({"package": listed}), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(bring(Path(sys.argv[1])))
