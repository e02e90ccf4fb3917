"""A delivery: one file taken in, as a record of its own, so that every row can be traced to it."""

from __future__ import annotations

from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import RULES, every

__all__ = ["DELIVERY"]


def _count(name: str, label: str) -> Field:
    return Field(name, FieldType.INTEGER, label, least="0")


DELIVERY = Kind(
    "delivery",
    1,
    "Delivery",
    "A file that was imported: which, as what, how it was read, and how many of its rows went in.",
    fields=(
        *every(),
        Field("source", FieldType.TEXT, "Source", "Which delivery series the file continues."),
        Field("filename", FieldType.TEXT, "File name", "Empty for files about people."),
        Field("file_sha256", FieldType.TEXT, "SHA-256 of the file", clause=RULES),
        _count("file_bytes", "Size in bytes"),
        Field("of_kind", FieldType.TEXT, "Kind of its rows"),
        Field("layer", FieldType.TEXT, "Sheet or layer"),
        Field("mapping", FieldType.TEXT, "Mapping", "As applied, in the form of a mapping file."),
        Field("stated", FieldType.TEXT, "Stated", "Format, encoding, separator, system."),
        _count("read", "Rows read"),
        _count("accepted", "Rows accepted"),
        _count("unchanged", "Rows unchanged"),
        _count("refused", "Rows refused"),
        Field(
            "notes_sha256",
            FieldType.TEXT,
            "SHA-256 of the notes",
            "Refused rows with their problems, and what was noticed about the others.",
        ),
    ),
    required=("happened_on",),
)
