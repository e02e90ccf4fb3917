"""The page of the map, and what it asks for on its own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tilth.service import map_arrays


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="ground-data" type="application/json">(.*?)</script>', page)
    assert found
    value: dict[str, Any] = json.loads(found[1])
    return value


def test_the_map_opens_at_prudent(read_only: Path, sign_in: Any) -> None:
    page = sign_in("information_manager").get("/map").content.decode()
    assert data_of(page)["level"] == "prudent"
    assert re.search(r'name="level" value="prudent"[^>]*checked', page)
    assert "SYNTHETIC" in page


def test_a_map_of_released_land_alone_says_what_it_leaves_out(
    read_only: Path, sign_in: Any
) -> None:
    client = sign_in("information_manager")
    alone = client.get("/map?layer=released&level=approved").content.decode()
    both = client.get("/map?layer=released&layer=hazards&level=approved").content.decode()
    assert "hazard areas are not shown" in alone
    assert re.search(r"<p class=\"ground-warn\" data-released-alone>", alone)
    assert re.search(r"<p class=\"ground-warn\" data-released-alone hidden>", both)
    assert re.search(r'<details class="ground-left" open>', alone)
    assert re.search(r"below this level: [\d\D]{0,120}record", alone)


def test_no_place_of_ground_lies_in_the_page_itself(read_only: Path, sign_in: Any) -> None:
    """An observer's page: the box of the whole operation is the only place in it."""
    page = sign_in("observer", organisation="Furrow").get("/map?layer=hazards").content.decode()
    assert "hazard_area" not in page
    assert "data-lon" not in page


def test_the_list_is_what_the_map_shows(read_only: Path, sign_in: Any) -> None:
    client = sign_in("information_manager")
    file = json.loads(client.get("/map/shown.geojson?layer=hazards").content)
    box = file["features"][0]["geometry"]["coordinates"]
    while isinstance(box[0][0], list):
        box = box[0]
    west, south = min(x for x, _ in box), min(y for _, y in box)
    east, north = max(x for x, _ in box), max(y for _, y in box)
    bbox = f"&bbox={west},{south},{east},{north}"
    near = json.loads(client.get(f"/map/shown.geojson?layer=hazards{bbox}").content)
    rows = client.get(f"/map/list?layer=hazards{bbox}").content.decode()
    assert 0 < len(near["features"]) < len(file["features"])
    assert rows.count('data-layer="hazards"') == len(near["features"])
    for one in near["features"]:
        assert one["properties"]["id"] in rows
    assert near["complete"] is True


def test_the_day_holds_for_list_and_file(read_only: Path, sign_in: Any) -> None:
    client = sign_in("information_manager")
    now = json.loads(client.get("/map/shown.geojson?layer=released").content)["features"]
    then = json.loads(client.get("/map/shown.geojson?layer=released&until=2025-10-15").content)
    assert 0 < len(then["features"]) < len(now)
    assert all(one["properties"]["since"] <= "2025-10-15" for one in then["features"])
    assert then["until"] == "2025-10-15"


def test_a_file_of_invented_data_says_so_in_every_feature(read_only: Path, sign_in: Any) -> None:
    answer = sign_in("information_manager").get("/map/shown.geojson")
    value = json.loads(answer.content)
    assert value["synthetic"] is True
    assert all(one["properties"]["synthetic"] is True for one in value["features"])
    assert "synthetic" in answer["Content-Disposition"]


@pytest.mark.parametrize("text", ["00000", "VILMIORA", "vilm"])
def test_ids_and_names_are_found_whatever_their_case(
    read_only: Path, sign_in: Any, text: str
) -> None:
    client = sign_in("information_manager")
    value = json.loads(client.get(f"/map/shown.geojson?layer=hazards&q={text}").content)
    assert value["features"]
    for one in value["features"]:
        words = [one["properties"]["record"], *one["properties"]["words"]]
        assert text.lower() in " ".join(words).lower()


def test_a_class_chosen_of_one_layer_leaves_the_others_as_they_are(
    read_only: Path, sign_in: Any
) -> None:
    client = sign_in("information_manager")
    query = "layer=hazards&layer=released"
    whole = json.loads(client.get(f"/map/shown.geojson?{query}").content)["features"]
    some = json.loads(client.get(f"/map/shown.geojson?{query}&class=hazards:SHA").content)
    expected = [
        one
        for one in whole
        if one["properties"]["layer"] == "released" or one["properties"]["class"] == "SHA"
    ]
    assert some["features"] == expected
    assert len(expected) < len(whole)


@pytest.mark.parametrize("status", ["untouched", "part", "done"])
def test_hazards_are_chosen_by_how_far_release_has_come(
    read_only: Path, sign_in: Any, status: str
) -> None:
    client = sign_in("information_manager")
    query = f"layer=hazards&level=reported&status={status}"
    value = json.loads(client.get(f"/map/shown.geojson?{query}").content)
    whole = json.loads(client.get("/map/shown.geojson?layer=hazards&level=reported").content)
    found = [one["properties"]["record"] for one in value["features"]]
    expected = [
        one["properties"]["record"]
        for one in whole["features"]
        if one["properties"]["status"] == status
    ]
    assert sorted(found) == sorted(expected)


