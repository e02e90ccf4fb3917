"""Work on files, done by the worker: looking at one, and taking it in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from tilth.core.problems import Problem, Refused
from tilth.service import delivery_preview
from tilth.service.importing import Order
from tilth.service.session import Session
from tilth.web.importing.asking import forget
from tilth.web.importing.models import Upload
from tilth.web.jobs.models import Job
from tilth.web.jobs.queue import job, progress

__all__ = ["look", "take_in"]


@job("import_look", title=_("Look at a file"), template="importing/job.html")
def look(job: Job, session: Session, *, upload: str) -> Mapping[str, Any]:
    """Read a file as it would be taken in; what it says is kept with the file."""
    one = Upload.objects.get(pk=upload)
    try:
        one.told = delivery_preview.look(session, _order(one), lambda done: progress(job, done))
    except Refused as refused:
        one.problems = _told(refused)
    one.save(update_fields=["told", "problems"])
    return {"upload": upload, "filename": one.filename}


@job("import_take_in", title=_("Take a file in"), template="importing/job.html")
def take_in(job: Job, session: Session, *, upload: str) -> Mapping[str, Any]:
    """Say the rows of a file. Done again after a kill, it says only what was not said yet."""
    one = Upload.objects.get(pk=upload)
    if one.done is None:
        try:
            one.done = delivery_preview.take_in(
                session,
                _order(one),
                str(one.says("level") or "reported"),
                lambda done: progress(job, done),
            )
        except Refused as refused:
            one.problems = _told(refused)
        one.save(update_fields=["done", "problems"])
    if one.done is not None:
        forget(one)
    return {"upload": upload, "filename": one.filename}


def _told(refused: Refused) -> list[dict[str, Any]]:
    return [_value(one) for one in refused.problems]


def _value(one: Problem) -> dict[str, Any]:
    return {"code": one.code, "where": one.where, "params": dict(one.params)}


def _order(one: Upload) -> Order:
    """What is asked for, as the command line would say it."""
    mapping: Path | None = None
    if one.says("mapping"):
        mapping = one.folder / "mapping.toml"
        mapping.write_text(str(one.says("mapping")), "utf-8")
    named = one.folder / Path(one.filename).name
    if not named.exists():  # reports and sources name the file as the person knows it
        named.symlink_to(one.path.name)
    return Order(
        file=named,
        kind=one.kind,
        layer=str(one.says("layer")),
        mapping=mapping,
        set_fields=dict(one.says("set_fields") or {}),
        source=str(one.says("source")),
        new_source=bool(one.says("new_source")),
        organisation=str(one.says("organisation")),
        crs=str(one.says("crs")),
        withdraw_gone=bool(one.says("withdraw_gone")),
    )
