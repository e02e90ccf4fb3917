"""Shapes of questions and answers that several operations share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Path, Query, Schema
from pydantic import ConfigDict, Field

__all__ = [
    "After",
    "Answer",
    "Body",
    "Day",
    "Fields",
    "Hash",
    "Language",
    "Level",
    "Limit",
    "Name",
    "ProblemAnswer",
    "RecordName",
    "Short",
    "Telling",
]

Level = Literal["reported", "verified", "approved", "prudent"]
Language = Literal["en", "fr", "es", "ru", "uk", "ar", "ko"]

_PLAIN = r"^[^\x00-\x1f\x7f]*$"
"""No control characters: no name and no word of a filter holds any."""

Day = Annotated[
    str,
    Query(
        pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$",
        description="A day, YYYY-MM-DD; empty for today.",
        examples=["2026-03-31"],
    ),
]
Short = Annotated[str, Query(max_length=200, pattern=_PLAIN)]
Limit = Annotated[int, Query(ge=1, le=1000, description="Most rows of an answer.")]
After = Annotated[
    str,
    Query(
        max_length=60,
        pattern=r"^[0-9A-Za-z~.+-]*$",
        description="Where the page before ended: take the link `next`.",
    ),
]
Name = Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]
RecordName = Annotated[
    str,
    Path(
        min_length=1,
        max_length=400,
        pattern=_PLAIN,
        description="Full id, local id or national id of a record.",
    ),
]
Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="Hash of a statement.")]
Fields = Annotated[
    dict[str, Any],
    Field(description="Fields by name, as the kind defines them: see `/kinds/{kind}`."),
]


class Answer(Schema):
    """What every answer holds."""

    synthetic: bool = Field(description="True where the operation is invented, for practice.")
    seq: int = Field(ge=0, description="Statements received when this was read.")


class Telling(Schema):
    """One thing that is wrong, and how it is put right."""

    code: str
    where: str
    what: str
    fix: str


class ProblemAnswer(Telling):
    """A refusal (RFC 9457)."""

    type: str = Field(pattern="^urn:tilth:problem:", examples=["urn:tilth:problem:not_readable"])
    title: str
    status: int
    problems: list[Telling]
    count: int = Field(description="Problems found, of which at most 200 are listed.")
    synthetic: bool
    now: dict[str, Any] | None = Field(None, description="Of 412: what the record says now.")
    sent: dict[str, Any] | None = Field(None, description="Of 412: what was to be said.")


class Body(Schema):
    """A body: what it does not name is refused, and nothing is guessed at."""

    model_config = ConfigDict(extra="forbid", strict=True)
