"""Handover: what blocks it, what the certificate is worth later, and what a review leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from releasing import HANDOVER, RELEASE, Site, opened

from tilth.core.chains import Said
from tilth.core.life.handover import (
    ISSUED,
    REVOKED,
    SUPERSEDED,
    Handed,
    certificate_state,
    handover_guards,
)
from tilth.core.life.register import Held, Register
from tilth.core.problems import CATALOGUE, Refused
from tilth.service.accounting import Question, account
from tilth.service.deciding import Act, carry_out, plan
from tilth.service.findings import findings
from tilth.service.handing_over import certificate_of, hand_over, handover_obstacles, review
from tilth.service.levels import plan_undo
from tilth.service.quality import MoveWish, act_on, close
from tilth.service.recalling import decide
from tilth.service.recording import correct
from tilth.service.register import register_of
from tilth.service.ruling import default_rules

DEMAND = default_rules().handover
AREA = Handed("op/released_area/RA-1", "2026-04-10", "aa", "aa")
PAPER = {**HANDOVER, "happened_on": "2026-05-01"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Ground that is approved and may be handed over."""
    made = opened(tmp_path)
    with made.session:
        made.prepare()
        made.approval = made.approve("HA-1", "RA-1")[0]
        yield made


def codes(fields: dict[str, Any], *areas: Handed) -> list[str]:
    return [one.code for one in handover_guards(fields, areas, DEMAND, where="HC-1")]


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in PAPER.items() if key != name}


BLOCKED = [
    (PAPER, AREA, ""),
    (PAPER, replace(AREA, approved=""), "handover_not_approved"),
    (PAPER, replace(AREA, reported="", approved=""), "handover_withdrawn"),
    (PAPER, replace(AREA, reported="bb"), "handover_changed_since"),
    (PAPER, replace(AREA, revoked=("cc",)), "handover_revoked"),
    (PAPER, replace(AREA, recalled=("qa/sample_inspection/S-9",)), "handover_recalled"),
    (PAPER, replace(AREA, blocking=(("qa/nonconformity/N", "major"),)), "nonconformity_open"),
    (PAPER, replace(AREA, blocking=(("qa/nonconformity/N", "critical"),)), "nonconformity_open"),
    (PAPER, replace(AREA, blocking=(("qa/nonconformity/N", "minor"),)), ""),
    (PAPER | {"happened_on": "2026-04-09"}, AREA, "handover_before_release"),
    (PAPER | {"markers_recorded": False}, AREA, "handover_markers"),
    (without("markers"), AREA, "handover_marker_types"),
    (without("residual_risk"), AREA, "handover_incomplete"),
    (without("liability"), AREA, "handover_incomplete"),
    (without("recipients"), AREA, "handover_incomplete"),
    (without("purpose"), AREA, "handover_incomplete"),
    (PAPER | {"signatories": [{"role": "operator"}, {"role": "authority"}]}, AREA,
     "handover_signatories"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "area", "code"), BLOCKED)
def test_each_lack_of_a_handover_is_told_by_its_rule_alone(
    fields: dict[str, Any], area: Handed, code: str
) -> None:
    assert codes(fields, area) == ([code] if code else [])


def test_a_handover_of_nothing_is_none() -> None:
    assert codes(PAPER) == ["handover_of_nothing"]


def test_every_refusal_of_a_handover_says_what_would_satisfy_it() -> None:
    for fields, area, _ in BLOCKED:
        for one in handover_guards(fields, [area], DEMAND, where="HC-1"):
            assert one.where
            assert CATALOGUE[one.code].what.format(**one.params)
            assert CATALOGUE[one.code].fix.format(**one.params)


severities = st.lists(st.sampled_from(["minor", "major", "critical"]), max_size=3)


@settings(max_examples=100)
@given(st.lists(severities, min_size=1, max_size=4))
def test_no_handover_with_an_open_major_nonconformity(open_: list[list[str]]) -> None:
    """Whatever else is open on whichever of the areas: a major or critical one blocks, alone."""
    areas = [
        replace(AREA, record=f"op/released_area/{n}",
                blocking=tuple((f"qa/nonconformity/{n}-{k}", one) for k, one in enumerate(some)))
        for n, some in enumerate(open_)
    ]  # fmt: skip
    found = [one.where for one in handover_guards(PAPER, areas, DEMAND)]
    bad = [where for area in areas for where, severity in area.blocking if severity != "minor"]
    assert found == bad


# -- in a workspace --------------------------------------------------------------------------------


def handed(site: Site, **changes: Any) -> Any:
    fields = {**PAPER, **changes}
    return hand_over(site.session, ["RA-1"], fields, speaking_for="Red")


