"""An explanation: why a finding stands and needs nothing done."""

from __future__ import annotations

from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import RULES, every

__all__ = ["EXPLANATION"]


def _field(name: str, label: str, help: str, *, minimum: bool = False) -> Field:
    clause = f"{RULES} §7"
    return Field(name, FieldType.TEXT, label, help, clause=clause, minimum=minimum)


EXPLANATION = Kind(
    "explanation",
    1,
    "Explanation",
    "Why a finding stands and needs nothing done; by the author of the record, or the authority.",
    fields=(
        *every(),
        _field("finding", "Finding", "Its code.", minimum=True),
        _field("about", "Record", "Full id of the record found.", minimum=True),
        _field("other", "Other record", "Full id, where the finding names two."),
        _field("reason", "Reason", "Why nothing needs to be done.", minimum=True),
    ),
    required=("happened_on",),
)
