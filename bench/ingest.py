"""Yardstick ingest: reports with their items from a file into the sealed log, and its check.

    python bench/ingest.py [--scale small] [--reports N]

The reports of the demonstration are written as one feature a line (GeoJSON text sequence without
geometry columns), then imported by `tilth.service.importing.import_file`: parse, validate, hash,
append, index. Beside it the same item rows go into a bare SQLite table in one transaction. CPU
seconds of this process and its children.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from tilth.demonstration.story import tell
from tilth.service.importing import Order, import_file
from tilth.service.session import open_session
from tilth.store.workspace import Workspace


def cpu() -> float:
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        total += used.ru_utime + used.ru_stime
    return total


def rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _plain_shape(shape: dict) -> dict:
    def degrees(part: list) -> list:
        if isinstance(part[0], int):
            return [value / 1e9 for value in part]
        return [degrees(one) for one in part]

    return {"type": shape["type"], "coordinates": degrees(shape["coordinates"])}


def _plain_item(item: dict) -> dict:
    return {**item, "position": _plain_shape(item["position"])} if "position" in item else item


def write(path: Path, scale: str, most: int) -> tuple[int, list[tuple]]:
    """Write the reports as GeoJSON lines; how many, and the item rows for the bare table."""
    reports, rows = 0, []
    with path.open("w", encoding="utf-8") as stream:
        for act in tell(scale).acts():
            if act.kind != "clearance_report" or act.act != "record" or reports >= most:
                continue
            fields = dict(act.fields)
            shape = fields.pop("shape", None)
            for name in ("hazard", "task"):  # records that this workspace does not hold
                fields.pop(name, None)
            fields["items"] = [_plain_item(item) for item in fields.get("items", ())]
            rows += [(act.local_id, *map(str, item.values()))[:12] for item in fields["items"]]
            feature = {
                "type": "Feature",
                "geometry": _plain_shape(shape) if shape else None,
                "properties": fields,
            }
            stream.write(json.dumps(feature) + "\n")
            reports += 1
    return reports, rows


def bare(path: Path, rows: list[tuple]) -> float:
    started = cpu()
    connection = sqlite3.connect(path)
    columns = ", ".join(f"c{n}" for n in range(12))
    connection.execute(f"CREATE TABLE item ({columns})")
    filled = [row + ("",) * (12 - len(row)) for row in rows]
    connection.executemany(f"INSERT INTO item VALUES ({', '.join('?' * 12)})", filled)
    connection.commit()
    connection.close()
    return cpu() - started


def prepare(here: Path, file: Path, scale: str, most: int) -> tuple[int, int, float]:
    """Write the file and time the bare insert; how many reports and items, CPU seconds."""
    reports, rows = write(file, scale, most)
    return reports, len(rows), bare(here / "bare.db", rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="yardstick", choices=["small", "yardstick"])
    parser.add_argument("--reports", type=int, default=10**9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        file = here / "reports.ndjson"
        with ProcessPoolExecutor(1) as apart:  # its memory is not the import's
            made = apart.submit(prepare, here, file, options.scale, options.reports)
            reports, items, base = made.result()
        print(f"{reports} reports, {items} items, {file.stat().st_size / 1e6:.0f} MB")
        print(f"bare SQLite insert of the item rows  {base:7.2f} CPU s  1.0")
        Workspace.create(
            here / "work", operation_name="Bench", organisation_name="Bench", synthetic=True
        ).close()
        with open_session(here / "work", actor="bench") as session:
            started, wall = cpu(), time.perf_counter()
            done = import_file(session, Order(file, "clearance_report"))
            used, took = cpu() - started, time.perf_counter() - wall
            print(
                f"import: {used:7.2f} CPU s  {used / base:.1f}  ({took:.1f} s of the clock), "
                f"{items / used:,.0f} items a CPU s, {done.changes.added} added, "
                f"RSS {rss_mb():.0f} MB"
            )
            for deep in (False, True):
                started, wall = cpu(), time.perf_counter()
                sound = session.workspace.verify(deep=deep)
                used, took = cpu() - started, time.perf_counter() - wall
                print(f"verify deep={deep}: {used:.2f} CPU s, {took:.1f} s, ok {sound.ok}")


if __name__ == "__main__":
    main()
