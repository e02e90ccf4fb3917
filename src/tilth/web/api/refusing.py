"""Problems as RFC 9457 tells them: the codes of everywhere, with what, where and how to mend it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja.errors import ValidationError

from tilth.core.problems import Problem, Refused, register
from tilth.text.messages import problem_text
from tilth.web.frame.context import operation
from tilth.web.frame.refusals import status_of

__all__ = [
    "DECLARED",
    "PROBLEM_TYPE",
    "NotModified",
    "answer_invalid",
    "answer_problems",
    "answer_refused",
    "problems_of",
]

PROBLEM_TYPE = "application/problem+json"
_MOST = 200
"""Problems that are told one by one."""

register(
    {
        "no_such_address": (
            "There is nothing at this address.",
            "Look at /api/v1/openapi.json for what there is.",
        ),
        "method_not_allowed": (
            "{method} is not done at this address.",
            "Take one of: {allowed}.",
        ),
        "body_not_json": (
            "What is sent has to be JSON and say so.",
            "Send the header Content-Type: application/json.",
        ),
        "body_unread": (
            "The body cannot be read: {reason}.",
            "Send one JSON value in UTF-8.",
        ),
        "body_too_large": (
            "The body is too large.",
            "Send at most 5 MB at a time; deliver files with tilth import or on the import page.",
        ),
        "request_invalid": (
            "This is not what is expected here: {reason}.",
            "See what the operation takes in /api/v1/openapi.json.",
        ),
        "token_refused": (
            "This needs a token that is good.",
            "Make one on the page Tokens, and send it as Authorization: Bearer TOKEN.",
        ),
        "token_reads_only": (
            "This token only reads.",
            "Make a token that may write, on the page Tokens.",
        ),
        "server_fault": (
            "The server failed. What was acknowledged before is kept.",
            "Try again in a minute; if it happens again, tell whoever runs this server.",
        ),
    }
)

_STATUS = {
    "token_refused": 401,
    "token_reads_only": 403,
    "no_such_address": 404,
    "unknown_task": 404,
    "unknown_document": 404,
    "code_unknown": 404,
    "no_statement": 404,
    "log_not_here": 404,
    "job_not_yours": 404,
    "job_kind_unknown": 404,
    "not_counted_yet": 404,
    "answer_under_way": 409,
    "answer_lost": 409,
    "record_taken": 409,
    "job_over": 409,
    "job_not_over": 409,
    "record_changed": 412,
    "form_is_stale": 412,
    "body_too_large": 413,
    "body_not_json": 415,
    "body_unread": 400,
    "too_many_attempts": 429,
    "too_many_jobs": 429,
    "server_fault": 500,
}
"""Status by code, beside that of the pages; everything else is 422: understood, and refused."""

DECLARED = (400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 503)
"""Statuses with which a problem may be answered."""


class NotModified(Exception):
    """What the asker has is what there is."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


def problems_of(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Problems in the reader's language: ``code``, ``where``, ``what``, ``fix``."""
    language = get_language() or "en"
    return [problem_text(one, language) for one in list(problems)[:_MOST]]


def answer_problems(problems: Sequence[Problem], *, status: int = 0, **more: Any) -> HttpResponse:
    """Answer problems; the first one gives type and title, all are listed."""
    first = problems[0]
    code = status or _STATUS.get(first.code) or status_of(Refused(first))
    told = problems_of(problems)
    value = {
        "type": f"urn:tilth:problem:{first.code}",
        "title": told[0]["what"],
        "status": code,
        **told[0],
        "problems": told,
        "count": len(problems),
        "synthetic": operation().synthetic,
        **more,
    }
    data = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    response = HttpResponse(data, content_type=PROBLEM_TYPE, status=code)
    if code == 401:
        # Basic is accepted and not asked for: a browser that is asked keeps it, and sends it along
        # with whatever another site makes it send.
        response["WWW-Authenticate"] = 'Bearer realm="Tilth"'
    if code in (429, 503):
        response["Retry-After"] = "60" if code == 429 else "5"
    return response


def answer_refused(request: HttpRequest, refused: Refused, **more: Any) -> HttpResponse:
    """Answer a refusal, and tell the security log its code."""
    request.refused_code = refused.problems[0].code  # type: ignore[attr-defined]
    return answer_problems(refused.problems, **more)


def answer_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer parameters or a body that are not as declared."""
    del request
    problems = [
        Problem(
            "request_invalid",
            _where(one.get("loc", ())),
            {"reason": str(one.get("msg", ""))},
        )
        for one in error.errors
    ]
    return answer_problems(problems or [Problem("request_invalid", "", {"reason": ""})], status=422)


def _where(parts: Sequence[object]) -> str:
    """Place in the question; ninja names the body and then the parameter that holds it."""
    names = [str(one) for one in parts]
    return ".".join(names[1:] if names[:2] == ["body", "body"] else names)
