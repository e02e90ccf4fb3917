"""What waits to be decided and what is decided of it, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tilth.core.geometry.frame import Frame
from tilth.core.problems import Refused
from tilth.service import inbox, inbox_book
from tilth.service.deciding import Act, carry_out, plan
from tilth.service.inbox import Filter
from tilth.service.inbox_acts import Seen, decide, undo_decision
from tilth.service.inbox_book import WaitingBook, waiting_book
from tilth.service.inbox_lines import Line
from tilth.service.lens import Lens
from tilth.service.recording import correct, revise, say
from tilth.service.records import name_record
from tilth.service.session import Session, open_session
from tilth.service.upkeep import found
from tilth.store.opening import DATABASE_VARIABLE
from tilth.store.settings import Party

RED = "ab" * 16
BLUE = "cd" * 16
E9 = 1_000_000_000


def square(east: float, north: float, side: float = 0.001) -> dict[str, Any]:
    """About 111 m by 71 m in the middle latitudes."""
    x0, y0 = round((36 + east) * E9), round((50 + north) * E9)
    x1, y1 = round((36 + east + side) * E9), round((50 + north + side) * E9)
    return {"type": "Polygon", "coordinates": [[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]]}


class Desk:
    """A server's workspace with an authority and two operators; people take turns at it."""

    def __init__(self, folder: Path, store: str) -> None:
        self.folder = folder
        found(folder, organisation="Authority", store=store)
        self.sessions: list[Session] = []
        with open_session(folder, actor="init") as session:
            session.workspace.open_log(Party(RED, "Red"), actor="init")
            session.workspace.open_log(Party(BLUE, "Blue"), actor="init")
            session.fix_frame(Frame(36 * E9, 50 * E9))
            self.authority = session.authority

    def sit(
        self, organisation: str = "", actor: str = "im1", role: str = "information_manager"
    ) -> Session:
        """A process of its own for somebody."""
        session = open_session(self.folder, actor=actor)
        session.organisation = organisation or self.authority
        session.roles = frozenset({role})
        self.sessions.append(session)
        return session

    def close(self) -> None:
        for session in self.sessions:
            session.workspace.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Desk]:
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_VARIABLE, request.getfixturevalue("postgres_address"))
    made = Desk(tmp_path / "work", request.param)
    yield made
    made.close()


def hazard(session: Session, name: str, at: float = 0.0, **fields: Any) -> str:
    given = {"local_id": name, "happened_on": "2026-03-01", "classification": "SHA", **fields}
    return say(session, "hazard_area", {**given, "shape": square(at, at)}).record


def report(session: Session, name: str, **fields: Any) -> str:
    given = {"local_id": name, "happened_on": "2026-03-02", "hazard": "HA-1", "place": "Dry Creek"}
    items = [{"category": "ap_mine", "model": "PMN", "quantity": 3}]
    return say(session, "clearance_report", {**given, "items": items, **fields}).record


def lines(session: Session, **wanted: Any) -> list[Line]:
    return inbox.chosen_lines(session, Lens(session), Filter(**wanted))


def states(session: Session) -> dict[str, str]:
    return {one.local_id: one.state for one in lines(session)}


def seen(session: Session, **wanted: Any) -> list[Seen]:
    return [Seen(one.record, one.statement, one.state) for one in lines(session, **wanted)]


# -- what waits ------------------------------------------------------------------------------------


def test_every_state_a_report_can_wait_in(desk: Desk) -> None:
    red, boss = desk.sit(RED, "red-im1"), desk.sit()
    checker = desk.sit(RED, "red-qo1", "quality_officer")
    for name in ("submitted", "verified", "corrected", "returned", "withdrawn", "approved"):
        report(red, name)
    report(red, "never checked")
    decide(checker, "vouch", seen(checker, text="verified"))
    for name in ("corrected", "withdrawn", "approved"):
        decide(boss, "approve", seen(boss, text=name))
    correct(red, "corrected", {"place": "Wet Creek"})
    for name in ("withdrawn", "never checked"):
        carry_out(red, plan(red, Act("withdraw", records=[name], reason="twice in the file")))
    decide(boss, "return", seen(boss, text="returned"), "The polygon lies in the lake")
    assert states(boss) == {
        name: name for name in ("submitted", "verified", "corrected", "returned", "withdrawn")
    }
    # somebody who reads it for the first time finds the same
    assert states(desk.sit()) == states(boss)


