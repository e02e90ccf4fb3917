"""Times the tiles of a workspace's map: ``python bench/tiles.py DIR`` (published before)."""

import sys
import time
from pathlib import Path

import numpy as np

from tilth.exchange.tiles import TileAddress
from tilth.service import map_arrays, map_tiles
from tilth.service.map_arrays import LAYERS
from tilth.service.map_sight import KIND_OF, Sight, View

PER_ZOOM = 12


def main(folder: Path) -> None:
    position = map_arrays.current_position(folder)
    manifest = map_arrays.read_manifest(folder, position)
    kinds = {*KIND_OF.values(), *manifest["kinds"]}
    everything = Sight({kind: (True,) * len(manifest["authors"]) for kind in kinds})
    view = View(folder, position, "prudent", everything)
    reported = View(folder, position, "reported", everything)
    random = np.random.default_rng(1)
    print("layer      zoom tiles  median ms     p95 ms     max kB   features at most")
    whole: list[float] = []
    for layer in LAYERS:
        found = view.layer(layer)
        for zoom in range(4, 18, 1):
            if not len(found.base):
                continue
            where = found.base.xy[random.integers(0, len(found.base), PER_ZOOM)]
            addresses = {TileAddress(zoom, *(one >> (32 - zoom)).tolist()) for one in where}
            times, sizes = [], []
            for address in addresses:
                for one in (view, reported):
                    begun = time.process_time()
                    data = map_tiles._tile(one, layer, address)
                    packed = map_tiles.gzip.compress(data, 3, mtime=0)
                    times.append((time.process_time() - begun) * 1000)
                    sizes.append((len(data), len(packed), data.count(b"\x18\x03\x22")))
            whole += times
            print(
                f"{layer:10} {zoom:4} {len(times):5} {np.median(times):10.1f} "
                f"{np.percentile(times, 95):10.1f} {max(sizes)[0] / 1000:10.1f}"
            )
    print(
        f"all: {len(whole)} tiles, median {np.median(whole):.1f} ms, "
        f"p95 {np.percentile(whole, 95):.1f} ms, max {max(whole):.1f} ms of CPU, packed"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
