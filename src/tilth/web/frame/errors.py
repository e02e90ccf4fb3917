"""Pages for what went wrong: never a traceback, always a way on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

__all__ = ["bad_request", "csrf_failed", "not_found", "permission_denied", "server_error"]


def _page(request: HttpRequest, status: int, what: str, fix: str) -> HttpResponse:
    return render(request, "frame/error.html", {"what": what, "fix": fix}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    del exception
    return _page(
        request, 400, _("This request cannot be read."), _("Go back and try the form again.")
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    del exception
    return _page(
        request,
        403,
        _("Your role does not allow this."),
        _("Ask an administrator of your organisation, or go back."),
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was not made by this server for this session."""
    del reason
    return _page(
        request,
        403,
        _("This form is too old, or was not made for you."),
        _("Open the page again and send it once more; cookies must be allowed."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the same for what does not exist and for what the reader may not see."""
    del exception
    return _page(
        request,
        404,
        _("There is nothing here that you can see."),
        _("Search for it, or ask the organisation that holds it."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _page(
        request,
        500,
        _("The server failed. What was acknowledged before is kept."),
        _("Try again in a minute; if it happens again, tell whoever runs this server."),
    )
