"""The notes of views: written once, kept for the owner of the record that was seen."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models

__all__ = ["SeenRecord"]

_KEPT = "notes of views are only appended to"


class _Appended(models.QuerySet["SeenRecord"]):
    """Rows that are written once."""

    def update(self, **_: Any) -> NoReturn:
        raise TypeError(_KEPT)

    def delete(self) -> NoReturn:
        raise TypeError(_KEPT)


class SeenRecord(models.Model):
    """One person saw one protected record; ids and codes, never a name."""

    objects = _Appended.as_manager()

    seen_at = models.CharField(max_length=27, db_index=True)
    """UTC time of the workspace, as its statements write it."""
    organisation = models.CharField(max_length=64)
    actor = models.CharField(max_length=200)
    record = models.CharField(max_length=400)
    owner = models.CharField(max_length=64, db_index=True)
    why = models.CharField(max_length=200)

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.seen_at} {self.actor} {self.record}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write once.

        Raises
        ------
        TypeError
            For a note that is there already.
        """
        if self.pk is not None:
            raise TypeError(_KEPT)
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Never.

        Raises
        ------
        TypeError
            Always.
        """
        raise TypeError(_KEPT)
