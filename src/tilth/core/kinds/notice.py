"""What the fields of one record alone give reason to notice; accounts notice the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tilth.core.days import first_day, last_day
from tilth.core.findings import Finding, register
from tilth.core.kinds.model import Kind
from tilth.core.kinds.status import VOCABULARIES, read_status

__all__ = ["notices"]


def notices(
    kind: Kind, record: str, fields: Mapping[str, Any], missing: Sequence[str]
) -> list[Finding]:
    """Findings about a record that went in.

    Parameters
    ----------
    record
        Full record id.
    missing
        Minimum-data fields it lacks, as `tilth.core.kinds.validate.check` lists them.

    Returns
    -------
    list of Finding
        ``incomplete``, ``ends_before_it_begins``, ``confirmed_without_direct_evidence``,
        ``status_word_unknown``.
    """
    found = []
    if missing:
        found.append(Finding("incomplete", record, params={"fields": ", ".join(missing)}))
    if not kind.protected:
        found += _upside_down(kind, record, fields)
    if kind.name == "hazard_area":
        found += _about_hazard(record, fields)
    return found


_SPANS = (
    ("period_from", "period_to"),
    ("planned_from", "planned_to"),
    ("issued_on", "expires_on"),
    ("started_on", "happened_on"),
    ("actual_from", "actual_to"),
)
"""Fields that tell of a first and of a last day."""
_OF_REPORT = ("happened_on", "period_to")
"""A report happened from its day to its last."""
_MEMBERS = "members"
"""Lines with days of their own."""


def _upside_down(kind: Kind, record: str, fields: Mapping[str, Any]) -> Iterator[Finding]:
    """Spans that end before they begin, of the record and of its lines; each pair of days once."""
    told = set()
    spans = (*_SPANS, _OF_REPORT) if kind.name == "clearance_report" else _SPANS
    for values in (fields, *fields.get(_MEMBERS, ())):
        for first, last in spans:
            if first not in values or last not in values:
                continue
            begins, ends = str(values[first]), str(values[last])
            if last_day(ends) < first_day(begins) and (begins, ends) not in told:
                told.add((begins, ends))
                yield Finding(
                    "ends_before_it_begins", record, params={"begins": begins, "ends": ends}
                )


def _about_hazard(record: str, fields: Mapping[str, Any]) -> list[Finding]:
    found = []
    direct = "direct_evidence" in fields or fields.get("evidence") == "direct"
    if fields.get("classification") == "CHA" and not direct:
        found.append(Finding("confirmed_without_direct_evidence", record))
    word = fields.get("status_entered", "")
    if word and "work_status" not in fields and not _understood(word, fields):
        found.append(Finding("status_word_unknown", record, params={"word": word}))
    return found


def _understood(word: str, fields: Mapping[str, Any]) -> bool:
    vocabulary = fields.get("status_vocabulary", "")
    if vocabulary and vocabulary not in VOCABULARIES:
        return False
    return any(read_status(word, vocabulary).axes)


register(
    {
        "incomplete": (
            "Minimum data are missing: {fields}.",
            "Ask who reported it, and correct the record.",
        ),
        "ends_before_it_begins": (
            "It ends on {ends}, before it begins on {begins}: it counts on no day between.",
            "Correct one of the two days.",
        ),
        "confirmed_without_direct_evidence": (
            "The area is confirmed, and no direct evidence is recorded.",
            "Record the direct evidence, or classify the area as suspected.",
        ),
        "status_word_unknown": (
            "The status {word} is in no known vocabulary; it says nothing about work or release.",
            "State the work status, or name the vocabulary that the source uses.",
        ),
    }
)
