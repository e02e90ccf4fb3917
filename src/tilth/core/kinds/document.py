"""A document that was issued: its code, the hash of its value, and the position it was made at."""

from __future__ import annotations

from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import RULES, every

__all__ = ["DOCUMENT"]


def _text(name: str, label: str, help: str = "", *, minimum: bool = False) -> Field:
    return Field(name, FieldType.TEXT, label, help, clause=f"{RULES} §1", minimum=minimum)


DOCUMENT = Kind(
    "document",
    1,
    "Document",
    "A document that was issued, such as a handover certificate. It is made again from its value.",
    fields=(
        *every(),
        _text("document_type", "Type of document", minimum=True),
        _text("subject", "Subject", "Full id of the record it is about; empty: the operation."),
        _text("code", "Verification code", "21 characters, see tilth check.", minimum=True),
        _text("value_sha256", "SHA-256 of the value", "The value is kept by it.", minimum=True),
        _text("position", "Position", "Size and root of every log held when it was made."),
        _text("language", "Language", "The value is the same in every language."),
        _text("level", "Level", "Level of its figures."),
        Field("until", FieldType.DAY, "Until", "Day its figures hold until.", future=True),
        Field("since", FieldType.DAY, "Since", "Day before its period, where it has one."),
        _text("supersedes", "Supersedes", "Code of the document that it takes the place of."),
    ),
    required=("happened_on",),
)
