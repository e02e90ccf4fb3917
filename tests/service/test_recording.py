"""Single records said, corrected and revised through the service."""

from __future__ import annotations

from pathlib import Path

import pytest

from tilth.core.problems import Problem, Refused
from tilth.core.statement import parse_header
from tilth.service.deciding import Act, plan
from tilth.service.guarding import settle
from tilth.service.recording import correct, revise, say, say_many
from tilth.service.records import life
from tilth.service.register import held, held_where, register_of
from tilth.service.session import Session, open_session
from tilth.service.upkeep import found
from tilth.store.settings import Party

RED = Party("ab" * 16, "Red")
FIELD = {
    "type": "Polygon",
    "coordinates": [
        [[0, 0], [10**6, 0], [10**6, 10**6], [0, 10**6], [0, 0]],
    ],
}


@pytest.fixture
def session(tmp_path: Path):
    found(tmp_path / "work", organisation="Ministry")
    with open_session(tmp_path / "work", actor="im1") as opened:
        yield opened


def test_what_is_missing_is_added_and_what_lacks_is_told(session: Session) -> None:
    said = say(session, "accident", {"accident_type": "civil"})
    fields = held(session, [said.record])[said.record].fields
    assert said.local_id == "ACCIDENT-0001"
    assert fields["happened_on"] == session.today()
    assert fields["organisation"] == "Ministry"
    assert "device" in said.missing


def test_numbers_of_records_do_not_repeat(session: Session) -> None:
    rows = [("accident", {"accident_type": "civil"})] * 3
    names = [one.local_id for one in say_many(session, rows)]
    names.append(say(session, "accident", {"accident_type": "civil"}).local_id)
    assert names == [f"ACCIDENT-000{n}" for n in (1, 2, 3, 4)]


def test_a_correction_keeps_what_it_does_not_name_and_takes_away_what_it_is_told(
    session: Session,
) -> None:
    said = say(session, "accident", {"accident_type": "civil", "killed": 1, "injured": 2})
    correct(session, said.local_id, {"killed": 2, "injured": None})
    fields = held(session, [said.record])[said.record].fields
    assert (fields["accident_type"], fields["killed"]) == ("civil", 2)
    assert "injured" not in fields


def test_the_operation_of_march_is_not_that_of_june(session: Session) -> None:
    said = say(
        session, "project", {"local_id": "P1", "donor": "First", "happened_on": "2026-03-01"}
    )
    revise(session, "P1", {"donor": "Second"}, "2026-06-01")
    project = register_of(session).of("project")[said.record]
    assert project.at("2026-05-31")["donor"] == "First"
    assert project.at("2026-06-01")["donor"] == "Second"


def test_all_or_nothing(session: Session) -> None:
    last = session.workspace.store.last_seq()
    rows = [
        ("accident", {"accident_type": "civil"}),
        ("accident", {"accident_type": "no such type", "local_id": "A2"}),
        ("accident", {"killed": -1, "local_id": "A3"}),
    ]
    with pytest.raises(Refused) as refused:
        say_many(session, rows)
    assert {one.where.split(",")[0] for one in refused.value.problems} == {"A2", "A3"}
    assert session.workspace.store.last_seq() == last


def test_a_record_is_said_once(session: Session) -> None:
    say(session, "accident", {"local_id": "A1", "accident_type": "civil"})
    with pytest.raises(Refused) as refused:
        say(session, "accident", {"local_id": "A1", "accident_type": "demining"})
    assert [one.code for one in refused.value.problems] == ["record_taken"]


def test_people_are_kept_in_the_vault_and_found_by_their_id(session: Session) -> None:
    said = say(session, "victim", {"local_id": "V-1", "outcome": "injured"})
    again = correct(session, "V-1", {"outcome": "killed"})
    assert again.record == said.record
    assert "V-1" not in said.record
    entry = session.workspace.store.by_hash([again.statement])[again.statement]
    assert b"killed" not in (entry.content or b"")
    assert held(session, [said.record])[said.record].fields.keys() == {"commitment"}


