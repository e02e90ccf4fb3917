"""Every kind of record, at its newest version, and every code list they use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tilth.core.kinds.accreditation import ACCREDITATION
from tilth.core.kinds.delivery import DELIVERY
from tilth.core.kinds.document import DOCUMENT
from tilth.core.kinds.evidence import EVIDENCE_POINT
from tilth.core.kinds.explanation import EXPLANATION
from tilth.core.kinds.explosives import EXPLOSIVES_ISSUE, EXPLOSIVES_RETURN, EXPLOSIVES_USE
from tilth.core.kinds.formation import ASSET, DEPLOYMENT, HONOUR, LIAISON, PROJECT, TEAM_KIND
from tilth.core.kinds.handover import HANDOVER, POST_CLEARANCE_REVIEW, RULE_SET
from tilth.core.kinds.hazard import HAZARD_AREA
from tilth.core.kinds.marking import MARKING
from tilth.core.kinds.model import Codelist, Field, Kind
from tilth.core.kinds.outreach import BENEFICIARY_COUNT, EORE_SESSION, STOCKPILE_DESTRUCTION
from tilth.core.kinds.people import ACCIDENT, VICTIM
from tilth.core.kinds.person import PERSON
from tilth.core.kinds.quality import NONCONFORMITY, QM_VISIT, SAMPLE_INSPECTION
from tilth.core.kinds.release import RELEASED_AREA
from tilth.core.kinds.setting import OPERATION, ORGANISATION, PLACE
from tilth.core.kinds.task import STATUS_CHANGE, TASK_KIND
from tilth.core.kinds.training import TRAINING_COURSE, TRAINING_RESULT
from tilth.core.kinds.work import CLEARANCE_REPORT, CLEARANCE_SUMMARY, SPOT_TASK

__all__ = ["CODELISTS", "KINDS", "all_fields", "codelists_of"]

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        OPERATION,
        ORGANISATION,
        PLACE,
        HAZARD_AREA,
        EVIDENCE_POINT,
        RELEASED_AREA,
        CLEARANCE_REPORT,
        SPOT_TASK,
        CLEARANCE_SUMMARY,
        ACCIDENT,
        VICTIM,
        PROJECT,
        LIAISON,
        PERSON,
        TEAM_KIND,
        ASSET,
        DEPLOYMENT,
        HONOUR,
        TRAINING_COURSE,
        TRAINING_RESULT,
        ACCREDITATION,
        TASK_KIND,
        STATUS_CHANGE,
        EXPLOSIVES_ISSUE,
        EXPLOSIVES_RETURN,
        EXPLOSIVES_USE,
        MARKING,
        QM_VISIT,
        NONCONFORMITY,
        SAMPLE_INSPECTION,
        EORE_SESSION,
        BENEFICIARY_COUNT,
        STOCKPILE_DESTRUCTION,
        DELIVERY,
        EXPLANATION,
        RULE_SET,
        HANDOVER,
        POST_CLEARANCE_REVIEW,
        DOCUMENT,
    )
}


def all_fields(fields: Iterable[Field], path: str = "") -> Iterator[tuple[str, Field]]:
    """Yield every field with its dotted name, the fields of lines after the lines themselves.

    Examples
    --------
    >>> [name for name, _ in all_fields(KINDS["clearance_report"].fields) if "stoppages" in name]
    ['stoppages', 'stoppages.cause', 'stoppages.hours']
    """
    for one in fields:
        yield f"{path}{one.name}", one
        yield from all_fields(one.fields, f"{path}{one.name}.")


def codelists_of(kinds: Mapping[str, Kind]) -> dict[str, Codelist]:
    """Code lists used by the kinds, by name, in the order met.

    Raises
    ------
    ValueError
        When two different lists have one name.
    """
    found: dict[str, Codelist] = {}
    for kind in kinds.values():
        for name, one in all_fields(kind.fields):
            if one.codelist is None:
                continue
            if found.setdefault(one.codelist.name, one.codelist) != one.codelist:
                msg = f"{kind.name}.{name}: another code list is called {one.codelist.name!r}"
                raise ValueError(msg)
    return found


CODELISTS: dict[str, Codelist] = codelists_of(KINDS)
