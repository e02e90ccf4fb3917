"""Answers kept for a day, so that a POST whose answer was lost can be sent again.

The log and these answers lie in two databases. Where the server ends between saying something and
keeping the answer, nobody can tell any more whether it was said: the key is then refused, and the
sender looks first. Nothing is said twice in any case.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tilth.core.problems import Problem, Refused, register
from tilth.web.api.models import KeptAnswer, Token

__all__ = ["once"]

KEPT = timedelta(hours=24)
_UNDER_WAY = timedelta(minutes=2)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_HEADERS = ("Content-Type", "ETag", "Location", "Content-Language")
_FAULT = 500

register(
    {
        "idempotency_key_bad": (
            "This cannot be an Idempotency-Key.",
            "Take 1 to 200 ASCII characters without spaces, best a random UUID.",
        ),
        "idempotency_key_reused": (
            "The Idempotency-Key {key} was sent with something else.",
            "Take a new key for each thing that you say.",
        ),
        "answer_under_way": (
            "What was sent with the Idempotency-Key {key} is still being done.",
            "Wait some seconds and send the same again.",
        ),
        "answer_lost": (
            "The server ended while it did what was sent with the Idempotency-Key {key}.",
            "Look whether it was said; if it was not, send it with a new key.",
        ),
    }
)


def once(
    request: HttpRequest, token: Token, answer: Callable[[HttpRequest], HttpResponse]
) -> HttpResponse:
    """Answer of a POST with an ``Idempotency-Key``: the kept one where it was sent before.

    What was refused is not kept: nothing was said, and the same key may be sent with it mended.

    Raises
    ------
    Refused
        ``idempotency_key_bad``, ``idempotency_key_reused``, ``answer_under_way``, ``answer_lost``.
    """
    key = request.headers["Idempotency-Key"]
    if not _KEY.fullmatch(key):
        raise Refused(Problem("idempotency_key_bad", "Idempotency-Key"))
    asked = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    fingerprint = hashlib.sha256(asked).hexdigest()
    KeptAnswer.objects.filter(token=token, created__lt=timezone.now() - KEPT).delete()
    try:
        with transaction.atomic():
            kept = KeptAnswer.objects.create(token=token, key=key, fingerprint=fingerprint)
    except IntegrityError:
        return _again(KeptAnswer.objects.get(token=token, key=key), fingerprint)
    response = answer(request)
    if response.status_code < 300:
        kept.status = response.status_code
        kept.headers = {name: response[name] for name in _HEADERS if name in response}
        kept.body = response.content
        kept.save(update_fields=["status", "headers", "body"])
    elif response.status_code != _FAULT:
        kept.delete()
    return response


def _again(kept: KeptAnswer, fingerprint: str) -> HttpResponse:
    params = {"key": kept.key}
    if kept.fingerprint != fingerprint:
        raise Refused(Problem("idempotency_key_reused", "Idempotency-Key", params))
    if kept.status is None:
        fresh = timezone.now() - kept.created < _UNDER_WAY
        code = "answer_under_way" if fresh else "answer_lost"
        raise Refused(Problem(code, "Idempotency-Key", params))
    response = HttpResponse(bytes(kept.body), status=kept.status, headers=kept.headers)
    response["Idempotency-Replayed"] = "true"
    return response