def test_one_speaks_for_an_organisation_whose_key_is_here_and_for_no_other(
    session: Session,
) -> None:
    session.workspace.open_log(RED, actor="red1")
    session.remembered.clear()
    said = say(session, "accident", {"accident_type": "civil"}, speaking_for="Red")
    entry = session.workspace.store.by_hash([said.statement])[said.statement]
    assert parse_header(entry.header).organisation == RED.id
    with pytest.raises(Refused) as refused:
        say(session, "accident", {"accident_type": "civil"}, speaking_for="Blue")
    assert [one.code for one in refused.value.problems] == ["organisation_unknown"]


def test_nothing_is_said_by_nobody(session: Session) -> None:
    session.actor = ""
    with pytest.raises(Refused) as refused:
        say(session, "accident", {"accident_type": "civil"})
    assert [one.code for one in refused.value.problems] == ["actor_missing"]


def test_records_are_found_by_what_they_say_now(session: Session) -> None:
    say(session, "accident", {"local_id": "A1", "accident_type": "civil"})
    say(session, "accident", {"local_id": "A2", "accident_type": "demining"})
    correct(session, "A2", {"accident_type": "civil"})
    correct(session, "A1", {"accident_type": "demining"})
    found_now = held_where(session, "accident", "accident_type", "civil")
    assert [one.local_id for one in found_now.values()] == ["A2"]


IN_THE_WAY = (Problem("unknown_record", "H1"), Problem("unknown_record", "H2"))


def test_a_guard_refuses_with_everything_that_stands_in_the_way() -> None:
    with pytest.raises(Refused) as refused:
        settle(IN_THE_WAY, [], "")
    assert refused.value.problems == IN_THE_WAY


def test_an_override_needs_a_reason_and_names_what_it_overrides() -> None:
    with pytest.raises(Refused) as refused:
        settle(IN_THE_WAY, ["unknown_record"], " ")
    assert [one.code for one in refused.value.problems] == ["override_needs_reason"]
    assert settle(IN_THE_WAY, ["unknown_record"], "Paper form seen") == [
        {"rule": "unknown_record", "record": "H1"},
        {"rule": "unknown_record", "record": "H2"},
    ]


def test_an_override_of_nothing_is_refused_and_a_slip_cannot_be_overridden() -> None:
    with pytest.raises(Refused) as refused:
        settle((), ["unknown_record"], "Why not")
    assert [one.code for one in refused.value.problems] == ["override_not_needed"]
    slip = Problem("beyond_possible", "R1")
    with pytest.raises(Refused) as refused:
        settle((slip, *IN_THE_WAY), True, "Why not")
    assert refused.value.problems == (slip,)


def test_a_release_is_not_revoked_from_a_day_before_it(session: Session) -> None:
    fields = {
        "local_id": "RA-1",
        "release_type": "cleared",
        "happened_on": "2026-04-10",
        "shape": FIELD,
    }
    say(session, "released_area", fields)
    for on, code in (("2026-03-01", "revoked_before_release"), ("2026-04", ""), ("2026-05-01", "")):
        act = Act("revoke", ["RA-1"], reason="A mine was found", on=on)
        if code:
            with pytest.raises(Refused) as refused:
                plan(session, act)
            assert [one.code for one in refused.value.problems] == [code]
        else:
            assert plan(session, act).statements == 1


def test_a_record_is_shown_with_the_ids_that_people_know(session: Session) -> None:
    say(session, "team", {"local_id": "U-1", "code": "U-1"})
    above = f"{session.own}/team/U-1"
    say(session, "team", {"local_id": "T-1", "code": "T-1", "parent": above})
    shown = life(session, "T-1")
    assert next(one["value"] for one in shown["fields"] if one["name"] == "parent") == "U-1"
    assert shown["values"]["parent"] == above
