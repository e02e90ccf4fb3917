"""Pages of the import: send, look, mend how it is read, take in, undo."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tilth.core.kinds.model import FieldType
from tilth.core.problems import Problem, Refused, register
from tilth.core.roles import allows
from tilth.service import deciding, delivery_preview
from tilth.service.choosing import Act
from tilth.service.session import Session
from tilth.text.messages import label, problem_text
from tilth.text.templates import template_csv
from tilth.web.importing import asking
from tilth.web.importing.models import Upload
from tilth.web.importing.work import begin, state_of
from tilth.web.ledger import desk

__all__ = ["delivery", "drop", "home", "picture", "refused", "take_in", "template", "upload"]

MOST_BYTES = 256 * 1024 * 1024
"""Largest file taken in through a page; larger ones go in by ``tilth import``."""

register(
    {
        "file_too_big": (
            "{name} has {megabytes} MB; a page takes in files up to {most} MB.",
            "Divide it, or let whoever runs the server take it in with tilth import.",
        ),
        "no_file_sent": ("No file came with the form.", "Choose a file and send it again."),
    }
)


@require_http_methods(["GET", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Send a file; below, what was taken in before."""
    if request.method == "POST":
        try:
            return redirect("importing:upload", pk=_received(request).pk)
        except Refused as refused:
            return _home(request, refused.problems, 422)
    return _home(request)


def _home(
    request: HttpRequest, problems: tuple[Problem, ...] = (), status: int = 200
) -> HttpResponse:
    with desk(request) as session:
        kinds = _kinds(session)
        delivered = delivery_preview.delivered(session)
    waiting = Upload.objects.filter(owner_id=request.user.pk, done=None)
    values = {"kinds": kinds, "delivered": delivered, "waiting": waiting, "problems": problems}
    return render(request, "importing/home.html", values, status=status)


def _kinds(session: Session) -> list[tuple[str, str]]:
    """Kinds that this person may import, the usual ones first."""
    language = get_language() or "en"
    usual = [one for one in delivery_preview.IMPORTED if one in session.kinds]
    others = sorted(set(session.kinds) - set(usual) - {"decision", "delivery", "document"})
    return [
        (one, label(session.kinds[one], language))
        for one in (*usual, *others)
        if session.roles is None or allows(session.roles, "record", one)
    ]


def _received(request: HttpRequest) -> Upload:
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile) or not sent.name:
        raise Refused(Problem("no_file_sent"))
    size = sent.size or 0
    if size > MOST_BYTES:
        params: dict[str, str | int | float] = {
            "name": sent.name,
            "megabytes": size // 1_048_576,
            "most": MOST_BYTES // 1_048_576,
        }
        raise Refused(Problem("file_too_big", sent.name, params))
    with desk(request) as session:
        kind = session.kind(request.POST.get("kind", "")).name
        session.require_role("record", kind)
        organisation = session.own
    one = Upload(
        owner_id=request.user.pk or 0,
        organisation=organisation,
        filename=sent.name[-200:],
        size=size,
        asked={"kind": kind},
    )
    one.folder.mkdir(parents=True, mode=0o700)
    digest = hashlib.sha256()
    with one.path.open("xb") as file:
        for chunk in sent.chunks():
            digest.update(chunk)
            file.write(chunk)
    one.path.chmod(0o600)
    one.sha256 = digest.hexdigest()
    one.save()
    begin(request, one, "import_look")
    return one