def test_two_corrections_of_one_statement_are_contested_until_one_is_approved(desk: Desk) -> None:
    red, boss = desk.sit(RED, "red-im1"), desk.sit()
    report(red, "CR-1")
    (first,) = lines(boss)
    drafts = [
        red.draft(
            "correct",
            "clearance_report",
            {"local_id": "CR-1", "happened_on": "2026-03-02", "place": place},
            record=first.record,
            replaces=(first.statement,),
            happened_on="2026-03-02",
        )
        for place in ("North", "South")
    ]
    red.workspace.append(drafts, log=red.log)
    (line,) = lines(boss)
    assert line.state == "contested"
    assert len(line.rivals) == 2
    chosen = line.rivals[1]
    with_checker = decide(
        desk.sit(RED, "red-qo1"), "vouch", [Seen(line.record, chosen, "contested")]
    )
    assert [one.problem.code for one in with_checker.refused] == ["choose_one"]
    done = decide(boss, "approve", [Seen(line.record, chosen, "contested")])
    assert [one.statement for one in done.done] == [chosen]
    assert lines(boss) == []


def test_whose_turn_it_is(desk: Desk) -> None:
    red, boss = desk.sit(RED, "red-im1"), desk.sit()
    for name in ("CR-1", "CR-2", "CR-3"):
        report(red, name)
    decide(desk.sit(RED, "red-qo1"), "vouch", seen(red, text="cr-2"))
    decide(boss, "return", seen(boss, text="cr-3"), "No team is named")
    assert {one.local_id for one in lines(red, turn="mine")} == {"CR-1", "CR-3"}
    assert {one.local_id for one in lines(boss, turn="mine")} == {"CR-2"}


def test_an_organisation_sees_its_own_and_the_authority_everything(desk: Desk) -> None:
    red, blue, boss = desk.sit(RED, "red-im1"), desk.sit(BLUE, "blue-im1"), desk.sit()
    report(red, "CR-R")
    hazard(blue, "HA-B")
    assert set(states(red)) == {"CR-R"}
    assert set(states(blue)) == {"HA-B"}
    assert set(states(boss)) == {"CR-R", "HA-B"}
    behind = inbox.counts(red, Lens(red)).behind
    assert behind is not None
    assert (behind.count, behind.area_m2) == (1, pytest.approx(7974.9, rel=1e-3))
    visitor = desk.sit(RED, "red-ob1", "observer")
    assert states(visitor) == {}


def test_filters_and_their_counts(desk: Desk) -> None:
    red, blue, boss = desk.sit(RED, "red-im1"), desk.sit(BLUE, "blue-im1"), desk.sit()
    hazard(red, "HA-1")
    report(red, "CR-1")
    report(blue, "CR-2", place="Wet Creek")
    say(red, "team", {"local_id": "T-1", "name": "One"})
    name_record(boss, "CR-2", "NAT/0042")
    counted = inbox.counts(boss, Lens(boss))
    assert counted.states == {"submitted": 3}
    assert counted.kinds["clearance_report"] == 2
    assert counted.organisations == {RED: 2, BLUE: 1}
    assert (counted.total, counted.pieces) == (3, 6)
    assert "team" in counted.kinds  # told, and not among what has to be decided
    assert counted.codes == {"incomplete": 3}

    def named(**wanted: Any) -> set[str]:
        return {one.local_id for one in lines(boss, **wanted)}

    assert named(kind="hazard_area") == {"HA-1"}
    assert named(kind="team") == {"T-1"}
    assert named(everything=True) > {"T-1", "HA-1"}
    assert named(organisation=BLUE) == {"CR-2"}
    assert named(actor="red-im1") == {"HA-1", "CR-1"}
    assert named(place="Wet Creek") == {"CR-2"}
    assert named(text="nat/0042") == {"CR-2"}
    assert named(text="HA-1 dry") == {"CR-1"}
    assert named(text="HA-1 wet") == {"CR-2"}
    assert named(code="incomplete", kind="hazard_area") == {"HA-1"}
    assert named(received_to="2020-01-01") == set()
    assert named(received_from="2020-01-01") == {"HA-1", "CR-1", "CR-2"}
    with pytest.raises(Refused, match="bad_filter"):
        named(state="lost")