def refused(site: Site, **more: Any) -> list[str]:
    before = site.acts()
    with pytest.raises(Refused) as error:
        hand_over(site.session, ["RA-1"], PAPER, **more)
    assert site.acts() == before  # nothing is half done
    return [one.code for one in error.value.problems]


def cleared(site: Site, until: str = "") -> int:
    level = account(site.session, Question(until=until), "approved")
    return round(level["land"]["cleared_m2"])


def raise_major(site: Site) -> None:
    fields = {"local_id": "NC-1", "happened_on": "2026-04-20", "severity": "major"}
    more = {"nonconformity_type": "marking", "released_areas": ["RA-1"], "inspected": "RED"}
    site.say("nonconformity", **fields, **more)


def test_approved_ground_is_handed_over_and_the_certificate_says_on_what(site: Site) -> None:
    done = handed(site)
    one = register_of(site.session).of("handover")[done.record]
    assert one.fields["rule_set"] == default_rules().identity
    assert one.fields["statements"] == [
        site.session.workspace.store.of_records([one.fields["released_areas"][0]])[
            one.fields["released_areas"][0]
        ][0].hash
    ]
    assert one.local_id == "HC-1"
    assert [kind for _, kind in site.acts()].count("rule_set") == 1  # also of an earlier day
    assert certificate_of(site.session, "HC-1")[1].state == ISSUED
    assert findings(site.session, "certificate") == findings(site.session, "handover_un") == []


def test_no_handover_of_this_ground_with_an_open_major_nonconformity(site: Site) -> None:
    raise_major(site)
    assert refused(site) == ["nonconformity_open"]
    reason = {"override": ["nonconformity_open"], "reason": "Signs are on their way"}
    done = hand_over(site.session, ["RA-1"], PAPER, **reason)
    assert [line["rule"] for line in done.overrides] == ["nonconformity_open"]
    told = findings(site.session, "guard_overridden")
    assert [one["record"] for one in told] == [done.record]
    assert "Signs are on their way" in told[0]["what"]


def test_a_nonconformity_closed_since_was_open_on_the_day_of_the_handover(site: Site) -> None:
    raise_major(site)
    site.session.actor = "ops1"
    act_on(site.session, "NC-1", MoveWish("signs set", "2026-04-28", speaking_for="RED"))
    site.session.actor = "qa1"
    close(site.session, "NC-1", MoveWish("seen", "2026-04-30"))
    site.session.actor = "na1"
    for day in ("2026-04-20", "2026-04-29"):
        with pytest.raises(Refused) as refusal:
            hand_over(site.session, ["RA-1"], PAPER | {"happened_on": day}, dry_run=True)
        assert [one.code for one in refusal.value.problems] == ["nonconformity_open"]
    for day in ("2026-04-19", "2026-04-30"):
        assert hand_over(site.session, ["RA-1"], PAPER | {"happened_on": day}, dry_run=True)


def test_ground_that_is_not_approved_is_not_handed_over(site: Site) -> None:
    carry_out(site.session, plan_undo(site.session, [site.approval], "wrong paper"))
    assert refused(site) == ["handover_not_approved"]
    assert [one.code for one in handover_obstacles(site.session, ["RA-1"])] == [
        "handover_not_approved"
    ]


def test_ground_corrected_since_its_approval_is_not_handed_over(site: Site) -> None:
    correct(site.session, "RA-1", {"depth_cm": "15"})
    assert refused(site) == ["handover_changed_since"]


def test_a_withdrawn_approval_leaves_the_certificate_verifiable_and_superseded(site: Site) -> None:
    done = handed(site)
    assert cleared(site) == 5000
    carry_out(site.session, plan_undo(site.session, [site.approval], "wrong paper"))
    assert cleared(site) == 0  # today's account changes
    held, certificate = certificate_of(site.session, "HC-1")
    assert (held.statement, certificate.state) == (done.statement, SUPERSEDED)
    assert site.session.workspace.verify(deep=True).ok  # as issued, it stands in the log
    told = findings(site.session, "certificate_superseded")
    assert [one["record"] for one in told] == [done.record]
    site.approve("RA-1")
    assert certificate_of(site.session, "HC-1")[1].state == ISSUED


def test_another_approved_statement_supersedes_the_certificate(site: Site) -> None:
    handed(site)
    correct(site.session, "RA-1", {"depth_cm": "25"})
    assert certificate_of(site.session, "HC-1")[1].state == ISSUED  # said, not approved
    site.approve("RA-1")
    assert certificate_of(site.session, "HC-1")[1].state == SUPERSEDED