def test_a_thing_on_the_map_leads_to_its_record(read_only: Path, sign_in: Any) -> None:
    client = sign_in("information_manager")
    position = map_arrays.current_position(read_only)
    names = map_arrays.open_names(read_only, position)
    layer = map_arrays.open_layer(read_only, position, "hazards").base
    number = int((layer.columns["levels"] & 8 > 0).nonzero()[0][0])
    record = names.record(int(layer.columns["record"][number]))
    path = f"/map/at/{position}/hazards/{number}"
    plain = client.get(f"{path}?level=prudent")
    drawer = client.get(path, headers={"HX-Request": "true"})
    assert plain["Location"].startswith(f"/record/{record}")
    assert "part=drawer" in drawer["Location"]


def test_pages_of_the_list_hold_everything_once(read_only: Path, sign_in: Any) -> None:
    client = sign_in("information_manager")
    seen: list[str] = []
    for number in range(1, 30):
        page = client.get(f"/map/list?layer=released&page={number}").content.decode()
        seen += re.findall(r'data-number="(\d+)"', page)
        if 'rel="next"' not in page:
            break
    value = json.loads(client.get("/map/shown.geojson?layer=released").content)
    assert len(seen) == len(set(seen)) == len(value["features"])


def test_without_webgl_the_map_is_drawn_and_moved_by_links(read_only: Path, sign_in: Any) -> None:
    client = sign_in("information_manager")
    page = client.get("/map/still").content.decode()
    (picture,) = re.findall(r'<img class="ground-picture" src="([^"]+)"', page)
    steps = re.findall(r'<a class="button plain" href="(\?[^"]+)">', page)
    drawn = client.get(picture.replace("&amp;", "&"))
    root = ET.fromstring(drawn.content)
    assert drawn["Content-Type"].startswith("image/svg+xml")
    assert root.get("width") == "960"
    assert "SYNTHETIC" in drawn.content.decode()
    assert len(steps) >= 6
    moved = client.get(f"/map/still{steps[0].replace('&amp;', '&')}").content.decode()
    assert picture not in moved


@pytest.mark.parametrize("bbox", ["1,2,3", "a,b,c,d", "5,5,1,1", "nan,0,1,1", "-999,0,1,1"])
def test_an_extent_that_is_none_is_not_used(read_only: Path, sign_in: Any, bbox: str) -> None:
    client = sign_in("information_manager")
    whole = client.get("/map/list?layer=hazards").content
    assert client.get(f"/map/list?layer=hazards&bbox={bbox}").content == whole


@pytest.mark.parametrize(
    ("text", "utm"),
    [
        ("44.25 18.5", "34T 300407 4902680"),
        ("37T 456789 5123456", "37T 456789 5123456"),
        ("37TDM5678923456", "37T 456789 5123456"),
    ],
)
def test_coordinates_are_taken_and_told_in_every_notation(
    read_only: Path, sign_in: Any, text: str, utm: str
) -> None:
    answer = sign_in("information_manager").get("/map/coordinates", {"text": text})
    assert answer.json()["utm"] == utm


@pytest.mark.parametrize("query", ["text=nowhere", "lat=91&lon=0", "lat=x&lon=0", ""])
def test_what_is_no_place_is_said_to_be_none(read_only: Path, sign_in: Any, query: str) -> None:
    answer = sign_in("information_manager").get(f"/map/coordinates?{query}")
    assert answer.status_code == 422


def test_a_past_map_is_asked_for_and_made_in_the_background(served: Path, sign_in: Any) -> None:
    client = sign_in("information_manager")
    page = client.get("/map?known=position:300")
    assert page.status_code == 422
    assert "Make this map" in page.content.decode()
    asked = client.post("/map/past", {"known": "position:300"})
    assert asked.status_code == 302
    from tilth.service.session import open_session
    from tilth.web.ground.background import map_at
    from tilth.web.jobs.models import Job, State

    made = Job.objects.get()
    assert (made.kind, made.params) == ("map_at", {"known_at": "position:300"})
    Job.objects.update(state=State.RUNNING)
    with open_session(served) as session:
        made.refresh_from_db()
        result = map_at(made, session, known_at="position:300")
    shown = client.get(result["address"])
    assert shown.status_code == 200
    assert "not on this map" in shown.content.decode()


def test_a_time_that_is_none_is_refused(read_only: Path, sign_in: Any) -> None:
    client = sign_in("information_manager")
    assert client.get("/map?known=soon").status_code == 422
    assert client.post("/map/past", {"known": "soon"}).status_code == 422


def test_before_the_first_map_the_page_says_so(served: Path, sign_in: Any) -> None:
    (map_arrays.map_folder(served) / "current.json").unlink()
    answer = sign_in("information_manager").get("/map")
    assert answer.status_code == 503
    assert "not made yet" in answer.content.decode()
