"""Search by ids, places in any script, codes and words; nothing that may not be read is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client

from tilth.core.statement import split_record_id
from tilth.service import search_index, search_kept
from tilth.service.lens import Lens
from tilth.service.recording import say
from tilth.service.search import find
from tilth.service.session import Session

SignIn = Callable[..., Client]


@pytest.fixture
def authority(ledger: Session) -> Iterator[Session]:
    """The authority's information manager."""
    ledger.organisation, ledger.actor = ledger.authority, "im1"
    ledger.roles = frozenset({"information_manager"})
    return ledger


def found(session: Session, text: str) -> list[str]:
    """Local ids of all hits, the best kind first."""
    groups = find(session, Lens(session), text, limit=50).groups
    return [hit.local_id for group in groups for hit in group.hits]


def organisation(ledger: Session, part: str) -> str:
    known = ledger.workspace.settings.organisations
    return next(one.id for one in known if part in one.name)


@pytest.mark.parametrize("typed", ["OCP-HA-000001", "ocp ha 1", "OCP HA 000001", "ocp-ha-01"])
def test_id_is_found_however_its_zeros_and_signs_are_typed(
    typed: str, read_only: Path, authority: Session
) -> None:
    assert found(authority, typed)[0] == "OCP-HA-000001"


def test_full_id_and_order_number_are_found(read_only: Path, authority: Session) -> None:
    rows = authority.workspace.store.select("task", ["record", "local_id", "order_number"])
    record, local, number = next(rows)
    assert found(authority, record) == [local]
    assert found(authority, number)[0] == local


@pytest.mark.parametrize(
    "typed", ["Vilmiora", "vilmiora", "Вилмиора", "Вілміора", "VILMIÓRA", "ڤلميورا", "Vilmyora"]
)
def test_place_is_found_in_any_script_with_what_lies_there(
    typed: str, read_only: Path, authority: Session
) -> None:
    hits = found(authority, typed)
    assert "OR0102" in hits
    assert any(one.startswith("HO-") for one in hits), "handovers name the place by its code only"


def test_misspelt_word_is_told_with_what_was_taken_for_it(
    read_only: Path, authority: Session
) -> None:
    told = find(authority, Lens(authority), "vilmjoara")
    assert told.total > 0
    assert told.similar == ("vilmiora",)


def test_every_word_has_to_be_there(read_only: Path, authority: Session) -> None:
    assert found(authority, "vilmiora zzzz") == []


def test_what_may_not_be_read_gives_no_hit_no_count_and_no_spelling(
    read_only: Path, ledger: Session
) -> None:
    hazards = ledger.workspace.store.select("hazard_area", ["record", "name"], {"act": "record"})
    plough = organisation(ledger, "Plough")
    record, name = next(row for row in hazards if str(row[0]).startswith(plough))
    ledger.organisation = organisation(ledger, "Green")
    ledger.roles = frozenset({"observer"})
    for text in (split_record_id(record)[2], record, name, name[:-2] + "x"):
        told = find(ledger, Lens(ledger), text)
        kinds = {group.kind for group in told.groups}
        assert "hazard_area" not in kinds, text
        assert record not in {hit.record for group in told.groups for hit in group.hits}


def test_word_of_a_withheld_field_finds_nothing(served: Path, ledger: Session) -> None:
    ledger.actor = "im1"
    place = {"local_id": "PX-1", "code": "PX-1", "name": "Openplace", "remarks": "quietword"}
    say(ledger, "place", place)
    ledger.organisation = ledger.authority
    assert found(ledger, "quietword") == ["PX-1"]
    ledger.organisation = organisation(ledger, "Green")
    ledger.roles = frozenset({"information_manager"})
    assert found(ledger, "openplace") == ["PX-1"]
    assert found(ledger, "quietword") == []
    assert found(ledger, "openplace quietword") == []


