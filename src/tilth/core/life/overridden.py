"""Guards that somebody overrode with a reason: findings for ever (rules §6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tilth.core.chains import Said
from tilth.core.findings import Finding, register
from tilth.core.life.register import Held

__all__ = ["overridden_findings"]


def overridden_findings(decisions: Iterable[Said], records: Iterable[Held]) -> list[Finding]:
    """One ``guard_overridden`` for each record that a guard would have stopped.

    Parameters
    ----------
    decisions
        Every decision held, those since undone among them: what went through stays told.
    records
        Records with a field ``overrides``, such as moves of tasks and handovers.
    """
    told: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for said in decisions:
        _collect(told, said.fields or {}, "")
    for held in records:
        for fields in (held.fields, *(event.fields for event in held.events)):
            _collect(told, fields, str(fields.get("subject", held.record)))
    found = []
    for (record, other), lines in sorted(told.items()):
        rules = ", ".join(sorted({rule for rule, _ in lines}))
        reasons = "; ".join(sorted({reason for _, reason in lines if reason}))
        params = {"rules": rules, "reason": reasons}
        found.append(Finding("guard_overridden", record, other, params))
    return found


def _collect(
    told: dict[tuple[str, str], list[tuple[str, str]]], fields: Mapping[str, Any], subject: str
) -> None:
    reason = str(fields.get("reason", ""))
    for line in fields.get("overrides", ()):
        record = str(line.get("record", ""))
        about = subject or str(line.get("subject", "")) or record
        other = record if record != about else ""
        told.setdefault((about, other), []).append((str(line.get("rule", "")), reason))


register(
    {
        "guard_overridden": (
            "Went through although {rules} stood in the way. Reason given: {reason}",
            "Nothing closes it: it tells every reader what was decided and why.",
        ),
    }
)