def test_pages_hold_each_line_once_whatever_is_decided_between(desk: Desk) -> None:
    red, boss = desk.sit(RED, "red-im1"), desk.sit()
    for number in range(9):
        hazard(red, f"HA-{number}", number / 100, shape=None)
    lens = Lens(boss)
    for sort in inbox.SORTS:
        wanted, after, met = Filter(sort=sort), "", []
        while True:
            page = inbox.waiting(boss, lens, wanted, after, size=4)
            met += [row.line.local_id for row in page.rows]
            after = page.after
            if not after:
                break
        assert sorted(met) == [f"HA-{number}" for number in range(9)]
    first = inbox.waiting(boss, lens, Filter(), size=4)
    second = inbox.waiting(boss, lens, Filter(), first.after, size=4)
    decide(boss, "approve", [Seen(row.line.record, row.line.statement) for row in first.rows[:2]])
    again = inbox.waiting(boss, lens, Filter(), first.after, size=4)
    assert [row.line for row in again.rows] == [row.line for row in second.rows]
    assert second.before == ""
    assert (first.before, first.first, second.first) == (None, 1, 5)


def _rebuilt(session: Session) -> set[Line]:
    book = WaitingBook()
    inbox_book._read_all(session, book, session.workspace.store.last_seq())
    return {one for one in book.lines if one is not None}


@pytest.mark.parametrize("seed", range(2))
def test_what_is_brought_forward_is_what_a_new_reading_finds(desk: Desk, seed: int) -> None:
    """Random acts, one after the other or several at once, against the log read anew."""
    random, people = Random(seed), [desk.sit(RED, "red-im1"), desk.sit(RED, "red-im2")]
    boss, watcher, taken = desk.sit(), desk.sit(), []
    waiting_book(watcher)

    def speak() -> None:
        hazard(people[0], f"HA-{len(boss.workspace.store.find_record('x'))}-{random.random()}")

    def change() -> None:
        names = [one.record for one in lines(boss)]
        if names:
            name = random.choice(names)
            act: Callable[[], object] = random.choice(
                [
                    lambda: correct(people[0], name, {"place": str(random.random())}),
                    lambda: revise(people[0], name, {"status": "closed"}, "2026-04-01"),
                    lambda: carry_out(
                        people[0], plan(people[0], Act("withdraw", records=[name], reason="r"))
                    ),
                ]
            )
            act()

    def judge() -> None:
        who, act = random.choice([(people[1], "vouch"), (boss, "approve"), (boss, "return")])
        some = seen(who)
        if some:
            chosen = random.sample(some, random.randint(1, len(some)))
            taken.append((who, decide(who, act, chosen, "because").decisions))

    def take_back() -> None:
        if taken:
            who, decisions = taken.pop(random.randrange(len(taken)))
            if decisions:
                undo_decision(who, decisions, "wrong paper")

    for _ in range(30):
        try:
            random.choice([speak, change, judge, take_back])()
        except Refused:
            continue
        if random.random() < 0.6:
            known = {one for one in waiting_book(watcher).lines if one is not None}
            assert known == _rebuilt(watcher)
    assert {one for one in waiting_book(watcher).lines if one is not None} == _rebuilt(watcher)