def test_a_revocation_returns_the_ground_from_its_day_and_the_certificate_says_so(
    site: Site,
) -> None:
    done = handed(site)
    act = Act("revoke", ["RA-1"], reason="A mine was found", on="2026-06-02")
    revoked = carry_out(site.session, plan(site.session, act))
    assert (cleared(site, "2026-06-01"), cleared(site, "2026-06-02")) == (5000, 0)
    held, certificate = certificate_of(site.session, "HC-1")
    assert (held.statement, certificate.state) == (done.statement, REVOKED)
    assert certificate.because == ((held.fields["released_areas"][0], REVOKED),)
    assert site.session.workspace.verify(deep=True).ok
    assert [one["record"] for one in findings(site.session, "certificate_revoked")] == [done.record]
    assert refused(site) == ["handover_revoked"]
    carry_out(site.session, plan_undo(site.session, revoked, "wrong record"))
    assert certificate_of(site.session, "HC-1")[1].state == ISSUED


@settings(max_examples=100)
@given(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["", "1", "2"]), min_size=1),
    st.sets(st.sampled_from("abcd")),
)
def test_a_certificate_stands_while_all_of_it_stands(
    approved: dict[str, str], revoked: set[str]
) -> None:
    known = Register("na")
    content = {"records": [one for one in revoked if one in approved]}
    if content["records"]:
        known.take(Said("r", "na", "p", "revoke", "decision", "", fields=content))
        known.refresh()
    fields = {"released_areas": list(approved), "statements": ["1"]}
    one = Held("op/handover/H", "handover", "op", "p", "h", 1, "2026-05-01", "", fields)
    state = certificate_state(known, one, approved)
    if revoked & set(approved):
        assert state == REVOKED
    else:
        assert state == (ISSUED if set(approved.values()) == {"1"} else SUPERSEDED)


def test_a_quiet_review_proposes_nothing(site: Site) -> None:
    handed(site)
    fields = {"happened_on": "2026-07-01", "handover": "HC-1", "land_use_after": "crops"}
    done = review(site.session, {**fields, "accident_after": "no", "items_found": 0})
    assert (done.recall, done.next) == (None, ())
    assert findings(site.session, "review_undecided") == []


@pytest.mark.parametrize("seen", [{"items_found": 1}, {"accident_after": "yes"}])
def test_an_item_or_accident_after_release_proposes_the_revocation(
    site: Site, seen: dict[str, Any]
) -> None:
    handed(site)
    fields = {"local_id": "PR-1", "happened_on": "2026-07-01", "handover": "HC-1"}
    done = review(site.session, {**fields, "items_found": 0, "accident_after": "no", **seen})
    assert done.recall is not None
    assert [one.record.split("/")[2] for one in done.recall.areas] == ["RA-1"]
    assert "Mirna village" in " ".join(done.next)
    assert "tilth recall decide" in " ".join(done.next)
    prudent = account(site.session, Question(), "prudent")["land"]
    assert (round(prudent["cleared_m2"]), cleared(site)) == (0, 5000)  # nobody has decided
    assert refused(site) == ["handover_recalled"]
    decide(site.session, "PR-1", uphold=["rest"], reason="Found in the ploughed layer")
    assert (cleared(site, "2026-06-30"), cleared(site, "2026-07-01")) == (5000, 0)
    assert certificate_of(site.session, "HC-1")[1].state == REVOKED


def test_a_handover_that_nobody_asked_about_goes_in_and_is_noticed(site: Site) -> None:
    fields = {**PAPER, "local_id": "HC-0", "released_areas": ["RA-9"]}
    said = site.say("handover", "Red", **fields)
    told = findings(site.session, "handover_unguarded")
    assert [one["record"] for one in told] == [said.record]


def test_what_is_no_release_is_not_handed_over(site: Site) -> None:
    with pytest.raises(Refused) as error:
        hand_over(site.session, ["RA-1", "HA-1", "RA-7"], PAPER)
    assert [(one.code, one.where) for one in error.value.problems] == [
        ("not_released", "HA-1"),
        ("not_released", "RA-7"),
    ]


def test_a_second_organisations_area_of_the_same_number_is_not_mixed_up(site: Site) -> None:
    site.say("released_area", **{**RELEASE, "hazard": "HA-1", "organisation": "Ministry"})
    done = handed(site)  # Red hands over its own RA-1
    assert all(register_of(site.session).organisation_of("Red") in one for one in done.areas)
    with pytest.raises(Refused):  # the authority's own RA-1 is not approved
        hand_over(site.session, ["RA-1"], PAPER)