def _mine(request: HttpRequest, pk: Any) -> Upload:
    """A file that this person sent for the organisation acted for now; others' are not there."""
    with desk(request) as session:
        organisation = session.own
    found = Upload.objects.filter(
        pk=pk, owner_id=request.user.pk, organisation=organisation
    ).first()
    if found is None:
        raise Refused(Problem("not_readable", "", {"name": ""}))
    return found


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, pk: Any) -> HttpResponse:
    """How a file is read and what it would change; POST looks again, read otherwise."""
    one = _mine(request, pk)
    if request.method == "POST" and one.done is None:
        with desk(request) as session:
            one.asked = asking.read(request.POST, session.kinds)
            session.require_role("record", one.kind)
        one.told, one.problems = None, []
        one.save()
        begin(request, one, "import_look")
        return redirect("importing:upload", pk=one.pk)
    state = state_of(one)
    part = request.GET.get("part") == "state"
    if part and state is not None and state.working:
        return render(request, "importing/working.html", {"one": one, "state": state})
    if part:  # finished: the whole page is another one now
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    with desk(request) as session:
        kinds = _kinds(session)
        fields = _fields(session, one.kind)
        levels = asking.levels(session, one.kind)
    values = {
        "one": one,
        "state": state,
        "kinds": kinds,
        "fields": fields,
        "columns": asking.columns(one),
        "levels_open": levels,
        "told": one.told or {},
        "unreadable": [_problem(value) for value in one.problems],
        "warnings": [_problem(value) for value in (one.told or {}).get("warnings", ())],
        "rows": asking.refused_rows(one.told or {}, get_language() or "en"),
        "codes": asking.codes(one.told or {}, get_language() or "en"),
    }
    template = "importing/done.html" if one.done is not None else "importing/upload.html"
    if one.done is not None:
        values["not_raised"] = [_problem(value) for value in one.done.get("not_raised", ())]
    return render(request, template, values)


def _fields(session: Session, kind: str) -> list[tuple[str, str]]:
    language = get_language() or "en"
    return [
        (one.name, label(one, language))
        for one in session.kind(kind).fields
        if one.type not in (FieldType.SHAPE, FieldType.LINES)
    ]


def _problem(value: dict[str, Any]) -> Problem:
    return Problem(value["code"], value["where"], value["params"])


@require_GET
def picture(request: HttpRequest, pk: Any) -> HttpResponse:
    """Picture of the ground that a file brings, over what is recorded there."""
    one = _mine(request, pk)
    shapes = (one.told or {}).get("shapes", ())
    with desk(request) as session:
        drawn = delivery_preview.picture(session, one.kind, shapes, get_language() or "en")
    response = HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@require_POST
def take_in(request: HttpRequest, pk: Any) -> HttpResponse:
    """Say the rows: what cannot go in stays with its problems, the rest goes in."""
    one = _mine(request, pk)
    if one.done is None:
        with desk(request) as session:
            session.require_role("record", one.kind)
        one.asked = {
            **one.asked,
            "level": request.POST.get("level", "reported"),
            "withdraw_gone": bool(request.POST.get("withdraw_gone")),
        }
        one.save()
        begin(request, one, "import_take_in")
    return redirect("importing:upload", pk=one.pk)


@require_POST
def drop(request: HttpRequest, pk: Any) -> HttpResponse:
    """Throw a file away that was only looked at."""
    one = _mine(request, pk)
    if one.done is None:
        asking.forget(one)
        one.delete()
        messages.success(request, _("The file was thrown away; nothing of it was recorded."))
    return redirect("importing:home")


@require_http_methods(["GET", "POST"])
def delivery(request: HttpRequest, name: str) -> HttpResponse:
    """A delivery that went in: its counts, its refused rows, and how to take it back."""
    problems: tuple[Problem, ...] = ()
    reason = request.POST.get("reason", "")
    with desk(request) as session:
        line = next((one for one in delivery_preview.delivered(session) if one.id == name), None)
        if line is None:
            raise Refused(Problem("unknown_import", name, {"name": name}))
        if request.method == "POST":
            try:
                act = Act("withdraw", imported=name, reason=reason)
                plan = deciding.plan(session, act)
                deciding.carry_out(session, plan)
            except Refused as refused:
                problems = refused.problems
            else:
                count = plan.records
                said = ngettext(
                    "{count} record was withdrawn.", "{count} records were withdrawn.", count
                )
                messages.success(request, said.format(count=count))
                return redirect("importing:home")
    values = {"line": line, "problems": problems, "reason": reason}
    return render(request, "importing/delivery.html", values, status=422 if problems else 200)


@require_GET
def refused(request: HttpRequest, name: str) -> HttpResponse:
    """The rows that could not go in, as a table to be mended."""
    language = get_language() or "en"

    def say(problem: Problem) -> str:
        return "{what} {fix}".format_map(problem_text(problem, language)).strip()

    with desk(request) as session:
        text = delivery_preview.refused_table(session, name, say)
    response = HttpResponse("\N{BOM}" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{name}.csv"'
    return response


@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Heading row of a table for a kind."""
    with desk(request) as session:
        text = template_csv(session.kind(kind))
    response = HttpResponse("\N{BOM}" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return response
