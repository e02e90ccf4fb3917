"""What is known of people who sign in: a sign-in name, a code, their roles. Never a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.models import User
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

__all__ = ["Event", "Member", "OneTimeLink", "SecurityEvent"]


class Member(models.Model):
    """A person in an organisation: the code its statements name, and what the person may do.

    One user may belong to several organisations of the operation, with a code in each.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.CharField(max_length=64)
    """Id of the organisation's log, hexadecimal."""
    person_code = models.CharField(max_length=40)
    roles = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        """One membership a person and organisation; one person a code."""

        ordering: ClassVar = ["person_code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "organisation"], name="one_membership"),
            models.UniqueConstraint("organisation", Lower("person_code"), name="one_person_a_code"),
        ]

    def __str__(self) -> str:
        return f"{self.person_code} ({self.organisation[:8]})"

    @property
    def invited(self) -> bool:
        """Whether the person was invited and has never signed in."""
        return self.user.last_login is None


class OneTimeLink(models.Model):
    """A link handed over by an administrator: kept as a hash, good for an hour and for one use."""

    INVITATION, RESET, MACHINE = "invitation", "reset", "machine"
    PURPOSES: ClassVar = [
        (INVITATION, "invitation"),
        (RESET, "reset"),
        (MACHINE, "made on the machine"),
    ]

    token_hash = models.CharField(max_length=64, unique=True)
    """SHA-256 of the code, hexadecimal; a code holds 138 random bits and needs no salt."""
    purpose = models.CharField(max_length=12, choices=PURPOSES)
    user = models.ForeignKey(User, models.CASCADE, related_name="one_time_links")
    organisation = models.CharField(max_length=64)
    clears_factors = models.BooleanField(default=False)
    """Using it also removes authenticator app, passkeys and recovery codes."""
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    """None when it was made on the machine."""
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    """When it was used, or a newer one took its place."""

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"

    def good_at(self, moment: datetime) -> bool:
        """Whether it can be used at a moment."""
        return self.ended_at is None and moment < self.expires_at and self.user.is_active


class Event(models.TextChoices):
    """What the security log tells."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_THROTTLED = "sign_in_throttled"
    CONFIRMED = "confirmed"
    SIGNED_OUT = "signed_out"
    SESSION_ENDED = "session_ended"
    INVITED = "invited"
    RESET_HANDED_OUT = "reset_handed_out"
    LINK_USED = "link_used"
    LINK_REFUSED = "link_refused"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word of the log
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    IDENTITY_BOUND = "identity_bound"
    ROLES_CHANGED = "roles_changed"
    DEACTIVATED = "deactivated"
    ACTIVATED = "activated"
    ORGANISATION_SWITCHED = "organisation_switched"
    DENIED = "denied"
    TOKEN_MADE = "token_made"  # noqa: S105 - words of the log
    TOKEN_USED = "token_used"  # noqa: S105
    TOKEN_ENDED = "token_ended"  # noqa: S105
    TOKEN_REFUSED = "token_refused"  # noqa: S105


class _Appended(models.QuerySet["SecurityEvent"]):
    """Rows that are written once; what would change or take away rows is refused."""

    def update(self, **_: Any) -> NoReturn:
        msg = "the security log is only appended to"
        raise TypeError(msg)

    def delete(self) -> NoReturn:
        msg = "the security log is only appended to"
        raise TypeError(msg)


class SecurityEvent(models.Model):
    """A line of the security log. Codes and sign-in names as text: they outlive the account."""

    objects = _Appended.as_manager()

    at = models.DateTimeField(default=timezone.now, db_index=True)
    event = models.CharField(max_length=24, choices=Event.choices)
    username = models.CharField(max_length=150, blank=True)
    """Whom it is about; empty where the name that was typed is nobody's."""
    person_code = models.CharField(max_length=40, blank=True)
    organisation = models.CharField(max_length=64, blank=True, db_index=True)
    by = models.CharField(max_length=150, blank=True)
    """Sign-in name of who did it; empty for the machine and for nobody signed in."""
    address = models.GenericIPAddressField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ} {self.event} {self.username}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write once.

        Raises
        ------
        TypeError
            For a line that is there already.
        """
        if self.pk is not None:
            msg = "the security log is only appended to"
            raise TypeError(msg)
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Never.

        Raises
        ------
        TypeError
            Always.
        """
        msg = "the security log is only appended to"
        raise TypeError(msg)
