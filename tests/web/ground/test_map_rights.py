"""Who sees what on the map: tiles, list, file, picture and single things alike."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
from django.test import Client

from tilth.exchange.tiles import TileAddress, world_of
from tilth.service import map_arrays
from tilth.service.lens import Lens
from tilth.service.map_arrays import LAYERS
from tilth.service.session import open_session

ZOOM = 11
OTHERS = ("hazards", "tasks", "reports", "items", "findings", "evidence")


def addresses(folder: Path) -> list[TileAddress]:
    x0, y0, x1, y1 = map_arrays.read_manifest(folder, map_arrays.current_position(folder))["box"]
    shift = 32 - ZOOM
    return [
        TileAddress(ZOOM, x, y)
        for x in range(x0 >> shift, (x1 >> shift) + 1)
        for y in range(y0 >> shift, (y1 >> shift) + 1)
    ]


def drawn(client: Client, folder: Path, layer: str, level: str = "prudent", query: str = "") -> Any:
    """Features of a layer in all tiles, by number."""
    position = map_arrays.current_position(folder)
    found: dict[int, dict[str, Any]] = {}
    for one in addresses(folder):
        path = f"/map/tiles/{layer}/{level}/{position}/{one.z}/{one.x}/{one.y}.mvt{query}"
        answer = client.get(path)
        assert answer.status_code in (200, 204), answer.content[:300]
        if answer.status_code == 200:
            tile = mapbox_vector_tile.decode(gzip.decompress(answer.content))
            for feature in tile.get(layer, {"features": []})["features"]:
                found[feature["id"]] = feature["properties"]
    return found


def record_of(folder: Path, layer: str, number: int) -> str:
    position = map_arrays.current_position(folder)
    part, row = map_arrays.open_layer(folder, position, layer).at(number)
    names = map_arrays.open_names(folder, position)
    return names.record(int(part.columns["record"][row]))


def organisation_id(folder: Path, name: str) -> str:
    with open_session(folder) as session:
        known = session.workspace.settings.organisations
        return next(one.id for one in known if name in one.name)


def test_the_authority_sees_every_layer(read_only: Path, sign_in: Any) -> None:
    client = sign_in("information_manager")
    for layer in LAYERS:
        assert drawn(client, read_only, layer), layer


@pytest.mark.parametrize("level", ["reported", "verified", "approved", "prudent"])
def test_an_observer_sees_released_land_that_is_approved_and_not_in_doubt(
    read_only: Path, sign_in: Any, level: str
) -> None:
    client = sign_in("observer", organisation="Furrow")
    for layer in OTHERS:
        assert drawn(client, read_only, layer, level) == {}, layer
    with open_session(read_only) as session:
        numbers = drawn(client, read_only, "released", level)
        records = {record_of(read_only, "released", one) for one in numbers}
        assert records
        assert Lens(session).open_areas(records) == records


@pytest.mark.parametrize("role", ["information_manager", "team_leader"])
def test_an_operator_sees_its_own_hazards_and_those_it_was_given_or_granted(
    read_only: Path, sign_in: Any, role: str
) -> None:
    client = sign_in(role, organisation="Furrow")
    own = organisation_id(read_only, "Furrow")
    manager = drawn(sign_in("information_manager"), read_only, "hazards")
    every = {record_of(read_only, "hazards", number) for number in manager}
    with open_session(read_only) as session:
        session.organisation, session.roles = own, frozenset({role})
        lens = Lens(session)
        given = lens.records_full("hazard_area")
        full = lens.organisations_full("hazard_area")
        seen = {record_of(read_only, "hazards", n) for n in drawn(client, read_only, "hazards")}
        assert seen == {one for one in every if one in given or one.split("/")[0] in full}
        assert any(one.startswith(own) for one in seen)
    if role == "team_leader":
        assert seen < every


def test_what_is_hidden_in_tiles_is_hidden_in_the_list_the_file_the_picture_and_by_its_number(
    read_only: Path, sign_in: Any
) -> None:
    observer, manager = sign_in("observer", organisation="Furrow"), sign_in("information_manager")
    everything = "".join(f"&layer={one}" for one in LAYERS)
    position = map_arrays.current_position(read_only)
    hidden = [(layer, number) for layer in OTHERS for number in drawn(manager, read_only, layer)]
    for layer, number in hidden[:: max(1, len(hidden) // 40)]:
        path = f"/map/at/{position}/{layer}/{number}"
        assert observer.get(path).status_code == 404
        assert manager.get(path).status_code == 302
    missing = observer.get(f"/map/at/{position}/hazards/999999")
    refused = observer.get(f"/map/at/{position}/hazards/0")
    assert (missing.status_code, refused.status_code) == (404, 404)
    file = json.loads(observer.get(f"/map/shown.geojson?level=reported{everything}").content)
    assert {one["properties"]["layer"] for one in file["features"]} == {"released"}
    page = observer.get(f"/map/list?level=reported{everything}").content.decode()
    assert 'data-layer="released"' in page
    assert not [one for one in OTHERS if f'data-layer="{one}"' in page]
    picture = observer.get("/map/picture.svg?layer=hazards&level=reported").content.decode()
    seen = manager.get("/map/picture.svg?layer=hazards&level=reported").content.decode()
    assert picture.count("<path") < seen.count("<path")


def test_nobody_sees_anything_without_signing_in(read_only: Path, client: Client, db: None) -> None:
    position = map_arrays.current_position(read_only)
    for path in (
        "/map",
        "/map/list",
        "/map/still",
        "/map/picture.svg",
        "/map/shown.geojson",
        "/map/state",
        "/map/coordinates?lat=1&lon=1",
        f"/map/tiles/released/approved/{position}/0/0/0.mvt",
        f"/map/at/{position}/released/0",
        "/map/base/land/0/0/0",
    ):
        assert client.get(path).status_code in (302, 401, 403), path


def test_a_tile_says_that_it_has_not_changed_and_holds_for_its_position(
    read_only: Path, sign_in: Any
) -> None:
    client = sign_in("information_manager")
    position = map_arrays.current_position(read_only)
    one = addresses(read_only)[0]
    path = f"/map/tiles/hazards/prudent/{position}/{one.z}/{one.x}/{one.y}.mvt"
    answer = client.get(path)
    assert "private" in answer["Cache-Control"]
    assert "immutable" in answer["Cache-Control"]
    assert "Cookie" in answer["Vary"]
    again = client.get(path, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    observer = sign_in("observer", organisation="Furrow")
    other = observer.get(path, headers={"If-None-Match": answer["ETag"]})
    assert other.status_code == 204


@pytest.mark.parametrize(
    "path",
    [
        "/map/tiles/hazards/prudent/{p}/11/5000/5000.mvt",
        "/map/tiles/hazards/prudent/{p}/40/0/0.mvt",
        "/map/tiles/hazards/wished/{p}/0/0/0.mvt",
        "/map/tiles/wishes/prudent/{p}/0/0/0.mvt",
    ],
)
def test_a_tile_that_cannot_be_is_refused(read_only: Path, sign_in: Any, path: str) -> None:
    client = sign_in("information_manager")
    position = map_arrays.current_position(read_only)
    assert client.get(path.format(p=position)).status_code == 404


@pytest.mark.parametrize("position", ["1-abcdef", "..", "current"])
def test_a_position_without_a_map_is_refused(read_only: Path, sign_in: Any, position: str) -> None:
    client = sign_in("information_manager")
    answer = client.get(f"/map/tiles/hazards/prudent/{position}/0/0/0.mvt")
    assert answer.status_code in (404, 503)


def test_tiles_follow_the_choice(read_only: Path, sign_in: Any) -> None:
    client = sign_in("information_manager")
    classes = map_arrays.read_manifest(read_only, map_arrays.current_position(read_only))
    words = classes["classes"]["released"]
    whole = drawn(client, read_only, "released")
    some = drawn(client, read_only, "released", query="?class=released:reduced")
    assert some == {n: one for n, one in whole.items() if words[one["c"]] == "reduced"}
    assert drawn(client, read_only, "released", query="?class=hazards:CHA") == whole
    named = drawn(client, read_only, "released", query="?org=Green%20Furrow")
    place = classes["organisations"].index("Green Furrow")
    assert named == {n: one for n, one in whole.items() if one["o"] == place}
    assert drawn(client, read_only, "released", query="?q=there-is-no-such-thing") == {}


def test_a_tile_carries_what_the_days_are_filtered_by(read_only: Path, sign_in: Any) -> None:
    client = sign_in("information_manager")
    for one in drawn(client, read_only, "hazards", "approved").values():
        assert {"c", "d", "e", "o", "l", "w", "x"} <= one.keys()
        assert one["e"] == 0 or one["e"] > one["d"] > 700_000


def test_from_afar_items_are_summed_and_none_is_lost(read_only: Path, sign_in: Any) -> None:
    client = sign_in("information_manager")
    position = map_arrays.current_position(read_only)
    layer = map_arrays.open_layer(read_only, position, "items").base
    good = layer.columns["levels"] & 1 > 0
    answer = client.get(f"/map/tiles/items/reported/{position}/0/0/0.mvt")
    tile = mapbox_vector_tile.decode(gzip.decompress(answer.content))["items_dots"]["features"]
    assert sum(one["properties"]["n"] for one in tile) == int(good.sum())
    assert sum(one["properties"]["q"] for one in tile) == int(layer.columns["more"][good].sum())
    assert len(tile) < 5_000
    assert len(np.unique(world_of(np.array([[0.0, 0.0]])))) == 1
