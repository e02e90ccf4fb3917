"""The rules of the gate as a table: what each looks at, what would open it, and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tilth.core.kinds.shared import PRACTICE, RULES
from tilth.core.life.settings import settings_of
from tilth.core.problems import register

__all__ = ["GATE", "GateRules", "Rule", "gate_rules_of"]


class Rule(NamedTuple):
    """One rule of the gate: what stands in the way, what would open it, and where it is from."""

    what: str
    opens: str
    source: str


_FULL = "A full accreditation for {work} from the authority that covers {day} would open it."
_SOURCE = f"{RULES} §6; {PRACTICE}"

GATE: dict[str, Rule] = {
    "not_accredited": Rule("{holder} holds no accreditation for {work} on {day}.", _FULL, _SOURCE),
    "accreditation_not_approved": Rule(
        "The accreditation {local_id} of {holder} was not said by the authority.",
        "The authority's approval of it would open it, or a full accreditation for {work} of its "
        "own that covers {day}.",
        _SOURCE,
    ),
    "accreditation_expired": Rule(
        "The accreditation {local_id} of {holder} ended on {expired}, before {day}.",
        _FULL,
        _SOURCE,
    ),
    "accreditation_not_yet": Rule(
        "The accreditation {local_id} of {holder} begins on {begins}, after {day}.",
        _FULL,
        _SOURCE,
    ),
    "accreditation_suspended": Rule(
        "The accreditation {local_id} of {holder} is suspended on {day}.",
        "The authority's lifting of the suspension by {day} would open it, or another full "
        "accreditation for {work} that covers {day}.",
        _SOURCE,
    ),
    "accreditation_withdrawn": Rule(
        "The accreditation {local_id} of {holder} is withdrawn, or not in force, on {day}.",
        _FULL,
        _SOURCE,
    ),
    "accreditation_scope": Rule(
        "The accreditation {local_id} of {holder} does not cover {lacks} on {day}.",
        _FULL,
        _SOURCE,
    ),
    "team_missing": Rule(
        "The report names no team, so that nobody can see who was allowed to do it.",
        "A correction that names the team would open it.",
        _SOURCE,
    ),
    "team_unknown": Rule(
        "No team {team} is recorded, or several have this code.",
        "The record of the team, with its code and its members, would open it; or its full id.",
        _SOURCE,
    ),
    "team_without_members": Rule(
        "The team {team} has no members on {day}, so that nobody's training can be seen.",
        "Its members with their functions, or a training result of the whole team, would open it.",
        _SOURCE,
    ),
    "training_missing": Rule(
        "{person} of {team} has passed no course for {work} by {day}.",
        "A passed result of {person} in a course for {work}, valid on {day}, would open it.",
        _SOURCE,
    ),
    "training_expired": Rule(
        "The course that {person} of {team} passed for {work} was valid until {expired}; asked is "
        "{day}.",
        "A passed result of {person} in a course for {work}, valid on {day}, would open it.",
        _SOURCE,
    ),
    "training_failed": Rule(
        "{person} of {team} did not pass the newest course for {work} before {day}.",
        "A passed result of {person} in a course for {work}, valid on {day}, would open it.",
        _SOURCE,
    ),
    "training_course_unknown": Rule(
        "The course {course} that {person} of {team} took is not recorded.",
        "The record of the course, with its code and its activities, would open it.",
        _SOURCE,
    ),
    "asset_unknown": Rule(
        "No asset {asset} is recorded, or several have this code.",
        "The record of the asset, with its code and its tests, would open it.",
        _SOURCE,
    ),
    "asset_not_in_use": Rule(
        "The asset {asset} is under repair or retired on {day}.",
        "A state *in use* on {day}, with its tests, would open it; or another asset.",
        _SOURCE,
    ),
    "asset_not_tested": Rule(
        "The asset {asset} has no calibration or field test before {day}.",
        "A passed calibration or field test that is valid on {day} would open it.",
        _SOURCE,
    ),
    "asset_test_failed": Rule(
        "The asset {asset} did not pass its newest test before {day}.",
        "A passed test of the same sort that is valid on {day} would open it.",
        _SOURCE,
    ),
    "asset_test_expired": Rule(
        "A test of the asset {asset} was valid until {expired}; asked is {day}.",
        "A passed test of the same sort that is valid on {day} would open it.",
        _SOURCE,
    ),
}
"""Every rule of the gate by its code."""

register({code: (rule.what, rule.opens) for code, rule in GATE.items()})


@dataclass(frozen=True, slots=True)
class GateRules:
    """What an operation's rule set may tune, under ``[gate]``.

    Parameters
    ----------
    require_organisation, require_team
        The organisation, and the team, are accredited for the work.
    require_training
        Every member of the team, or the team as a whole, has passed a course for the work.
    require_asset_tests
        Assets are in use and tested.
    require_asset_accreditation
        Every asset has an accreditation of its own; without it only those that were ever given
        one need it to stand.
    tested_assets
        Types of asset that are tested; others are not looked at.
    untrained_functions
        Functions in a team that need no course for the activity.
    """

    require_organisation: bool = True
    require_team: bool = True
    require_training: bool = True
    require_asset_tests: bool = True
    require_asset_accreditation: bool = False
    tested_assets: tuple[str, ...] = ("detector", "machine", "dog", "rat", "drone")
    untrained_functions: tuple[str, ...] = ()


def gate_rules_of(settings: Mapping[str, Any]) -> GateRules:
    """Rules of the gate from the section ``[gate]`` of a rule set; what it leaves out is usual.

    Raises
    ------
    Refused
        ``setting_unknown``, ``setting_bad``.
    """
    return settings_of(GateRules, settings, "gate")
