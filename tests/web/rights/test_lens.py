"""What each person reads of a whole operation, by the tables of the documentation and beyond."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from matrix import ROLES, cases
from strip import acting, grant, hazard, move, party, square, strip, task

from tilth.core.kinds.catalogue import KINDS
from tilth.core.problems import Refused
from tilth.service import papers, records, tasks
from tilth.service.choosing import Act, resolve_record
from tilth.service.deciding import carry_out, plan
from tilth.service.lens import ALL, Lens
from tilth.service.recording import say
from tilth.service.release_check import release_check
from tilth.service.session import Session
from tilth.service.viewing import View, views_of
from tilth.service.withholding import life_shown

READER = {"authority": "Blue"}
AUTHOR = {"own": "Red", "authority": "Red", "granted": "Green"}


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """The strip, for tests that say nothing."""
    with strip(tmp_path_factory.mktemp("quiet") / "strip") as session:
        yield session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with strip(tmp_path / "strip") as opened:
        yield opened


class Notes:
    """Keeps views in memory, as the server's database does."""

    def __init__(self) -> None:
        self.views: list[View] = []

    def note(self, view: View) -> None:
        self.views.append(view)

    def of_owner(self, owner: str, limit: int) -> list[View]:
        return [one for one in reversed(self.views) if one.owner == owner][:limit]


def release(session: Session, local_id: str, by: str = "RED", **fields: Any) -> str:
    """A cleared hectare of the first hazard."""
    (hazard_record,) = session.workspace.store.find_record("HA-1")
    said = {
        "local_id": local_id,
        "happened_on": "2026-02-01",
        "release_type": "cleared",
        "hazard": hazard_record,
        "shape": square(0),
        **fields,
    }
    return say(session, "released_area", said, speaking_for=by).record


def decide(session: Session, act: str, *names: str, reason: str = "checked") -> None:
    """Decide, overriding what the rule set asks for beside: it is not what is tried here."""
    try:
        planned = plan(session, Act(act, records=names, reason=reason))
    except Refused as refused:
        rules = tuple({one.code for one in refused.problems})
        if act != "approve":
            raise
        planned = plan(session, Act(act, records=names, reason=reason, override=rules))
    carry_out(session, planned)


def refusal(call: Any) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return str(refused.value.problems[0].code)


# -- the table on a whole operation --------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_each_field_is_shown_as_the_page_says(quiet: Session, role: str) -> None:
    (order,) = quiet.workspace.store.find_record("TASK-1")
    whole = {name: {one.name: "x" for one in kind.fields} for name, kind in KINDS.items()}
    expected: dict[tuple[str, str], set[str]] = {}
    for one in cases():
        if one.role == role:
            found = expected.setdefault((one.relation, one.kind), set())
            found |= {one.field} if one.expected else set()
    for (relation, kind), shown in expected.items():
        if relation == "other" and kind in ("operation", "place", "rule_set", "organisation"):
            continue  # every member reads them
        with acting(quiet, READER.get(relation, "Red"), role):
            lens = Lens(quiet)
            author = party(quiet, AUTHOR.get(relation, "White"))
            fields = dict(whole[kind])
            if relation == "concerned":
                fields["task"] = order
            given = lens.fields(
                kind, fields, author, record=f"{author}/{kind}/X", approved=relation == "open"
            )
            told = set(given) & set(whole[kind])
            assert told == shown, (relation, kind)
            assert set(lens.withheld) == set(fields) - set(given)


def test_nobody_without_a_role_reads_anything(quiet: Session) -> None:
    with acting(quiet, "Red"):
        lens = Lens(quiet)
        for kind, one in itertools.product(KINDS, ("Blue", "Red", "Green")):
            assert lens.may_read(party(quiet, one), kind, approved=True) == "none"
            assert not lens.organisations_full(kind)
        assert not lens.cuts()
        assert not lens.records_full("hazard_area")


def test_where_no_roles_are_asked_the_organisation_is(quiet: Session) -> None:
    quiet.organisation = party(quiet, "Red")
    try:
        assert Lens(quiet).may_read(party(quiet, "Red"), "victim") == "full"
        assert Lens(quiet).may_read(party(quiet, "White"), "hazard_area") == "aggregate"
    finally:
        quiet.organisation = ""


# -- orders and what they open -------------------------------------------------


def test_an_issued_order_opens_its_hazard_and_not_the_one_beside_it(quiet: Session) -> None:
    (tasked,), (beside,) = map(quiet.workspace.store.find_record, ("HA-1", "HA-2"))
    with acting(quiet, "Red", "team_leader"):
        lens = Lens(quiet)
        assert lens.sees(tasked)
        assert not lens.sees(beside)
        assert lens.records_full("hazard_area") == {tasked}
        assert lens.organisations_full("hazard_area") == {party(quiet, "Red")}
    with acting(quiet, "White", "information_manager"):
        assert not Lens(quiet).sees(tasked)


