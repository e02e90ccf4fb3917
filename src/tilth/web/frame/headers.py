"""Headers that every answer carries (OWASP ASVS 5.0 V3.4)."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse

__all__ = ["SecurityHeaders"]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    )
)
"""Nothing is loaded from anywhere else, nothing in a page runs or styles but our own files."""

PERMISSIONS = "camera=(), microphone=(), geolocation=(self), payment=(), usb=()"


METHODS = ("GET", "HEAD", "POST", "OPTIONS")
"""What a browser asks pages with; the API has more."""


class SecurityHeaders:
    """Set the policy, refuse methods that no page has, keep pages out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers; what a view set for itself stays."""
        if request.method not in METHODS and not request.path.startswith("/api/"):
            response: HttpResponse = HttpResponseNotAllowed(METHODS)
        else:
            response = self._get_response(request)
        response.setdefault("Content-Security-Policy", POLICY)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        response.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(settings.STATIC_URL):
            response.setdefault("Cache-Control", "private, no-store")
        if request.method == "POST" and request.path == reverse("account_logout"):
            response["Clear-Site-Data"] = '"cache", "storage"'  # of a computer that others use
        return response
