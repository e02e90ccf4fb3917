"""What the fields of one record alone give reason to notice; accounts notice the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
        ``incomplete``, ``confirmed_without_direct_evidence``, ``status_word_unknown``.
    """
    found = []
    if missing:
        found.append(Finding("incomplete", record, params={"fields": ", ".join(missing)}))
    if kind.name == "hazard_area":
        found += _about_hazard(record, fields)
    return found


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