def test_a_planned_or_cancelled_order_opens_nothing(session: Session) -> None:
    (beside,) = session.workspace.store.find_record("HA-2")

    def seen() -> bool:
        with acting(session, "Red", "operations_manager"):
            return Lens(session).sees(beside)

    task(session, "TASK-2", "HA-2", "RED")
    assert not seen()
    move(session, "TASK-2", "issue")
    assert seen()
    move(session, "TASK-2", "cancel")
    assert not seen()


def test_nobody_opens_a_hazard_by_an_order_of_their_own(session: Session) -> None:
    task(session, "OWN-1", "HA-2", "RED", by="RED")
    move(session, "OWN-1", "issue", by="RED")
    (beside,) = session.workspace.store.find_record("HA-2")
    with acting(session, "Red", "information_manager"):
        assert not Lens(session).sees(beside)


# -- released land -------------------------------------------------------------


def test_released_land_opens_once_approved_and_closes_once_doubted(session: Session) -> None:
    record = release(session, "RA-1")

    def seen(name: str = "White") -> bool:
        with acting(session, name, "observer"):
            return Lens(session).sees(record)

    assert not seen()
    decide(session, "vouch", "RA-1")
    assert not seen()
    decide(session, "approve", "RA-1")
    assert seen()
    decide(session, "revoke", "RA-1", reason="an item was found")
    assert not seen()


def test_an_observer_sees_no_ring_even_of_the_own_organisation(quiet: Session) -> None:
    for name in ("Blue", "White"):
        with acting(quiet, name, "observer"):
            lens = Lens(quiet)
            for one in map(quiet.workspace.store.find_record, ("HA-1", "HA-2", "HA-W")):
                assert not lens.sees(one[0])
            assert not lens.organisations_full("hazard_area")


# -- data rights ---------------------------------------------------------------


def test_an_organisations_own_word_goes_before_the_authoritys(session: Session) -> None:
    (ring,) = session.workspace.store.find_record("HA-W")

    def seen() -> bool:
        with acting(session, "Red", "information_manager"):
            return Lens(session).sees(ring)

    grant(session, "WHITE", {"to": "*", "share": "full"}, by="Blue")
    assert seen()
    grant(session, "WHITE", {"to": "*", "share": "none"})
    assert not seen()


def test_the_authority_opens_nobodys_people_to_itself(session: Session) -> None:
    white = party(session, "White")
    line = {"to": "Blue", "share": "full", "kinds": ["victim"]}
    grant(session, "WHITE", line, by="Blue")
    with acting(session, "Blue", "information_manager"):
        assert Lens(session).may_read(white, "victim") == "aggregate"
    grant(session, "WHITE", line)
    with acting(session, "Blue", "information_manager"):
        assert Lens(session).may_read(white, "victim") == "full"


def test_who_refuses_even_sums_is_not_told_apart(session: Session) -> None:
    with acting(session, "Red", "operations_manager"):
        assert "organisation" in Lens(session).cuts()
    grant(session, "WHITE", {"to": "*", "share": "none"})
    with acting(session, "Red", "operations_manager"):
        lens = Lens(session)
        assert "organisation" not in lens.cuts()
        assert lens.may_read(party(session, "White"), "hazard_area") == "none"


# -- figures -------------------------------------------------------------------


def test_a_small_place_is_a_cut_only_for_who_reads_all_ground(quiet: Session) -> None:
    expected = {"Blue": True, "Red": False}
    for name, place in expected.items():
        with acting(quiet, name, "operations_manager"):
            assert ("place" in Lens(quiet).cuts()) == place
    with acting(quiet, "Red", "operations_manager"):
        own = Lens(quiet).cuts([party(quiet, "Red"), party(quiet, "Green")])
        assert {"place", "hazard"} <= own
    with acting(quiet, "Blue", "observer"):
        assert not {"place", "hazard"} & Lens(quiet).cuts()


def test_what_lies_behind_is_a_count_its_ground_and_its_levels(quiet: Session) -> None:
    rows = [
        {"record": quiet.workspace.store.find_record(name)[0], "area_m2": m2, "level": level}
        for name, m2, level in (
            ("HA-1", 10_000.0, "approved"),
            ("HA-2", 2_500.5, "reported"),
            ("HA-W", 400.0, "reported"),
        )
    ]
    with acting(quiet, "Red", "operations_manager"):
        rest = Lens(quiet).rest(rows)
    assert rest.rows == rows[:1]
    assert rest.behind is not None
    assert (rest.behind.count, rest.behind.area_m2) == (2, 2900.5)
    assert rest.behind.levels == {"reported": 2}
    with acting(quiet, "Blue", "operations_manager"):
        lens = Lens(quiet)
        assert lens.rest(rows).behind is None
        assert lens.organisations_full("hazard_area") is ALL


# -- the same answer -----------------------------------------------------------


def _told(session: Session, name: str, ask: Any) -> tuple[str, Any]:
    with pytest.raises(Refused) as refused:
        ask(session, name)
    (one,) = refused.value.problems
    return one.code, {key: str(value).replace(name, "X") for key, value in one.params.items()}


ASKING = {
    "resolve": resolve_record,
    "life": life_shown,
    "release check": lambda session, name: release_check(session, [name]),
    "dispute": lambda session, name: decide(session, "dispute", name),
    "revise": lambda session, name: plan(session, Act("withdraw", [name], reason="x")),
}


