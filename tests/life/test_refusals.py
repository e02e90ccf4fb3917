"""Every refusal names the rule, the record in the way, and what would satisfy it (issue 3, §10)."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import campaign
import pytest
from campaign import BODY, MINISTRY, RED, YES, memory
from desk import Desk

from tilth.core.life import handover, moves, rates, release, service_record, task_guards
from tilth.core.life.gate_rules import GATE
from tilth.core.problems import CATALOGUE, ProblemText
from tilth.service.session import open_session

DOCS = Path(__file__).resolve().parents[2] / "docs"

REGISTERED = """
import importlib, json, pkgutil, sys
from tilth.core import problems
said, plain = {}, problems.register
def register(entries):
    plain(entries)
    for code, (what, fix) in entries.items():
        said[code] = [sys._getframe(1).f_globals["__name__"], what, fix]
problems.register = register
for part in ("core", "service", "cli"):
    package = importlib.import_module(f"tilth.{part}")
    for module in pkgutil.walk_packages(package.__path__, f"tilth.{part}."):
        importlib.import_module(module.name)
print(json.dumps(said))
"""
"""Codes by the module that registers them: asked of a new interpreter, before anything is read."""

OF_A_LIFE = re.compile(
    r"tilth\.(core\.life\.\w+"
    r"|service\.(recording|speaking|entering|tasks|quality\w*|recalling|doubting|handing_over"
    r"|release\w+|ruling|permits|joining|people|guarding|explosives|service_record|papers|session"
    r"|deciding|levels|choosing|indicators)"
    r"|cli\.commands_\w+)"
)
IMPERATIVES = re.compile(
    r"(Accredit|Act|Add|Answer|Ask|Change|Check|Choose|Clear|Close|Complete|Correct|Decide"
    r"|Deliver|Draw|Exchange|Give|Leave|Let|List|Look|Make|Measure|Name|Put|Read|Record"
    r"|Restore|Return|Revise|Run|Sample|Say|Search|Set|Settle|Take|Update|Use|Withdraw|Work|Write)\b"
)
TOLD_BY_THE_READER = frozenset({"value_unread"})
"""How a value is written is told by whoever tried to read it."""
OPENS = "would open it"
GUARDS = {
    *GATE,
    "own_statement",
    "own_inspection",
    "closes_own_action",
    "inspection_not_permitted",
    "speaks_for_other",
    "release_without_team",
}
"""Rules of guards; those of the modules below join them."""
GUARDING = {one.__name__ for one in (handover, moves, rates, release, service_record, task_guards)}


@pytest.fixture(scope="module")
def registered() -> dict[str, tuple[str, ProblemText]]:
    """Every code with the module that registers it and its words."""
    asked = [sys.executable, "-c", REGISTERED]
    printed = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    told = json.loads(printed)
    return {code: (where, ProblemText(what, fix)) for code, (where, what, fix) in told.items()}


def test_every_code_of_a_life_says_what_to_do_in_the_imperative(
    registered: dict[str, tuple[str, ProblemText]],
) -> None:
    asked = {code: text for code, (where, text) in registered.items() if OF_A_LIFE.match(where)}
    assert len(asked) > 150
    wrong = [
        f"{code}: {text.fix}"
        for code, text in sorted(asked.items())
        if not text.what.strip()
        or not (IMPERATIVES.match(text.fix) or OPENS in text.fix or code in TOLD_BY_THE_READER)
        or not text.fix.rstrip().endswith((".", "}", ")"))
    ]
    assert wrong == []


def test_every_rule_of_a_guard_stands_on_a_page_of_the_documentation(
    registered: dict[str, tuple[str, ProblemText]],
) -> None:
    pages = [
        page.read_text(encoding="utf-8")
        for page in DOCS.rglob("*.md")
        if not {"generated", "_build"} & set(page.parts)
    ]
    written = set(re.findall(r"[a-z]+(?:_[a-z]+)+", "\n".join(pages)))
    rules = GUARDS | {code for code, (where, _) in registered.items() if where in GUARDING}
    assert len(rules) > 60
    assert sorted(rules - written) == []


# -- as they are met -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def refused() -> Iterator[list[dict[str, str]]]:
    """What the guards of one operation refuse, act by act, and whether each names a record."""
    with memory() as folder, contextlib.chdir(folder):
        desk = Desk(folder)
        campaign.ready(desk)
        told: list[dict[str, str]] = []
        for act in acts(desk):
            told += desk.json(*act, status=2)["problems"]
        with open_session(folder / "work") as session:
            for one in told:
                held = session.workspace.store.of_records([one["where"]])
                one["held"] = "yes" if held.get(one["where"]) else ""
        yield told


def acts(desk: Desk) -> Iterator[tuple[str, ...]]:
    """Acts that guards refuse, with what has to be there for each."""

    def record(kind: str, *fields: str, by: tuple[str, ...] = RED) -> None:
        desk.run("record", "work", kind, *fields, *by)

    record("hazard_area", "local_id=HA-2", "classification=CHA", "place=Dagua")
    yield ("approve", "work", "HA-2", *YES)
    bare = ("local_id=RA-8", "release_type=cleared", "hazard=HA-1", "place=Dagua")
    record("released_area", *bare, "happened_on=2026-04-20")
    yield ("approve", "work", "RA-8", *YES)
    yield ("handover", "work", "RA-1", "RA-8", *RED)
    day = ("happened_on=2026-05-20", "activity=clearance", "methods=manual_detector")
    much = ("team=T-1", "personnel=10", "processed_area_m2=5000", "task=TO-7")
    record("clearance_report", "local_id=R-8", *day, *much)
    yield ("approve", "work", "R-8", *YES)
    more = [one for one in campaign.ORDER if not one.startswith(("local", "medical", "hazard"))]
    desk.run("task", "new", "work", "local_id=TO-8", *more, *MINISTRY)
    yield ("task", "issue", "work", "TO-8", "--on", "2026-05-04", *MINISTRY)
    book = ("TO-7", "TNT", "5", "kg", "--on", "2026-04-01")
    desk.run("explosives", "issue", "work", *book, *RED)
    yield ("task", "complete", "work", "TO-7", "--on", "2026-04-20", *RED)
    own = ("inspected=RED", "activity=clearance", "happened_on=2026-04-20")
    yield ("visit", "work", *own, "stage=external", *RED)
    yield ("visit", "work", "inspected=BODY", *own[1:], "stage=external", *BODY)
    raised = ("inspected=RED", "severity=critical", "released_areas=RA-1", "task=TO-7")
    desk.run("nonconformity", "raise", "work", *raised, "happened_on=2026-04-15", *BODY)
    yield ("approve", "work", "RA-1", *YES)
    desk.run("nonconformity", "act", "work", "NONCONFORMITY-0001", "--reason", "Done", *RED)
    yield ("nonconformity", "close", "work", "NONCONFORMITY-0001", "--for", "BODY", *RED[2:])
    yield ("vouch", "work", "RA-1", "--yes", *RED[2:])


PAPER = frozenset({"handover_incomplete", "handover_markers", "handover_marker_types",
                   "handover_signatories"})  # fmt: skip
"""What a certificate that is not written yet lacks itself; it has no record so far."""


INSPECTING = frozenset({"inspection_not_permitted", "own_inspection"})
VISIT = r"[0-9a-f]{32}/qm_visit/QM-VISIT-000[12]"
"""The record of an inspection that was to be said, by the id it would have had."""


def test_a_refusal_names_its_rule_the_record_in_the_way_and_what_opens_it(
    refused: list[dict[str, str]],
) -> None:
    assert len({one["code"] for one in refused}) > 20
    for one in refused:
        assert one["code"] in CATALOGUE
        said = one["held"] or (one["code"] in INSPECTING and re.fullmatch(VISIT, one["where"]))
        assert said or one["code"] in PAPER or one["where"] in OF_AN_ACT, one
        assert one["what"].strip(), one
        assert one["fix"].strip(), one
        assert not re.search(r"[{}]", one["what"] + one["fix"]), one


OF_AN_ACT = frozenset({"vouch"})
"""Where a rule is about the person who acts, and no record stands in the way."""


def test_the_rules_met_are_those_of_every_guard(refused: list[dict[str, str]]) -> None:
    """Gate, evidence, release, rates, order, explosives, inspection, handover, second person."""
    met = {one["code"] for one in refused}
    assert met >= {
        "training_expired",
        "cha_without_direct_evidence",
        "release_visits",
        "rate_implausible",
        "order_without_plan",
        "order_without_hazard",
        "explosives_still_held",
        "own_inspection",
        "inspection_not_permitted",
        "nonconformity_open",
        "handover_not_approved",
        "closes_own_action",
        "own_statement",
    }


def test_no_refusal_is_a_fault_of_the_program(refused: list[dict[str, Any]]) -> None:
    assert not {one["code"] for one in refused} & {"program_fault", "usage", "system_refused"}
