"""One line in the log for each request: which page, for whom by number, with what end, how long."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tilth.web.serving.logs import current_request

__all__ = ["RequestLog"]

_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
_access = logging.getLogger("tilth.access")


class RequestLog:
    """One line for each request; its id goes into every line written meanwhile, and to the reader.

    The id of a proxy in front (``X-Request-ID``) is taken over where it looks like one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and write the line."""
        given = request.headers.get("X-Request-ID", "")
        name = given if _ID.fullmatch(given) else secrets.token_hex(8)
        token = current_request.set(name)
        began = time.perf_counter()
        try:
            response = self._get_response(request)
            response.headers["X-Request-ID"] = name
            if request.path.startswith(settings.STATIC_URL):  # says nothing of anybody's work
                return response
            _access.log(
                logging.ERROR if response.status_code >= 500 else logging.INFO,
                "answered",
                extra={
                    "method": request.method,
                    "route": _route(request),
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - began) * 1000, 1),
                    "user": _user(request),
                },
            )
        finally:
            current_request.reset(token)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Write down an error of ours, without what it says; the answer is made by others."""
        if getattr(exception, "problems", None) is None:
            _access.error("failed", exc_info=exception, extra={"route": _route(request)})


def _route(request: HttpRequest) -> str:
    """Name of the address, never the address: it may hold a record, a place or a code."""
    match = request.resolver_match
    return (match.view_name or match.route) if match is not None else ""


def _user(request: HttpRequest) -> int | None:
    """Number of who is signed in, where that was asked for anyway."""
    user = getattr(request, "_cached_user", None)
    return user.pk if user is not None else None