@pytest.mark.parametrize("asking", ASKING)
def test_what_is_not_ones_own_is_answered_like_what_is_not_there(
    quiet: Session, asking: str
) -> None:
    (whole,) = quiet.workspace.store.find_record("HA-W")
    with acting(quiet, "Red", "information_manager"):
        missing = _told(quiet, "HA-9", ASKING[asking])
        assert missing[0] == "not_readable"
        assert _told(quiet, "HA-W", ASKING[asking]) == missing
        assert _told(quiet, whole, ASKING[asking]) == missing


def test_a_statement_of_others_named_by_its_hash_is_not_there_either(quiet: Session) -> None:
    (whole,) = quiet.workspace.store.find_record("HA-W")
    (entry,) = quiet.workspace.store.of_records([whole])[whole]
    with acting(quiet, "Red", "information_manager"):
        dispute = ASKING["dispute"]
        assert _told(quiet, entry.hash, dispute) == _told(quiet, "0" * 64, dispute)


def test_a_task_of_others_is_answered_like_one_that_is_not_there(session: Session) -> None:
    task(session, "TASK-W", "HA-W", "WHITE")
    with acting(session, "Red", "operations_manager"):
        for name in ("TASK-W", "TASK-9"):
            with pytest.raises(Refused) as refused:
                tasks.find_task(session, name)
            assert refused.value.problems[0].code == "unknown_task"


def test_a_paper_about_others_is_answered_like_one_about_nothing(session: Session) -> None:
    (ring,) = session.workspace.store.find_record("HA-W")
    record = release(session, "RA-W", "WHITE", hazard=ring)
    with acting(session, "Red", "operations_manager"):
        answers = {
            refusal(lambda name=name: papers.value_of(session, "release_report", name))
            for name in ("RA-W", record, "RA-9")
        }
        assert answers == {"not_readable"}
        told = refusal(lambda: papers.value_of(session, "situation_report", "daily"))
        assert told == "document_of_all"


def test_choosing_by_a_field_finds_nothing_of_others(quiet: Session) -> None:
    wish = Act("dispute", kind="hazard_area", where={"classification": "CHA"}, reason="x")
    with acting(quiet, "Red", "information_manager"):
        chosen = plan(quiet, wish)
    (tasked,) = quiet.workspace.store.find_record("HA-1")
    assert chosen.records == 1, "the hazard of the order, none beside it"
    assert tasked.startswith(party(quiet, "Blue"))


# -- people --------------------------------------------------------------------


def victim(session: Session, name: str, by: str) -> str:
    fields = {"local_id": name, "person_name": f"Name of {name}", "outcome": "injured"}
    return say(session, "victim", fields, speaking_for=by).record


def test_a_view_of_a_protected_record_is_noted_before_it_is_shown(session: Session) -> None:
    record = victim(session, "V-1", "RED")
    session.views = notes = Notes()
    with acting(session, "Red", "information_manager", code="im9"):
        assert life_shown(session, "V-1", "page")["values"]["person_name"] == "Name of V-1"
        life_shown(session, "HA-1")
        assert [one[1:] for one in views_of(session)] == [
            (party(session, "Red"), "im9", record, party(session, "Red"), "page")
        ]
    assert len(notes.views) == 1
    with acting(session, "White", "administrator"):
        assert views_of(session) == []
    with acting(session, "Red", "operations_manager"):
        assert refusal(lambda: views_of(session)) == "role_not_permitted"


def test_what_cannot_be_noted_is_not_shown(session: Session) -> None:
    victim(session, "V-1", "RED")
    with acting(session, "Red", "information_manager"):
        assert refusal(lambda: life_shown(session, "V-1")) == "views_not_kept"


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"information_manager"}))
def test_a_victim_is_read_by_no_other_role(session: Session, role: str) -> None:
    record = victim(session, "V-1", "RED")
    session.views = Notes()
    for name in ("Red", "Blue"):
        with acting(session, name, role):
            assert refusal(lambda: life_shown(session, record)) == "not_readable"
    assert session.views.of_owner(party(session, "Red"), 9) == []


def test_a_record_is_shown_without_what_is_withheld(session: Session) -> None:
    record = release(session, "RA-1", description="by the old mill", remarks="ask Anna")
    decide(session, "vouch", "RA-1")
    decide(session, "approve", "RA-1")
    with acting(session, "White", "observer"):
        shown = life_shown(session, record)
    whole = records.life(session, record)
    assert shown["withheld"] == [
        one for one in whole["values"] if one in ("description", "remarks")
    ]
    assert "shape" in shown["values"]
    assert "old mill" not in str(shown)
    assert {line["actor"] for line in shown["life"]} == {""}


def test_a_hazard_read_by_grant_keeps_its_remarks_within(session: Session) -> None:
    hazard(session, "HA-G", 600, "GREEN")
    with acting(session, "Red", "operations_manager"):
        shown = life_shown(session, "HA-G")
    assert "shape" in shown["values"]
    assert shown["ground"]["area_m2"] > 0
