"""Forms made of a kind: a new record, a correction, what became of a record; and measuring.

The first button looks: what was typed is read, measured and tried, and the page says what it will
move. The second one says it. Nothing that was typed is lost on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tilth.core.kinds.model import FieldType, Kind
from tilth.core.problems import Problem, Refused
from tilth.core.statement import split_record_id
from tilth.service import record_page, saying
from tilth.service.entering import read_fields
from tilth.service.forms_of import entries_of, field_of, given_of, text_of
from tilth.service.lens import Lens, not_readable
from tilth.service.record_ground import around_of, geojson_of, measured, overlaps_of
from tilth.service.register import held
from tilth.service.saying import Form, Rehearsal
from tilth.service.session import Session
from tilth.text.messages import problem_text
from tilth.web.frame.cut import page_cut
from tilth.web.frame.printed import exact
from tilth.web.ledger import desk
from tilth.web.record import posted

__all__ = ["correct", "measure", "moves_of", "new", "revise"]

_BY_PROGRAMS = frozenset({"delivery", "document", "explanation", "status_change", "rule_set"})
_ALWAYS = frozenset({"local_id", "happened_on", "place", "name", "code", "shape"})
_NOT_REVISED = ("local_id", "happened_on")


def _centre(session: Session) -> str:
    """Longitude and latitude of the operation's frame, where a map without a shape opens."""
    frame = session.frame()
    if frame is None:
        return ""
    return f"{frame.longitude_nd / 1e9:.5f},{frame.latitude_nd / 1e9:.5f}"


def _page(
    request: HttpRequest,
    session: Session,
    form: Form,
    kind: Kind,
    typed: Mapping[str, Any],
    *,
    problems: Iterable[Problem] = (),
    found: Rehearsal | None = None,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    told = tuple(problems)
    asks = list(found.asks) if found else []
    if any(one.code == "ask_first" for one in told):
        asks = [one for one in told if one.code != "ask_first"]
        told = tuple(one for one in told if one.code == "ask_first")
    without = _NOT_REVISED if form.act == "revise" else ()
    entries = entries_of(kind, typed, told, without=without)
    elsewhere = [one for one in told if not field_of(one, kind)]
    value = {
        "form": form,
        "kind": kind,
        "local_id": split_record_id(form.record)[2] if form.record else "",
        "first": [one for one in entries if _comes_first(one, form)],
        "rest": [one for one in entries if not _comes_first(one, form)],
        "problems": told,
        "elsewhere": elsewhere,
        "named": {entry.name: entry.label for entry in entries if entry.problems},
        "found": found,
        "asks": asks,
        "moves": moves_of(found),
        "whole": bool(found and found.moves and found.moves["whole"]),
        "survey": posted.survey_of(request.POST),
        "on": form.on,
        "anyway": form.anyway,
        "centre": _centre(session),
        **(more or {}),
    }
    status = 422 if told and request.method == "POST" else 200
    return render(request, "record/form.html", value, status=status)


def _comes_first(entry: Any, form: Form) -> bool:
    """What is needed, and what is filled in; the rest of the fields is folded."""
    if entry.problems or entry.required or not entry.is_empty or entry.name in _ALWAYS:
        return True
    return bool(entry.minimum or entry.widget == "shape") and form.act == "record"


def moves_of(found: Rehearsal | None) -> list[dict[str, Any]]:
    """Terms of the accounts that change, by level."""
    if found is None or found.moves is None:
        return []
    rows = []
    for level, sides in found.moves["levels"].items():
        for part in ("land", "items"):
            before, after = sides["before"][part], sides["after"][part]
            for name in after:
                change = after[name] - before.get(name, 0)
                if abs(change) > 0.005 and name != "closure_m2":
                    rows.append(
                        {"level": level, "term": name, "part": part, "before": before.get(name, 0),
                         "after": after[name], "change": change}
                    )  # fmt: skip
    return rows


# -- a new record ----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Form of a new record of a kind; fields may be filled in by the address, ``?f-task=…``."""
    with desk(request) as session:
        defined = session.kind(kind)
        if kind in _BY_PROGRAMS:
            raise not_readable(kind)
        session.log_for("record", session.own, kind)
        form = Form("record", kind)
        if request.method == "GET":
            typed: dict[str, Any] = {
                one.name: request.GET[f"f-{one.name}"][:500]
                for one in defined.fields
                if f"f-{one.name}" in request.GET
            }
            typed.setdefault("happened_on", session.today())
            return _page(request, session, form, defined, typed)
        return _answered(request, session, defined, form, None)


# -- a correction ----------------------------------------------------------------------------------


def _before(session: Session, record: str) -> dict[str, Any]:
    """Fields in force, as their form shows them; of people those of the vault."""
    page = record_page.record_page(session, record, why="form")
    if page["withheld"]:  # who may not read a field cannot be asked to say it again
        raise not_readable(record)
    return dict(page["values"])


@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, name: str) -> HttpResponse:
    """Form of a record with what it says; what is changed is said anew from the beginning."""
    with desk(request) as session:
        record = record_page.choices(session, Lens(session), name)[0]
        author, kind, _local = split_record_id(record)
        defined = session.kind(kind)
        session.log_for("correct", author, kind)
        first = held(session, [record]).get(record)
        if first is None:
            raise not_readable(name)
        _before(session, record)  # notes the view, refuses what is withheld
        before = text_of(defined, _said_first(session, record, first))
        made_from = request.POST.get("made_from", "")[:4_000]
        form = Form("correct", kind, record, made_from=made_from)
        if request.method == "GET":
            now = saying.standing_now(session, record)
            return _page(
                request, session, Form("correct", kind, record, made_from=now), defined, before
            )
        return _answered(request, session, defined, form, before)