def test_lines_are_kept_for_other_processes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_book, "_WORTH_KEEPING", 3)
    monkeypatch.setattr(inbox_book, "_PART", 2)
    red = desk.sit(RED, "red-im1")
    for number in range(5):
        hazard(red, f"HA-{number}", number / 100)
    decide(desk.sit(RED, "red-qo1"), "vouch", seen(red)[:1])
    there = {one for one in waiting_book(red).lines if one is not None}

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(inbox_book, "_read_all", never)
    fresh = desk.sit(RED, "red-im2")
    assert {one for one in waiting_book(fresh).lines if one is not None} == there
    assert waiting_book(fresh).decided[RED].actor == "red-qo1"
    # what was kept of another log, after a backup was restored, is not taken for this one's
    monkeypatch.setattr(inbox_book, "_leaf", lambda *_: "another")
    with pytest.raises(AssertionError):
        waiting_book(desk.sit(RED, "red-im3"))


# -- deciding --------------------------------------------------------------------------------------


def test_nothing_is_decided_of_what_was_corrected_since_and_the_others_go_through(
    desk: Desk,
) -> None:
    red, boss = desk.sit(RED, "red-im1"), desk.sit()
    for name in ("CR-1", "CR-2", "CR-3"):
        report(red, name)
    on_screen = seen(boss)
    spoken = correct(red, "CR-2", {"place": "Wet Creek"})
    told = decide(boss, "approve", on_screen)
    assert {one.record.rsplit("/", 1)[1] for one in told.done} == {"CR-1", "CR-3"}
    (changed,) = told.changed_since
    assert (changed.now, changed.statement) == (spoken.statement, on_screen[1].statement)
    assert states(boss) == {"CR-2": "submitted"}


def test_the_second_officer_is_told_who_decided(desk: Desk) -> None:
    red, one, other = desk.sit(RED, "red-im1"), desk.sit(actor="im1"), desk.sit(actor="im2")
    report(red, "CR-1")
    report(red, "CR-2")
    on_screen = seen(one)
    decide(one, "return", on_screen[:1], "No team is named")
    told = decide(other, "approve", on_screen)
    assert [x.statement for x in told.done] == [on_screen[1].statement]
    (already,) = told.already
    assert (already.act, already.actor, already.organisation) == ("return", "im1", "Authority")
    assert already.at
    # and a double click decides nothing twice
    again = decide(other, "approve", on_screen)
    assert (again.done, len(again.already)) == ((), 2)


