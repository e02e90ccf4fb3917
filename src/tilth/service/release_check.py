"""What stands in the way of approving records and handing them over, with nothing done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tilth.core.life.release import is_confirming
from tilth.core.problems import Problem
from tilth.service.choosing import Act, chosen
from tilth.service.guarding import HARD
from tilth.service.handing_over import handover_obstacles
from tilth.service.release_guards import obstacles
from tilth.service.ruling import rules_on
from tilth.service.session import Session

__all__ = ["release_check"]


def release_check(session: Session, names: Sequence[str]) -> dict[str, Any]:
    """Ask every guard about records as if they were to be approved, and handed over, today.

    Where the operation does not run its life here most of it would not be asked by ``tilth
    approve``; it is shown all the same, marked so.

    Returns
    -------
    dict
        ``rule_set``, ``strict``, and ``records``: each with ``record``, ``approve`` and
        ``hand_over`` as lists of (problem, whether it bites here).

    Raises
    ------
    Refused
        ``unknown_record``, ``ambiguous_record``, ``contested_record``.
    """
    ruling = rules_on(session)
    picked = chosen(session, Act("approve", records=names))
    targets = [said for record in picked for said in picked[record] if said.act != "withdraw"]
    found = obstacles(session, targets, replace(ruling, strict=True))
    confirming = {said.record for said in targets if is_confirming(said.fields or {})}
    records = []
    for record in picked:
        approve = [
            (one.problem, ruling.strict or _always(one.problem, record in confirming))
            for one in found
            if one.record == record
        ]
        released = record.split("/", 2)[1] == "released_area"
        hand_over: list[tuple[Problem, bool]] = (
            [(one, True) for one in handover_obstacles(session, [record])] if released else []
        )
        records.append({"record": record, "approve": approve, "hand_over": hand_over})
    return {"rule_set": ruling.rules.identity, "strict": ruling.strict, "records": records}


def _always(problem: Problem, confirming: bool) -> bool:
    """Whether a rule bites everywhere: evidence of confirmed ground, and what is not possible."""
    return problem.code in HARD or (confirming and problem.code == "cha_without_direct_evidence")