def test_person_is_found_by_code_within_the_organisation_only(
    served: Path, ledger: Session
) -> None:
    ledger.actor = "im1"
    person = {"code": "PV-17", "name": "Never Shown", "sex": "female"}
    record = say(ledger, "person", person).record
    ledger.organisation, ledger.roles = ledger.own, frozenset({"information_manager"})
    told = find(ledger, Lens(ledger), "pv-17")
    assert [hit.local_id for group in told.groups for hit in group.hits] == ["PV-17"]
    assert found(ledger, "never shown") == []
    ledger.organisation = organisation(ledger, "Green")
    assert record not in str(find(ledger, Lens(ledger), "PV-17"))


def test_shelf_written_by_the_keeper_gives_the_same_as_reading_the_log(
    served: Path, authority: Session
) -> None:
    words = ("OCP-HA-1", "vilmiora", "Вилмиора", "2025", "clearance team")
    (served / "derived" / "search.shelf").unlink(missing_ok=True)
    before = [find(authority, Lens(authority), one, limit=50) for one in words]
    shelf = search_index.taken(authority, search_index.Builder()).shelf()
    search_index.written(authority, shelf)
    authority.remembered.pop("search")
    assert search_index.read_shelf(authority) is not None
    assert [find(authority, Lens(authority), one, limit=50) for one in words] == before


def test_what_was_said_since_the_shelf_is_found_at_once(served: Path, authority: Session) -> None:
    search_kept.publish(SimpleNamespace(session=authority, pace=Hurried()))
    assert found(authority, "zorblatt") == []
    place = {"local_id": "ZB-1", "name": "Zorblatt", "code": "ZB-1"}
    say(authority, "place", place)
    assert found(authority, "zorblatt") == ["ZB-1"]


def test_shelf_of_another_log_is_not_taken(served: Path, authority: Session) -> None:
    shelf = search_index.taken(authority, search_index.Builder()).shelf()
    shelf.last = "0" * 64
    search_index.written(authority, shelf)
    assert search_index.read_shelf(authority) is None


class Hurried:
    """Pace of a keeper to which everything is due."""

    def due(self, current: object, name: str) -> bool:
        return True

    def at(self, current: object, name: str, **_: float) -> object:
        from contextlib import nullcontext

        return nullcontext()


# -- the page --------------------------------------------------------------------------------------


def test_hits_are_grouped_with_level_place_and_organisation(
    read_only: Path, sign_in: SignIn
) -> None:
    text = sign_in().get("/search?q=vilmiora").content.decode()
    assert 'id="g-hazard_area"' in text
    assert "mark-approved" in text
    assert "Green Furrow" in text
    assert "kind=hazard_area" in text


def test_one_kind_is_paged(read_only: Path, sign_in: SignIn) -> None:
    client = sign_in()
    first = client.get("/search?q=OCP&kind=clearance_report").content.decode()
    second = client.get("/search?q=OCP&kind=clearance_report&page=2").content.decode()
    assert first.count('class="hit"') == 40
    assert "page=2" in first
    assert set(second.split('href="')) & set(first.split('href="')) != set(second.split('href="'))


def test_exact_id_typed_in_the_box_opens_the_record(read_only: Path, sign_in: SignIn) -> None:
    client = sign_in()
    page = client.get("/search?q=ocp-ha-000001&level=prudent")
    assert page.status_code == 302
    assert page["Location"].endswith("/hazard_area/OCP-HA-000001?level=prudent")
    assert client.get("/search?q=OCP-HA-000001&all=1").status_code == 200


def test_nothing_found_gives_hints_and_says_no_more(read_only: Path, sign_in: SignIn) -> None:
    text = sign_in().get("/search?q=<b>qqqq</b>").content.decode()
    assert "Nothing that you may read is called" in text
    assert "<b>qqqq" not in text


def test_options_of_a_field_are_of_its_kind(read_only: Path, sign_in: SignIn) -> None:
    text = sign_in().get("/search/options?kind=task&f-task=TO-00001").content.decode()
    assert text.count("<option") >= 1
    assert "/task/TO-00001" in text
    assert "/hazard_area/" not in text