def test_two_officers_who_decide_at_once_decide_each_report_once(desk: Desk) -> None:
    red = desk.sit(RED, "red-im1")
    for number in range(30):
        report(red, f"CR-{number}")
    officers = [desk.sit(actor=f"im{number}") for number in range(3)]
    on_screen = seen(officers[0])
    told: list[Any] = []
    ready = threading.Barrier(len(officers))

    def act(session: Session, name: str) -> None:
        ready.wait()
        told.append(decide(session, name, on_screen, "at the same time"))

    acts = ("approve", "return", "approve")
    threads = [threading.Thread(target=act, args=pair) for pair in zip(officers, acts, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(one.done) for one in told) == 30
    assert sorted(len(one.already) for one in told) == [0, 30, 30]
    first = next(one for one in told if one.done)
    assert {one.act for other in told for one in other.already} == {first.act}


def test_a_colleague_may_verify_while_the_authority_approves(desk: Desk) -> None:
    red, boss = desk.sit(RED, "red-im1"), desk.sit()
    report(red, "CR-1")
    on_screen = seen(boss)
    decide(desk.sit(RED, "red-qo1"), "vouch", on_screen)
    assert len(decide(boss, "approve", on_screen).done) == 1


def test_one_guard_in_the_way_leaves_the_others_through(desk: Desk) -> None:
    red, boss = desk.sit(RED, "red-im1"), desk.sit()
    hazard(red, "HA-1", classification="CHA")
    hazard(red, "HA-2")
    told = decide(boss, "approve", seen(boss))
    assert [one.record.rsplit("/", 1)[1] for one in told.done] == ["HA-2"]
    assert [one.problem.code for one in told.refused] == ["cha_without_direct_evidence"]
    with pytest.raises(Refused, match="override_needs_reason"):
        decide(boss, "approve", seen(boss), override=["cha_without_direct_evidence"])
    again = decide(
        boss, "approve", seen(boss), "Seen by the governor", ["cha_without_direct_evidence"]
    )
    assert len(again.done) == 1
    entry = boss.workspace.store.by_hash(again.decisions)[again.decisions[0]]
    (line,) = boss.fields_of(entry)["overrides"]
    assert line["rule"] == "cha_without_direct_evidence"


def test_what_is_not_possible_no_reason_overrides(desk: Desk) -> None:
    red, boss = desk.sit(RED, "red-im1"), desk.sit()
    report(red, "CR-1", methods=["manual"], personnel=1, processed_area_m2="1276300000")
    told = decide(boss, "approve", seen(boss), "It is so", ["beyond_possible"])
    assert told.done == ()
    assert "beyond_possible" in {one.problem.code for one in told.refused}


@pytest.mark.parametrize(
    ("organisation", "role", "act", "code"),
    [
        (RED, "information_manager", "approve", "not_permitted"),
        (RED, "team_leader", "vouch", "role_not_permitted"),
        (BLUE, "information_manager", "vouch", "not_permitted"),
        (BLUE, "information_manager", "return", "not_permitted"),
        ("", "quality_officer", "approve", "role_not_permitted"),
        ("", "information_manager", "vouch", "not_permitted"),
    ],
)
def test_who_may_not_decide(desk: Desk, organisation: str, role: str, act: str, code: str) -> None:
    red = desk.sit(RED, "red-im1")
    report(red, "CR-1")
    told = decide(desk.sit(organisation, "x1", role), act, seen(red), "because")
    assert [one.problem.code for one in told.refused] == [code]
    assert states(red) == {"CR-1": "submitted"}


def test_nobody_verifies_what_they_said_themselves_without_a_reason(desk: Desk) -> None:
    red = desk.sit(RED, "red-im1")
    report(red, "CR-1")
    told = decide(red, "vouch", seen(red))
    assert [one.problem.code for one in told.refused] == ["own_statement"]
    assert len(decide(red, "vouch", seen(red), "Nobody else is on duty").done) == 1


def test_an_act_is_taken_back_and_the_reports_wait_again(desk: Desk) -> None:
    red, boss = desk.sit(RED, "red-im1"), desk.sit()
    for name in ("CR-1", "CR-2"):
        report(red, name)
    told = decide(boss, "approve", seen(boss))
    assert states(boss) == {}
    assert undo_decision(boss, told.decisions, "Approved the wrong batch") == 1
    assert states(boss) == {"CR-1": "submitted", "CR-2": "submitted"}


def test_a_withdrawal_that_is_approved_ends_the_record(desk: Desk) -> None:
    red, boss = desk.sit(RED, "red-im1"), desk.sit()
    hazard(red, "HA-1")
    decide(boss, "approve", seen(boss))
    carry_out(red, plan(red, Act("withdraw", records=["HA-1"], reason="same as HA-9")))
    (line,) = lines(boss)
    assert (line.state, round(line.m2)) == ("withdrawn", 7975)
    decide(boss, "approve", seen(boss))
    assert states(boss) == {}


def test_what_stands_returned_is_not_approved_over(desk: Desk) -> None:
    red, boss = desk.sit(RED, "red-im1"), desk.sit()
    report(red, "CR-1")
    decide(boss, "return", seen(boss), "No team is named")
    told = decide(boss, "approve", seen(boss))
    assert [one.problem.code for one in told.refused] == ["stands_returned"]
    correct(red, "CR-1", {"team": "T-1"})
    (line,) = lines(boss)
    assert (line.state, bool(line.answers)) == ("submitted", True)


def test_areas_are_measured_once_the_frame_is_fixed(desk: Desk, tmp_path: Path) -> None:
    found(tmp_path / "other", organisation="Alone")
    with open_session(tmp_path / "other", actor="im1") as session:
        hazard(session, "HA-1")
        assert [one.m2 for one in lines(session)] == [0.0]
        session.fix_frame(Frame(36 * E9, 50 * E9))
        assert [round(one.m2) for one in lines(session)] == [7975]
