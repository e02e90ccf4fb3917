"""A file that was sent in and is looked at before its rows are said."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

__all__ = ["Upload"]


class Upload(models.Model):
    """A file, how it is to be read, and what looking at it told.

    The bytes lie in the workspace under a name of our own; nothing of them is in the log before
    the person says so, and they go once the rows are taken in or a week has passed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    organisation = models.CharField(max_length=64)
    """Id of the organisation in whose log the rows will stand, hexadecimal."""
    filename = models.CharField(max_length=200)
    """As the person's machine calls it, without its folder."""
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    sent_at = models.DateTimeField(default=timezone.now)
    asked = models.JSONField(default=dict)
    """Kind, layer, mapping, source, set fields, reference system, level: as the form says."""
    told = models.JSONField(null=True)
    """What `tilth.service.delivery_preview.look` said of it; None while it was not looked at."""
    problems = models.JSONField(default=list)
    """Why it could not be read at all."""
    job = models.CharField(max_length=40, blank=True)
    """Job that looks at it or takes it in."""
    done = models.JSONField(null=True)
    """What taking it in did; None until then."""

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-sent_at"]

    def __str__(self) -> str:
        return f"{self.filename} ({self.pk})"

    @property
    def path(self) -> Path:
        """Where the bytes lie; the ending is kept, since it tells the format."""
        return self.folder / f"file{Path(self.filename).suffix.lower()[:12]}"

    @property
    def folder(self) -> Path:
        """Folder of this file alone."""
        workspace: Path | None = settings.WORKSPACE
        return (workspace or Path()) / "derived" / "sent" / str(self.pk)

    @property
    def kind(self) -> str:
        """Kind of records that the rows are, empty while it is not chosen."""
        return str(self.asked.get("kind", ""))

    def says(self, name: str) -> Any:
        """A part of what the form says."""
        return self.asked.get(name, "")
