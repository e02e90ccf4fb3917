"""Make, find and end tokens.

A token is ``tilth_NUMBER_SECRET``: the number finds the row, the secret is 256 random bits in
base64url. The whole is compared by its hash in constant time. It comes in the ``Authorization``
header and nowhere else, so that it stands in no address and no log (OWASP ASVS 5.0 14.2.1).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models.signals import post_save
from django.http import HttpRequest
from django.utils import timezone

from tilth.core.problems import Problem, Refused, register
from tilth.web.api.models import Scope, Token
from tilth.web.people import security_log
from tilth.web.people.models import Event, Member

__all__ = [
    "DAYS",
    "MOST_DAYS",
    "end",
    "find",
    "given_with",
    "listen",
    "make",
    "note_use",
    "short_hash",
    "tokens_of",
]

DAYS = 365
"""Days that a token lasts, unless its person says otherwise."""
MOST_DAYS = 730
_MOST_TOKENS = 20
_BYTES = 32
_FORM = re.compile(r"tilth_([1-9][0-9]{0,17})_([A-Za-z0-9_-]{43})", re.ASCII)
_NOBODY = hashlib.sha256(b"nobody").hexdigest()

register(
    {
        "token_device_missing": (
            "A token needs the name of the device or program that will use it.",
            "Write 1 to 60 characters, for example: QGIS on the office laptop.",
        ),
        "token_days": (
            "{days} is not a number of days that a token can last.",
            "Take 1 to {most}.",
        ),
        "token_scope": (
            "There is no token to {scope}.",
            "Take read or write.",
        ),
        "too_many_tokens": (
            "You have {count} tokens already.",
            "End those that no device uses any more.",
        ),
    }
)


def make(
    request: HttpRequest, member: Member, device: str, scope: str, days: int = DAYS
) -> tuple[Token, str]:
    """Make a token for a member; the text is told once and kept nowhere.

    Raises
    ------
    Refused
        ``token_device_missing``, ``token_days``, ``token_scope``, ``too_many_tokens``.
    """
    called = " ".join(device.split())
    if not 0 < len(called) <= 60 or not called.isprintable():
        raise Refused(Problem("token_device_missing", "device"))
    if not 1 <= days <= MOST_DAYS:
        raise Refused(Problem("token_days", "days", {"days": days, "most": MOST_DAYS}))
    if scope not in Scope.values:
        raise Refused(Problem("token_scope", "scope", {"scope": scope[:20]}))
    now = timezone.now()
    good = sum(1 for one in member.tokens.all() if one.good_at(now))
    if good >= _MOST_TOKENS:
        raise Refused(Problem("too_many_tokens", "device", {"count": good}))
    made = Token.objects.create(
        member=member, device=called, scope=scope, expires_at=now + timedelta(days=days)
    )
    text = f"tilth_{made.pk}_{secrets.token_urlsafe(_BYTES)}"
    made.secret_hash = _hash(text)
    made.save(update_fields=["secret_hash"])
    security_log.note(
        Event.TOKEN_MADE, request=request, member=member, token=made.pk, scope=scope, days=days
    )
    return made, text


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def short_hash(parts: Iterable[object]) -> str:
    """32 hexadecimal digits that change with any of the parts."""
    return _hash("\n".join(map(str, parts)))[:32]


def given_with(request: HttpRequest) -> str:
    """Token in the ``Authorization`` header: as Bearer, or as the password of Basic; else empty.

    Basic, because QGIS and other clients lose headers that they do not know; its user name is not
    looked at.
    """
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer":
        return rest
    if scheme.lower() == "basic":
        try:
            decoded = base64.b64decode(rest, validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            return ""
        return decoded.partition(":")[2]
    return ""


def find(text: str) -> Token | None:
    """Token of that text, if it opens anything now; the same work is done where there is none."""
    form = _FORM.fullmatch(text)
    found = None
    if form is not None:
        rows = Token.objects.select_related("member__user")
        found = rows.filter(pk=int(form[1])).first()
    same = hmac.compare_digest(found.secret_hash if found is not None else _NOBODY, _hash(text))
    if found is None or not same or not found.good_at(timezone.now()):
        return None
    member = found.member
    return found if member.active and member.user.is_active else None


def note_use(request: HttpRequest, token: Token) -> None:
    """Keep the day of the last use, and write the first of each day into the security log."""
    today = timezone.now().date()
    if token.last_used == today:
        return
    fresh = Token.objects.filter(pk=token.pk).exclude(last_used=today).update(last_used=today)
    if fresh:
        security_log.note(Event.TOKEN_USED, request=request, member=token.member, token=token.pk)


def end(request: HttpRequest, token: Token) -> None:
    """End a token; the caller has checked whose it is."""
    ended = Token.objects.filter(pk=token.pk, ended_at=None).update(
        ended_at=timezone.now(), ended_by=request.user.get_username()
    )
    if ended:
        security_log.note(Event.TOKEN_ENDED, request=request, member=token.member, token=token.pk)


def tokens_of(member: Member) -> list[Token]:
    """Tokens of a member, those that are good first."""
    now = timezone.now()
    found = list(Token.objects.filter(member=member).select_related("member"))
    return sorted(found, key=lambda one: not one.good_at(now))


def listen() -> None:
    """Connect to what ends somebody's access; called once when the app is ready."""
    post_save.connect(_member_saved, sender=Member, dispatch_uid="api")
    post_save.connect(_user_saved, sender=User, dispatch_uid="api")


def _member_saved(instance: Member, **_: Any) -> None:
    """Tokens do not come back with a person who is let in again."""
    if not instance.active:
        Token.objects.filter(member=instance, ended_at=None).update(ended_at=timezone.now())


def _user_saved(instance: User, **_: Any) -> None:
    if not instance.is_active:
        rows = Token.objects.filter(member__user=instance, ended_at=None)
        rows.update(ended_at=timezone.now())
