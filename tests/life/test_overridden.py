"""What a guard would have stopped stays told, whatever becomes of it."""

from __future__ import annotations

from typing import Any

from tilth.core.chains import Said
from tilth.core.life.overridden import overridden_findings
from tilth.core.life.register import Held

TASK = "na/task/K1"


def decision(*lines: dict[str, str], reason: str = "Only one organisation here") -> Said:
    fields = {"reason": reason, "overrides": list(lines)}
    return Said("h", "na", "p1", "approve", "decision", "", fields=fields)


def moved(**fields: Any) -> Held:
    record = "na/status_change/K1-issue"
    return Held(record, "status_change", "na", "p1", "h", 1, "2026-03-01", "", fields)


def told(*found: Any) -> list[tuple[str, str, str, str]]:
    return [
        (one.record, one.other, str(one.params["rules"]), str(one.params["reason"]))
        for one in overridden_findings(*found)
    ]


def test_an_override_is_told_of_the_record_decided_and_of_what_stood_in_the_way() -> None:
    line = {"rule": "release_visits", "record": "na/nonconformity/N1", "subject": "op/task/R1"}
    assert told([decision(line)], []) == [
        ("op/task/R1", "na/nonconformity/N1", "release_visits", "Only one organisation here")
    ]


def test_several_rules_about_one_record_are_told_together() -> None:
    lines = [{"rule": rule, "record": TASK} for rule in ("own_work", "release_coverage")]
    assert told([decision(*lines), decision(lines[0], reason="Again")], []) == [
        (TASK, "", "own_work, release_coverage", "Again; Only one organisation here")
    ]


def test_a_move_tells_of_its_task() -> None:
    one = moved(
        subject=TASK,
        reason="Paper seen",
        overrides=[{"rule": "training_expired", "record": "op/training_result/T9"}],
    )
    assert told([], [one]) == [(TASK, "op/training_result/T9", "training_expired", "Paper seen")]


def test_what_went_the_ordinary_way_tells_nothing() -> None:
    assert told([decision()], [moved(subject=TASK)]) == []
