"""Notes of views in the server's database, and the page that shows them to their owner."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from tilth.service.viewing import View
from tilth.web.rights.keeping import StoredViews
from tilth.web.rights.models import SeenRecord


@pytest.mark.django_db
def test_notes_are_read_by_their_owner_alone_newest_first() -> None:
    kept = StoredViews()
    for number, owner in enumerate(("aa", "bb", "aa")):
        kept.note(View("2026-01-01T00:00:00Z", "cc", "im1", f"{owner}/victim/{number}", owner, "x"))
    assert [one.record for one in kept.of_owner("aa", 9)] == ["aa/victim/2", "aa/victim/0"]
    assert len(kept.of_owner("aa", 1)) == 1


@pytest.mark.django_db
def test_a_note_is_written_once_whoever_asks() -> None:
    StoredViews().note(View("2026-01-01T00:00:00Z", "cc", "im1", "aa/victim/1", "aa", "page"))
    row = SeenRecord.objects.get()
    row.why = "nothing"
    for change in (row.save, row.delete, SeenRecord.objects.all().delete):
        with pytest.raises(TypeError):
            change()
    with pytest.raises(DatabaseError), transaction.atomic():
        SeenRecord._base_manager.filter(pk=row.pk)._update([(row._meta.get_field("why"), None, "")])
    assert SeenRecord.objects.get().why == "page"


def test_the_page_is_for_who_looks_after_people(read_only: Any, sign_in: Any) -> None:
    del read_only
    for role, status in (
        ("administrator", 200),
        ("information_manager", 200),
        ("team_leader", 403),
        ("observer", 403),
    ):
        answer = sign_in(role, code=f"p-{role}").get("/rights/views")
        assert answer.status_code == status, role
    assert b"victim" not in answer.content
