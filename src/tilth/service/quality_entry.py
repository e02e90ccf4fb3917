"""What a person typed about an inspection or a nonconformity, as fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tilth.core.kinds.lists_quality import QUESTION
from tilth.core.problems import Problem, Refused, register
from tilth.exchange.words import fold
from tilth.service.entering import read_fields, read_records, typed
from tilth.service.session import Session
from tilth.service.speaking import Wish

__all__ = ["entered"]

register(
    {
        "question_unknown": (
            "{question} is no question of the checklist.",
            "Take one of: {questions}.",
        ),
        "question_twice": (
            "{question} is answered twice.",
            "Answer it once; what is to be added goes into the remark.",
        ),
    }
)


def entered(session: Session, kind: str, wish: Wish, checks: Sequence[str] = ()) -> dict[str, Any]:
    """Canonical fields of what was typed, read like the cells of an import.

    A position or polygon that comes first in an operation fixes its frame.

    Parameters
    ----------
    checks
        ``QUESTION=ANSWER`` or ``QUESTION=ANSWER: remark`` each, added to the checklist.

    Raises
    ------
    Refused
        What `tilth.service.entering` refuses, ``one_record_at_a_time``, ``question_unknown``,
        ``question_twice``.
    """
    given: dict[str, Any] = {}
    if wish.file is not None:
        records = read_records(wish.file)
        if len(records) > 1:
            count = {"count": len(records)}
            raise Refused(Problem("one_record_at_a_time", str(wish.file), count))
        given |= records[0]
    given |= typed(wish.texts)
    lines = [_checked(text) for text in checks]
    asked = [line["question"] for line in lines]
    if twice := sorted({one for one in asked if asked.count(one) > 1}):
        raise Refused(*(Problem("question_twice", one, {"question": one}) for one in twice))
    if lines:
        given["checklist"] = [*given.get("checklist", ()), *lines]
    read = read_fields(session.kind(kind), given, wish.survey)
    if read.centre is not None:
        session.fix_frame(read.centre)
    return {name: value for name, value in read.fields.items() if value is not None}


def _checked(text: str) -> Mapping[str, str]:
    """A line of the checklist; questions are known by their code or the name of the source."""
    question, equals, answer = text.partition("=")
    if not equals:
        raise Refused(Problem("not_field_and_value", text, {"text": text}))
    wanted = fold(question)
    for code in QUESTION.codes:
        if wanted in (fold(one) for one in (code.value, code.label, *code.words)):
            said, _, remark = answer.partition(":")
            line = {"question": code.value, "answer": said.strip()}
            return line | ({"remark": remark.strip()} if remark.strip() else {})
    params = {"question": question, "questions": ", ".join(one.value for one in QUESTION.codes)}
    raise Refused(Problem("question_unknown", question, params))
