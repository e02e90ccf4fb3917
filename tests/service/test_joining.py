"""Several organisations in one workspace, each with its own log."""

from __future__ import annotations

from pathlib import Path

import pytest

from tilth.core.geometry.frame import Frame
from tilth.core.problems import Refused
from tilth.core.statement import parse_header
from tilth.service.joining import join
from tilth.service.recording import revise, say
from tilth.service.records import erase_records
from tilth.service.register import register_of
from tilth.service.session import Session, open_session
from tilth.service.upkeep import found


@pytest.fixture
def session(tmp_path: Path):
    found(tmp_path / "work", organisation="Ministry", authority="Authority of the other state")
    with open_session(tmp_path / "work", actor="im1") as opened:
        yield opened


def refused(session: Session, *arguments: str, **options: str) -> list[str]:
    with pytest.raises(Refused) as told:
        join(session, *arguments, **options)
    return [one.code for one in told.value.problems]


def test_who_joins_speaks_in_a_log_of_its_own(session: Session) -> None:
    joined = join(session, "Blue Clearance", code="BLUE", roles=["operator", "ngo"], state="Far")
    said = say(session, "team", {"code": "T1", "name": "One"}, speaking_for="BLUE")
    entry = session.workspace.store.by_hash([said.statement])[said.statement]
    assert parse_header(entry.header).organisation == joined.organisation
    assert {log.split("/")[2] for log in session.workspace.logs()} >= {joined.organisation}
    assert register_of(session).organisation_of("BLUE") == joined.organisation
    assert session.workspace.verify().problem is None


def test_roles_count_once_the_authority_gives_them(session: Session) -> None:
    join(session, "Blue Clearance", code="BLUE", roles=["quality_body"])
    assert register_of(session).roles("BLUE") == frozenset(), "the ministry is not the authority"
    join(session, "Authority of the other state", code="NMAA", roles=["authority"])
    record = register_of(session).find("organisation", "BLUE")
    assert record is not None
    assert "authority" in register_of(session).roles("NMAA")


def test_an_authority_that_was_only_named_gets_the_log_of_its_own_id(session: Session) -> None:
    joined = join(session, "Authority of the other state", code="NMAA", roles=["authority"])
    assert joined.organisation == session.authority


def test_nobody_joins_twice_or_without_a_name(session: Session) -> None:
    join(session, "Blue Clearance", code="BLUE")
    assert refused(session, "Blue Clearance") == ["organisation_here"]
    assert refused(session, "Another", code="BLUE") == ["organisation_here"]
    with pytest.raises(Refused) as taken:
        join(session, "Another", code="BLUE")
    assert taken.value.problems[0].where == "BLUE", "it is the code that is taken"
    assert refused(session, "Ministry") == ["organisation_here"]
    assert refused(session, " ") == ["name_missing"]


def test_a_role_that_is_none_is_refused_before_a_log_is_begun(session: Session) -> None:
    logs = session.workspace.logs()
    with pytest.raises(Refused):
        join(session, "Blue Clearance", on="yesterday")
    assert session.workspace.logs() == logs


def test_a_person_is_erased_in_the_log_of_the_organisation_that_named_them(
    session: Session,
) -> None:
    blue = join(session, "Blue Clearance", code="BLUE").organisation
    said = say(session, "person", {"code": "B-1", "name": "Somebody"}, speaking_for="BLUE")
    erase_records(session, [said.record], "Asked for by the person")
    last = session.workspace.store.entries_at([session.workspace.store.last_seq()])[0]
    header = parse_header(last.header)
    assert (header.act, header.organisation, header.record) == ("erase", blue, said.record)


def test_nobody_moves_the_frame_or_the_settings_of_the_authority(tmp_path: Path) -> None:
    found(tmp_path / "work", organisation="Authority", operation="Strip 7")
    with open_session(tmp_path / "work", actor="im1") as session:
        join(session, "Blue", code="BLUE")
        early = {"local_id": "operation", "frame_longitude_nd": 7, "frame_latitude_nd": 7}
        say(session, "operation", {**early, "extension_distance_m": 9000}, speaking_for="BLUE")
        before = session.operation_fields()
        assert session.frame() == Frame(7, 7), "nobody else has fixed it"
        assert before["name"] == "Strip 7"
        assert "extension_distance_m" not in before, "this is the authority's to say"
        late = {"frame_longitude_nd": 36_000_000_000, "frame_latitude_nd": 50_000_000_000}
        revise(session, f"{session.own}/operation/operation", late, "2026-03-01")
        fields = {"name": "Mine", "frame_longitude_nd": 8}
        known = session.workspace.store.find_record("operation")
        (blue,) = (one for one in known if not one.startswith(session.own))
        revise(session, blue, fields, "2026-03-02")
        assert session.frame() == Frame(*late.values())
        assert session.operation_fields()["name"] == "Strip 7"
