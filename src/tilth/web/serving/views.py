"""For programs that watch the server: does it live, and can it work."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from tilth.web.serving.readiness import readiness

__all__ = ["health", "ready"]


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    del request
    return JsonResponse({"lives": True})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when every part can do its work, otherwise 503; says which, and nothing else."""
    del request
    parts = readiness()
    whole = all(parts.values())
    return JsonResponse({"ready": whole, **parts}, status=200 if whole else 503)
