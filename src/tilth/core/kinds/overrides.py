"""What a record says of guards that were passed with a reason."""

from __future__ import annotations

from tilth.core.kinds.model import Field, FieldType
from tilth.core.kinds.shared import RULES, words

__all__ = ["OVERRIDES", "REASON"]

OVERRIDES = Field(
    "overrides",
    FieldType.LINES,
    "Guards overridden",
    "What stood in the way and was passed all the same, with the reason: a finding for ever.",
    clause=f"{RULES} §6",
    longest=1000,
    fields=(
        Field("rule", FieldType.TEXT, "Rule", "Code of the rule.", longest=100),
        Field("record", FieldType.TEXT, "Record", "What stood in the way.", longest=500),
    ),
)
REASON = Field(
    "reason",
    FieldType.TEXT,
    "Reason",
    "Why a guard was overridden; still to be understood in ten years.",
    clause=f"{RULES} §6",
    headings=words("reason | motivo | motif | причина | السبب"),
)
