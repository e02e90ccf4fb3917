"""What the map draws, held against the account of the same ground."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from tilth.core.chains import LEVELS
from tilth.core.days import ordinal
from tilth.exchange.tiles import TileAddress, lonlat_of, shapes_of_areas
from tilth.service import map_arrays
from tilth.service.accounting import Question, accounts
from tilth.service.choosing import Act
from tilth.service.current import advance, current_of
from tilth.service.deciding import carry_out, plan
from tilth.service.levels import plan_undo
from tilth.service.map_arrays import COLUMNS, LAYERS
from tilth.service.map_layers import publish, publish_past
from tilth.service.map_sight import KIND_OF, Sight, View
from tilth.service.map_tiles import make_tile
from tilth.service.session import Session, open_session

AUTUMN = "2025-10-15"
_LAYER = rb"\x78\x02\x0a.((?:hazards|released|items|reports)(?:_dots)?)"


def rows_at(part: Any, gone: Any, level: str, day: int) -> Any:
    columns = part.columns
    flags = (columns["levels"] & (1 << (LEVELS[level] - 1))) > 0
    flags &= (columns["since"] <= day) & (columns["until"] > day)
    if gone is not None:
        flags &= ~gone
    return np.flatnonzero(flags)


def ground_of(session: Session, position: str, layer: str, level: str, day: int) -> Any:
    """Everything of a layer drawn on a day, united, in metres of the frame."""
    frame = session.frame()
    assert frame is not None
    found: list[Any] = []
    for part, _, gone in map_arrays.open_layer(session.workspace.path, position, layer).parts:
        rows = rows_at(part, gone, level, day)
        if layer == "hazards":  # indications are beside the account
            rows = rows[part.columns["cls"][rows] < 2]
        assert part.areas is not None
        world = shapes_of_areas(part.areas.some(rows))
        found += list(frame.project_geometries(shapely.transform(world, lonlat_of)))
    return shapely.union_all(shapely.make_valid(np.array(found, dtype=object)))


def remaining_on_map(session: Session, position: str, level: str, day: int) -> float:
    hazards = ground_of(session, position, "hazards", level, day)
    released = ground_of(session, position, "released", level, day)
    return float(shapely.difference(hazards, released).area)


def remaining(session: Session, level: str, until: str) -> float:
    answer = accounts(session, Question(until=until), [level])[level]
    return float(answer["land"]["remaining_m2"])


@pytest.mark.parametrize("until", ["", AUTUMN])
@pytest.mark.parametrize("level", list(LEVELS))
def test_what_no_release_covers_on_the_map_is_what_the_account_holds_as_remaining(
    told: Path, level: str, until: str
) -> None:
    """Also where a release was revoked, came before a hazard, or is too shallow.

    The world grid is a centimetre wide, and slivers of 0.05 m² stay undrawn.
    """
    with open_session(told) as session:
        position = map_arrays.current_position(told)
        day = until or session.today()
        shown = remaining_on_map(session, position, level, ordinal(day))
        assert shown == pytest.approx(remaining(session, level, day), abs=25.0)


def everything(folder: Path, position: str) -> dict[str, set[tuple[Any, ...]]]:
    """Features of a map whatever their numbers: record, columns, words, and area.

    Without findings: what is published beside the map here draws none.
    """
    manifest = map_arrays.read_manifest(folder, position)
    names = map_arrays.open_names(folder, position)
    found: dict[str, set[tuple[Any, ...]]] = {}
    for layer in set(LAYERS) - {"findings"}:
        told: set[tuple[Any, ...]] = set()
        for part, _, gone in map_arrays.open_layer(folder, position, layer).parts:
            for row in range(len(part)):
                if gone is not None and gone[row]:
                    continue
                values = {name: part.columns[name][row].item() for name in COLUMNS}
                record = names.record(values.pop("record"))
                told.add(
                    (
                        record,
                        manifest["classes"][layer][values.pop("cls")],
                        manifest["authors"][values.pop("author")],
                        manifest["organisations"][values.pop("organisation")],
                        round(values.pop("m2"), 3),
                        *(values[one] for one in ("levels", "since", "until")),
                        values["more"],
                        values["most"],
                        *part.xy[row].tolist(),
                    )
                )
        found[layer] = told
    return found


def tiles_of(folder: Path, position: str, zoom: int) -> dict[Any, list[Any]]:
    """Everything drawn in the tiles of a zoom, whatever its number and order."""
    manifest = map_arrays.read_manifest(folder, position)
    kinds = {*KIND_OF.values(), *manifest["kinds"]}
    sight = Sight({one: (True,) * len(manifest["authors"]) for one in kinds}, name="everything")
    view = View(folder, position, "prudent", sight)
    x0, y0, x1, y1 = (one >> (32 - zoom) for one in manifest["box"])
    found: dict[Any, list[Any]] = {}
    for layer in ("hazards", "released", "items", "reports"):
        words = manifest["classes"][layer]
        for x in range(x0, x1 + 1):
            for y in range(y0, y1 + 1):
                data = make_tile(view, layer, TileAddress(zoom, x, y), packed=False)
                names = re.findall(_LAYER, data)
                assert len(names) == len(set(names)), "a tile holds one layer of a name"
                tile = mapbox_vector_tile.decode(data) if data else {}
                for name, one in tile.items():
                    drawn = []
                    for feature in one["features"]:
                        told = feature["properties"]
                        told["c"] = words[told["c"]] if "c" in told else ""
                        told.pop("o", None)  # names of organisations have other numbers
                        drawn.append(json.dumps([feature["geometry"], told], sort_keys=True))
                    found[layer, name, x, y] = sorted(drawn)
    return found


def publish_map(session: Session) -> None:
    """Bring the map forward, and nothing else that the keeper publishes."""
    current = current_of(session)
    advance(current)
    current.pace.hurried = True
    publish(current)
    current.touched, current.clusters = set(), set()


def made_anew(session: Session) -> str:
    """Name of a map made of everything, at the same position."""
    current = current_of(session)
    current.touched = None
    pointer = map_arrays.map_folder(session.workspace.path) / "current.json"
    pointer.unlink()
    current.pace.outdate("map")
    publish_map(session)
    name = map_arrays.current_position(session.workspace.path)
    assert map_arrays.read_manifest(session.workspace.path, name)["base"] == name
    return name


def released_and_approved(session: Session) -> str:
    """Id of a released area that is drawn at prudent."""
    position = map_arrays.current_position(session.workspace.path)
    layer = map_arrays.open_layer(session.workspace.path, position, "released").base
    names = map_arrays.open_names(session.workspace.path, position)
    good = (layer.columns["levels"] & 8 > 0) & (layer.columns["more"] == 0)
    row = int(np.flatnonzero(good)[0])
    return names.record(int(layer.columns["record"][row]))


def test_a_revocation_takes_the_release_off_the_map_and_nothing_else_has_to_be_written(
    served: Path,
) -> None:
    with open_session(served, actor="im9") as session:
        publish_map(session)
        before = map_arrays.current_position(served)
        record = released_and_approved(session)
        was = everything(served, before)
        assert any(one[0] == record and one[5] & 8 for one in was["released"])
        act = Act("revoke", records=[record], reason="a mine was found", on=session.today())
        carry_out(session, plan(session, act))
        publish_map(session)
        after = map_arrays.current_position(served)
        now = everything(served, after)
        beside = map_arrays.open_layer(served, after, "released")
        today = ordinal(session.today())
        assert after != before
        assert len(beside.fresh or ()) < 300 < len(beside.base)
        for one in now["released"]:
            if one[0] == record and one[5] & 8:
                assert one[7] <= today  # until: no piece of it holds today
        shown = remaining_on_map(session, after, "prudent", today)
        assert shown == pytest.approx(remaining(session, "prudent", session.today()), abs=25.0)
        drawn = {zoom: tiles_of(served, after, zoom) for zoom in (9, 13, 15)}
        anew = made_anew(session)
        assert now == everything(served, anew)
        for zoom, tiles in drawn.items():
            assert tiles == tiles_of(served, anew, zoom)


def test_an_approval_withdrawn_and_given_again_is_drawn_as_if_all_were_made_anew(
    served: Path,
) -> None:
    with open_session(served, actor="im9") as session:
        publish_map(session)
        record = released_and_approved(session)
        entry = session.workspace.store.of_records([record])[record][0]
        decisions = session.workspace.store.deciding([entry.hash])
        carry_out(session, plan_undo(session, [decisions[-1].hash], "the wrong paper"))
        publish_map(session)
        after = map_arrays.current_position(served)
        now = everything(served, after)
        assert all(not one[5] & 8 for one in now["released"] if one[0] == record)
        assert now == everything(served, made_anew(session))


def test_a_keeper_that_starts_again_goes_on_from_the_map_that_lies_there(served: Path) -> None:
    with open_session(served) as session:
        publish_map(session)
        before = map_arrays.read_manifest(served, map_arrays.current_position(served))
        files = {one.name for one in map_arrays.map_folder(served).iterdir()}
    with open_session(served) as session:
        publish_map(session)
        after = map_arrays.read_manifest(served, map_arrays.current_position(served))
    assert after["base"] == before["base"]
    fresh = {one.name for one in map_arrays.map_folder(served).iterdir()} - files
    assert all(name.startswith(f"{before['base']}-") for name in fresh)


def test_the_map_of_a_past_position_is_that_of_what_was_known_then(served: Path) -> None:
    with open_session(served) as session:
        name = publish_past(session, "position:400")
        manifest = map_arrays.read_manifest(served, name)
        answer = accounts(session, Question(known_at="position:400"), ["approved"])["approved"]
        today = ordinal(session.today())
        shown = remaining_on_map(session, name, "approved", today)
        assert shown == pytest.approx(answer["land"]["remaining_m2"], abs=25.0)
        assert manifest["receipts"] == 400
        assert manifest["without"] == ["tasks", "findings", "evidence"]
        assert publish_past(session, "position:400") == name


def test_a_reader_of_a_map_that_is_being_replaced_sees_one_whole_map(served: Path) -> None:
    """The pointer names a folder that is complete, or the old one."""
    pointer = map_arrays.map_folder(served) / "current.json"
    position = json.loads(pointer.read_text())["position"]
    map_arrays.point_to(served, position)
    assert map_arrays.current_position(served) == position
    assert not [one for one in map_arrays.map_folder(served).iterdir() if one.name[0] == "."]
