"""Guards of release: what stands in the way of confirming, releasing and accepting ground.

Guards bite on decisions, never on what an organisation says (rules §6). Each is a pure function
from values to problems: the code is the rule, ``where`` the record that stands in the way, and the
text says what would satisfy it. What they ask for is the rule set's to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from tilth.core.kinds.lists_work import METHOD
from tilth.core.life.register import Register
from tilth.core.life.rule_set import ALWAYS, Demand, RuleSet
from tilth.core.problems import Parameter, Problem, register

__all__ = [
    "WORK",
    "Area",
    "activity_of",
    "confirm_guards",
    "is_confirming",
    "own_work",
    "release_guards",
    "runs_life",
]

WORK = frozenset(
    {
        "hazard_area",
        "released_area",
        "clearance_report",
        "spot_task",
        "clearance_summary",
    }
)
"""Kinds that record work in the field: whoever did it does not approve it."""

_ACTIVITY = {"cancelled": "nts", "reduced": "ts", "cleared": "clearance"}
_BAC = frozenset(code.value for code in METHOD.codes if code.value.startswith("bac_"))


@dataclass(frozen=True, slots=True)
class Area:
    """A released area with everything around it that its guards ask about.

    Parameters
    ----------
    fields
        What is to be approved.
    area_m2
        Measured in the operation's frame; 0 where there is no polygon.
    hazard
        Fields of the hazard it names on the release's day; None when none of that name is held.
    task
        Fields of the task it names; None when there is none.
    reports
        Activities of the reports in force that name its hazard or task.
    visits
        Quality visits to its task or teams.
    sampled_m2
        Its ground within samples that passed, taken after the work.
    failed
        Samples of it that failed, and that no sample which passed came after.
    blocking
        Open nonconformities that bear on it: record and severity.
    recalled
        Records of what was missed, for which it is recalled and not yet decided.
    """

    record: str
    fields: Mapping[str, Any]
    area_m2: float = 0.0
    hazard: Mapping[str, Any] | None = None
    task: Mapping[str, Any] | None = None
    reports: frozenset[str] = frozenset()
    visits: int = 0
    sampled_m2: float = 0.0
    failed: tuple[str, ...] = ()
    blocking: tuple[tuple[str, str], ...] = ()
    recalled: tuple[str, ...] = ()

    @property
    def release_type(self) -> str:
        """``cancelled``, ``reduced`` or ``cleared``."""
        return str(self.fields.get("release_type", ""))

    def demand(self, rules: RuleSet) -> Demand:
        """What the rule set demands of this release."""
        hazard = self.hazard or {}
        use = self.fields.get("intended_use") or (self.task or {}).get("intended_use")
        use = use or hazard.get("land_use_intended", "")
        return rules.demand(self.release_type, str(hazard.get("area_type", "")), str(use))


def runs_life(known: Register, rules: RuleSet) -> bool:
    """Whether the operation runs its life here, so that every guard bites.

    It does when it holds a task or an accreditation, or its record names a rule set, or the rule
    set in force says that it always bites.
    """
    return (
        rules.strict == ALWAYS
        or bool(known.of("task"))
        or bool(known.of("accreditation"))
        or any(one.now().get("rule_set") for one in known.of("operation").values())
    )


def activity_of(release_type: str, methods: Iterable[str]) -> str:
    """Activity by which ground is released in a way.

    Examples
    --------
    >>> activity_of("cleared", ["bac_surface"]), activity_of("reduced", ["flail"])
    ('bac', 'ts')
    """
    used = set(methods)
    if release_type == "cleared" and used and used <= _BAC:
        return "bac"
    return _ACTIVITY.get(release_type, "clearance")


# -- confirmed ground ------------------------------------------------------------------------------


def is_confirming(fields: Mapping[str, Any]) -> bool:
    """Whether a statement on a hazard says that its ground is confirmed."""
    return fields.get("classification") == "CHA"


def confirm_guards(
    record: str,
    said: Iterable[Mapping[str, Any]],
    evidence: Iterable[Mapping[str, Any]],
    rules: RuleSet,
) -> list[Problem]:
    """Refuse to confirm ground without direct evidence (IMAS 04.10: confirmed hazardous area).

    Parameters
    ----------
    said
        What is said of the hazard: its first statement in force and its revisions.
    evidence
        Evidence points in force that name it.
    """
    if not rules.evidence:
        return []
    counting = set(rules.evidence)
    for fields in said:
        if counting & set(fields.get("direct_evidence", ())):
            return []
        if rules.evidence_class and fields.get("evidence") == "direct":
            return []
    if any(one.get("category") == "direct" for one in evidence):
        return []
    params = {"record": _local(record), "evidence": ", ".join(rules.evidence)}
    return [Problem("cha_without_direct_evidence", record, params)]


# -- released ground -------------------------------------------------------------------------------


def release_guards(area: Area, rules: RuleSet) -> list[Problem]:
    """Everything that stands in the way of approving a released area.

    Cancelled asks for a survey report and criteria; reduced for coverage and criteria; cleared for
    coverage, depth, items and a log of quality (IMAS 09.10 leaves the values to the authority;
    IMAS 08.30: inspections completed and corrective action carried out before land is cleared).
    """
    demand = area.demand(rules)
    return [
        *_paper(area, demand),
        *_coverage(area, demand),
        *_depth(area, demand),
        *_quality(area, demand),
    ]


def _problem(code: str, area: Area, where: str = "", /, **params: Parameter) -> Problem:
    return Problem(code, where or area.record, {"record": _local(area.record), **params})


def _local(record: str) -> str:
    return record.split("/", 2)[-1]


def _paper(area: Area, demand: Demand) -> Iterator[Problem]:
    """Hazard, report, criteria, list of items."""
    fields = area.fields
    if area.hazard is None:
        yield _problem("release_without_hazard", area, hazard=str(fields.get("hazard", "none")))
    reported = bool(area.reports & set(demand.reports))
    if demand.reports and not reported and not fields.get("completion_report"):
        yield _problem("release_without_report", area, activities=", ".join(demand.reports))
    named = fields.get("criteria", ())
    if demand.criteria and not set(named) & set(demand.criteria):
        yield _problem(
            "release_without_criteria",
            area,
            named=", ".join(map(str, named)) or "none",
            criteria=", ".join(demand.criteria),
        )
    listed = bool(fields.get("items")) or fields.get("items_total") == 0 or reported
    if demand.items_listed and not listed:
        yield _problem("release_items_not_listed", area)


def _coverage(area: Area, demand: Demand) -> Iterator[Problem]:
    asset = str(area.fields.get("technical_asset", ""))
    if demand.technical_asset and not asset:
        yield _problem("release_asset_not_said", area)
    wanted = demand.coverage_for(asset)
    covered = _decimal(area.fields.get("coverage_percent"))
    if wanted and (covered is None or covered < wanted):
        said = "not said" if covered is None else f"{covered} %"
        yield _problem("release_coverage", area, covered=said, wanted=f"{wanted} %")


def _depth(area: Area, demand: Demand) -> Iterator[Problem]:
    """Depth against the strictest of hazard, task and rule set (rules §3)."""
    if not demand.depth_reached:
        return
    asking = [one for one in (area.hazard, area.task) if one]
    stated = [d for one in asking if (d := _decimal(one.get("required_depth_cm"))) is not None]
    searches = {one.get("required_search") for one in asking} - {None}
    wanted = list(stated)
    if not stated and "surface" not in searches and demand.depth_cm is not None:
        wanted.append(demand.depth_cm)
    if demand.least_depth_cm is not None:
        wanted.append(demand.least_depth_cm)
    depth = _decimal(area.fields.get("depth_cm"))
    most = max(wanted, default=Decimal(0))
    if most and (depth is None or depth < most):
        said = "not said" if depth is None else f"{depth} cm"
        yield _problem("release_depth", area, depth=said, wanted=f"{most} cm")
    surface = area.fields.get("search") == "surface"
    if surface and ("subsurface" in searches or (depth is None and most)):
        yield _problem("release_surface_only", area)


def _quality(area: Area, demand: Demand) -> Iterator[Problem]:
    """Visits, samples, open nonconformities, recalls."""
    if area.visits < demand.visits:
        yield _problem("release_visits", area, visits=area.visits, wanted=demand.visits)
    for sample in area.failed:
        yield _problem("release_sample_failed", area, sample, sample=_local(sample))
    if demand.sampled_percent:
        share = 100 * area.sampled_m2 / area.area_m2 if area.area_m2 else 0.0
        if share < float(demand.sampled_percent) - 1e-9:
            yield _problem(
                "release_sample_share",
                area,
                sampled=f"{area.sampled_m2:,.0f} m²",
                share=f"{share:.1f} %",
                wanted=f"{demand.sampled_percent} %",
            )
    yield from blocking_problems(area.record, area.blocking, demand.blocked_by)
    for missed in area.recalled:
        yield _problem("area_recalled", area, missed=_local(missed))


def blocking_problems(
    record: str, blocking: Iterable[tuple[str, str]], severities: Collection[str]
) -> Iterator[Problem]:
    """Open nonconformities of these severities that bear on a record."""
    for nonconformity, severity in blocking:
        if severity in severities:
            params = {"record": _local(record), "severity": severity}
            params["nonconformity"] = _local(nonconformity)
            yield Problem("nonconformity_open", nonconformity, params)


def _decimal(value: object) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


# -- who decides -----------------------------------------------------------------------------------


def own_work(
    record: str, author: str, fields: Mapping[str, Any], authority: str, called: Collection[str]
) -> list[Problem]:
    """Refuse that an authority approves what it did itself, whoever typed it in (rules §2).

    Parameters
    ----------
    author
        Organisation in whose log the record stands; it did the work where no other is named.
    called
        Everything by which records call the authority.
    """
    kind = record.split("/", 2)[1]
    if kind not in WORK:
        return []
    worked = fields.get("organisation")
    own = str(worked) in called if worked else author == authority
    if not own:
        return []
    params = {"record": _local(record), "organisation": str(worked or "the authority itself")}
    return [Problem("own_work", record, params)]


register(
    {
        "cha_without_direct_evidence": (
            "{record} is classed as confirmed, and no direct evidence is recorded.",
            "Record evidence on the hazard or as an evidence point of category direct that names "
            "it, or class it as suspected. Counted as direct: {evidence}.",
        ),
        "release_without_hazard": (
            "{record} names no hazard area that is held here (named: {hazard}).",
            "Let its author name the hazard area, or take in the log that holds it.",
        ),
        "release_without_report": (
            "No survey or completion report backs {record}.",
            "Take in a report on its hazard or task of one of these activities: {activities}; or "
            "let the release name its completion_report.",
        ),
        "release_without_criteria": (
            "{record} names no criterion by which ground may be so released (named: {named}).",
            "Name one of: {criteria}.",
        ),
        "release_items_not_listed": (
            "{record} does not list the items found.",
            "List the items, or say items_total 0.",
        ),
        "release_asset_not_said": (
            "{record} does not say whether it was worked with a technical asset.",
            "Say technical_asset: with or without.",
        ),
        "release_coverage": (
            "Coverage of {record} is {covered}; {wanted} is required.",
            "Search the rest and correct coverage_percent, or release a smaller polygon.",
        ),
        "release_depth": (
            "The depth reached on {record} is {depth}; {wanted} is required.",
            "Clear to the depth required, or let the authority change the requirement.",
        ),
        "release_surface_only": (
            "{record} was searched on the surface only, where more is required.",
            "Search beneath the surface, or let the authority change the requirement.",
        ),
        "release_visits": (
            "{visits} quality visits to the work on {record} are held; {wanted} are required.",
            "Record a visit to its task or teams with tilth visit.",
        ),
        "release_sample_failed": (
            "The sample {sample} of {record} failed, and no later sample passed.",
            "Work the ground again, sample it again with tilth sample.",
        ),
        "release_sample_share": (
            "Samples that passed after the work cover {sampled} of {record}, {share}; {wanted} "
            "are required.",
            "Sample more of it with tilth sample.",
        ),
        "nonconformity_open": (
            "The {severity} nonconformity {nonconformity} is open and bears on {record}.",
            "Let what it asks for be done and the inspector close it: tilth nonconformity close.",
        ),
        "area_recalled": (
            "{record} is recalled because of {missed}, and the authority has not decided.",
            "Sample the ground or work it again, then let the authority decide: tilth recall "
            "decide.",
        ),
        "own_work": (
            "{record} is work of {organisation}, which would approve its own work.",
            "Let another organisation do the work or approve it; where there is only one, "
            "--override own_work with a reason: a finding for ever.",
        ),
    }
)
