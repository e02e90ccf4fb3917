"""A desk to run commands at: files in a folder, answers as text or JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from click.testing import CliRunner, Result

from tilth.cli import main
from tilth.core.geometry.frame import Frame

CENTRE = Frame(36_000_000_000, 50_000_000_000)
"""Where the ground of these tests lies; metres east and north of it."""


class Desk:
    """Runs ``tilth`` in this process; the folder is the present one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runner = CliRunner()

    def do(self, *arguments: str, answer: str | None = None) -> Result:
        """Run a command, whatever comes of it."""
        return self._runner.invoke(
            main, arguments, input=answer, prog_name="tilth", catch_exceptions=False
        )

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run a command that ends with this status; returns what it printed."""
        result = self.do(*arguments)
        assert result.exit_code == status, result.output
        return result.stdout

    def json(self, *arguments: str, status: int = 0) -> Any:
        """Run a command with ``--json``; returns the value."""
        return json.loads(self.run(*arguments, "--json", status=status))

    def refused(self, *arguments: str) -> list[str]:
        """Codes of the problems for which a command did nothing."""
        value = self.json(*arguments, status=2)
        assert all(set(one) == {"code", "where", "what", "fix"} for one in value["problems"])
        return [one["code"] for one in value["problems"]]

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def land(self, level: str = "reported", *options: str) -> dict[str, float]:
        """Terms of the land account at a level, in ha, rounded to a square metre."""
        value = self.json("account", "work", "--level", level, *options)
        names = ("recorded", "extensions", "cancelled", "reduced", "cleared", "remaining")
        return {name: round(value["land"][f"{name}_m2"] / 1e4, 4) for name in names}


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """GeoJSON of a rectangle given in metres of `CENTRE`, each edge with points between."""
    ring = shapely.segmentize(shapely.box(west, south, east, north), 50.0)
    degrees = np.round(CENTRE.unproject(shapely.get_coordinates(ring)), 9)
    return {"type": "Polygon", "coordinates": [degrees.tolist()]}


def features(*rows: dict[str, Any]) -> str:
    """GeoJSON collection of rows: properties, and ``shape`` as the geometry."""
    made = [
        {
            "type": "Feature",
            "properties": {name: value for name, value in row.items() if name != "shape"},
            "geometry": row.get("shape"),
        }
        for row in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": made})


HAZARD = {
    "local_id": "HA-1",
    "classification": "SHA",
    "happened_on": "2026-01-10",
    "shape": square(-500, -500, 500, 500),
}
RELEASES = (
    {
        "local_id": "RA-1",
        "release_type": "cancelled",
        "hazard": "HA-1",
        "happened_on": "2026-02-01",
        "shape": square(-500, -500, 100, 500),
    },
    {
        "local_id": "RA-2",
        "release_type": "reduced",
        "hazard": "HA-1",
        "happened_on": "2026-02-20",
        "shape": square(100, -500, 350, 500),
    },
    {
        "local_id": "RA-3",
        "release_type": "cleared",
        "hazard": "HA-1",
        "happened_on": "2026-03-20",
        "depth_cm": 20,
        "shape": square(350, -500, 450, 500),
    },
    {
        "local_id": "RA-4",
        "release_type": "cleared",
        "hazard": "HA-1",
        "happened_on": "2026-03-25",
        "depth_cm": 20,
        "shape": square(-520, -500, -500, 500),
    },
)
"""100 ha suspected: 60 cancelled, 25 reduced, 10 cleared, 5 remain, and 2 cleared beyond."""


def survey(desk: Desk) -> None:
    """Put the hazard and its four releases in."""
    desk.write("hazards.geojson", features(HAZARD))
    desk.write("releases.geojson", features(*RELEASES))
    take = ("--actor", "im1")
    desk.run("import", "work", "hazards.geojson", "--kind", "hazard_area", *take)
    desk.run("import", "work", "releases.geojson", "--kind", "released_area", *take)