def _said_first(session: Session, record: str, first: Any) -> dict[str, Any]:
    """Fields of the first chain's statement in force: events are not part of a correction."""
    fields = dict(first.fields)
    if "commitment" in fields:
        page = record_page.record_page(session, record, why="form")
        return dict(page["values"])
    return fields


# -- an event --------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def revise(request: HttpRequest, name: str) -> HttpResponse:
    """Form of what became of a record on a day: only the fields that the event states."""
    with desk(request) as session:
        record = record_page.choices(session, Lens(session), name)[0]
        author, kind, _local = split_record_id(record)
        defined = session.kind(kind)
        session.log_for("revise", author, kind)
        page = record_page.record_page(session, record, why="form")
        now = text_of(defined, page["values"])
        on = request.POST.get("on", session.today()).strip()[:10]
        made_from = request.POST.get("made_from", "")[:4_000]
        more = {"now": now}
        if request.method == "GET":
            form = Form("revise", kind, record, on=on, made_from=page["made_from"])
            return _page(request, session, form, defined, {}, more=more)
        form = Form("revise", kind, record, on=on, made_from=made_from)
        return _answered(request, session, defined, form, None, more)


# -- what a form answers ---------------------------------------------------------------------------


def _answered(
    request: HttpRequest,
    session: Session,
    kind: Kind,
    form: Form,
    before: Mapping[str, Any] | None,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Look at what was typed, or say it; on a problem the form again with everything in it."""
    button = posted.button_of(request.POST)
    try:
        typed = posted.typed_of(request, kind)
    except Refused as refused:
        return _page(request, session, form, kind, _texts(request, kind), problems=refused.problems)
    form = Form(
        form.act,
        form.kind,
        form.record,
        given_of(kind, typed, before),
        posted.survey_of(request.POST),
        form.on,
        form.made_from,
        request.POST.get("anyway") == "1",
    )
    if button.startswith(("add:", "drop:", "legs:", "file:")):
        return _page(request, session, form, kind, typed, more=more)
    try:
        if button == "say":
            said = saying.say(session, form)
            return _told(request, said.spoken[0].record, form)
        found = saying.rehearse(session, form)
    except Refused as refused:
        stale = {one.code for one in refused.problems} & {"form_is_stale"}
        beside = dict(more or {})
        if stale:
            beside["theirs"] = record_page.record_page(session, form.record, why="form")
            now = saying.standing_now(session, form.record)
            form = Form(form.act, form.kind, form.record, form.given, form.survey, form.on, now)
        return _page(request, session, form, kind, typed, problems=refused.problems, more=beside)
    return _page(request, session, form, kind, typed, found=found, more=more)


def _texts(request: HttpRequest, kind: Kind) -> dict[str, Any]:
    """What was typed without its files, where one of them cannot be read."""
    request.FILES.clear()
    return posted.typed_of(request, kind)


def _told(request: HttpRequest, record: str, form: Form) -> HttpResponse:
    local = split_record_id(record)[2]
    words = {
        "record": _("Said: {name}. If it was wrong, correct it."),
        "correct": _(
            "Corrected: {name}. It starts at reported; earlier levels keep what they had."
        ),
        "revise": _("Said what became of {name}."),
    }[form.act]
    messages.success(request, words.format(name=local))
    query = page_cut(request).query()
    response = redirect("record:show", record)
    if query:
        response["Location"] += f"?{query}"
    return response


# -- measuring while one draws ---------------------------------------------------------------------


@require_POST
def measure(request: HttpRequest) -> HttpResponse:
    """Measures of a shape that is typed or drawn, and what it shares ground with, as JSON."""
    name, kind_name = request.POST.get("field", "")[:60], request.POST.get("kind", "")[:60]
    language = get_language() or "en"
    with desk(request) as session:
        kind = session.kind(kind_name)
        one = next((one for one in kind.fields if one.name == name), None)
        if one is None or one.type is not FieldType.SHAPE:
            raise not_readable(name)
        shape = posted.typed_of(request, kind).get(name, {})
        given = given_of(kind, {name: shape})
        try:
            typed = read_fields(kind, given, posted.survey_of(request.POST), files=False)
        except Refused as refused:
            told = [problem_text(one, language) for one in refused.problems]
            return JsonResponse({"problems": told}, status=422)
        value = typed.fields.get(name)
        if not value:
            return JsonResponse({"geojson": None, "warnings": [], "overlaps": []})
        sizes = measured(value, session.frame())
        answer = {
            **sizes,
            "said": exact(sizes["area_m2"]) if "area_m2" in sizes else "",
            "geojson": geojson_of(value),
            "around": around_of(session, Lens(session), value),
            "entered": {
                key: text for key, text in value.get("entered", {}).items() if isinstance(text, str)
            },
            "warnings": [problem_text(one, language) for one in typed.warnings],
            "overlaps": [
                {
                    **one,
                    "local_id": split_record_id(one["record"])[2],
                    "said": exact(one["area_m2"]),
                }
                for one in overlaps_of(
                    session, Lens(session), value, without=request.POST.get("record", "")
                )[:20]
            ],
        }
    return JsonResponse(answer)
