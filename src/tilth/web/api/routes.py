"""All operations under one description."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from tilth.core.problems import Problem, Refused
from tilth.core.statement import split_record_id
from tilth.web.api import decisions, figures, kinds, logs, records, working
from tilth.web.api.entrance import Basic, Bearer
from tilth.web.api.records import Changed
from tilth.web.api.refusing import (
    PROBLEM_TYPE,
    NotModified,
    answer_invalid,
    answer_problems,
    answer_refused,
)

__all__ = ["api", "described"]

VERSION = "1"


class Json(Parser):
    """Reads a body: UTF-8, no lone surrogates, which no canonical text can hold."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Value of the body.

        Raises
        ------
        Refused
            ``body_not_json``.
        """
        if request.content_type != "application/json":
            raise Refused(Problem("body_not_json", "Content-Type"))
        return msgspec.json.decode(request.body)


api = NinjaAPI(
    title="Tilth",
    version=VERSION,
    description=(
        "What the pages of Tilth do, for programs. Every figure has a level, a day and a "
        "position; nothing here says that ground is safe."
    ),
    openapi_url=None,
    docs_url=None,
    parser=Json(),
    auth=[Bearer(), Basic()],
    urls_namespace="api-1",
)
for router in (one.router for one in (figures, records, decisions, working, logs, kinds)):
    api.add_router("", router)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    return answer_refused(request, refused)


@api.exception_handler(Changed)
def _changed(request: HttpRequest, told: Changed) -> HttpResponse:
    params = {"record": split_record_id(told.record)[2]}
    refused = Refused(Problem("record_changed", told.record, params))
    return answer_refused(request, refused, now=told.now, sent=told.sent)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return answer_invalid(request, error)


@api.exception_handler(HttpError)
def _unread(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is no JSON."""
    if isinstance(error.__cause__, Refused):
        return answer_refused(request, error.__cause__)
    return answer_problems([Problem("body_unread", "", {"reason": str(error)[:200]})])


@api.exception_handler(NotModified)
def _not_modified(request: HttpRequest, told: NotModified) -> HttpResponse:
    del request
    return HttpResponse(status=304, headers={"ETag": told.tag})


@api.exception_handler(Exception)
def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    del request
    raise error  # `entered` writes it down and answers


def described() -> dict[str, Any]:
    """OpenAPI description: problems are of their own media type, other answers have tags."""
    found: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    for path in found["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                _mend(str(status), answer)
    return found


def _mend(status: str, answer: dict[str, Any]) -> None:
    content = answer.get("content", {})
    if status >= "400" and "application/json" in content:
        answer["content"] = {PROBLEM_TYPE: content["application/json"]}
    if status == "401":
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status == "405":
        answer["headers"] = {"Allow": {"schema": {"type": "string"}}}
    if status in ("200", "304"):
        answer["headers"] = {"ETag": {"schema": {"type": "string"}}}
