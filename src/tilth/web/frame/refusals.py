"""A refused act becomes a page, or part of one, that says what, where and how to put it right."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.core.problems import Refused

__all__ = ["STATUS", "Refusals", "status_of"]

STATUS = {
    "not_signed_in": 401,
    "not_permitted": 403,
    "role_not_permitted": 403,
    "administrators_only": 403,
    "own_statement": 403,
    "not_readable": 404,
    "unknown_record": 404,
    "unknown_task": 404,
    "unknown_nonconformity": 404,
    "unknown_import": 404,
    "no_statement": 404,
    "code_unknown": 404,
    "unknown_kind": 404,
    "no_such_feature": 404,
    "no_such_layer": 404,
    "no_such_tile": 404,
    "no_such_basemap": 404,
    "map_not_ready": 503,
    "fetch_failed": 502,
    "no_workspace_served": 503,
    "workspace_busy": 503,
    "storage_failed": 503,
}
"""HTTP status by problem code; everything else is 422: understood, and refused."""


def status_of(refused: Refused) -> int:
    """Status of an answer that tells these problems."""
    return STATUS.get(refused.problems[0].code, 422)


class Refusals:
    """Turn `Refused` into an answer; views that show problems beside a form catch it themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal; anything else is an error of ours and goes on."""
        if not isinstance(exception, Refused):
            return None
        status = status_of(exception)
        request.refused_code = exception.problems[0].code  # type: ignore[attr-defined]
        if status == 401 and request.method == "GET" and "HX-Request" not in request.headers:
            return redirect_to_login(request.get_full_path())
        part = "HX-Request" in request.headers
        template = "frame/refused_part.html" if part else "frame/refused.html"
        return render(request, template, {"problems": exception.problems}, status=status)
