"""Tokens of persons and devices, and answers kept so that nothing is said twice."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tilth.web.people.models import Member

__all__ = ["KeptAnswer", "Scope", "Token"]


class Scope(models.TextChoices):
    """What a token allows; the roles of its person bound it further."""

    READ = "read", _("read")
    WRITE = "write", _("read and write")


class Token(models.Model):
    """A token, kept as a hash: 256 random bits need no salt and no slow hash (ASVS 5.0 6.5.2).

    Attributes
    ----------
    device
        What the person calls the device or program.
    secret_hash
        SHA-256 of the whole token, hexadecimal.
    last_used
        Day, UTC; no finer, because when somebody works is nobody's business.
    ended_by
        Sign-in name of who ended it; empty where the access of its person ended.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="tokens")
    device = models.CharField(max_length=60)
    scope = models.CharField(max_length=5, choices=Scope.choices, default=Scope.READ)
    secret_hash = models.CharField(max_length=64)
    created = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-created", "-pk"]

    def __str__(self) -> str:
        return f"{self.device} {self.pk}"

    def good_at(self, moment: datetime) -> bool:
        """Whether it opens anything at a moment."""
        return self.ended_at is None and moment < self.expires_at

    @property
    def is_good(self) -> bool:
        """Whether it opens anything now."""
        return self.good_at(timezone.now())

    @property
    def may_write(self) -> bool:
        """Whether something can be said with it."""
        return self.scope == Scope.WRITE


class KeptAnswer(models.Model):
    """What was answered to a POST with an ``Idempotency-Key``; without a status while under way.

    Attributes
    ----------
    fingerprint
        SHA-256 of method, address and body, hexadecimal.
    """

    token = models.ForeignKey(Token, models.CASCADE, related_name="answers")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        """One answer a token and key."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["token", "key"], name="one_answer_a_key"),
        ]
        indexes: ClassVar = [models.Index(fields=["created"], name="api_answers_by_age")]

    def __str__(self) -> str:
        return f"{self.token_id} {self.key}"
