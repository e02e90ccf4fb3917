"""The page of a record, its drawer beside the map, its small map and the files it came from."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from tilth.core.statement import split_record_id
from tilth.service import record_page
from tilth.service.finding_desk import Ask, work_list
from tilth.service.lens import Lens
from tilth.service.record_ground import map_of
from tilth.service.record_links import blob_of, links_of, papers_of
from tilth.service.session import Session
from tilth.web.frame.cut import Cut, page_cut
from tilth.web.ledger import desk

__all__ = ["account", "file", "findings", "picture", "show"]

ACTS_SAID = ("correct", "revise", "withdraw")
_SAFE = re.compile(r"[^A-Za-z0-9._-]+")


def only(session: Session, lens: Lens, name: str) -> str:
    """Full id of the one record that a name means; empty where several are meant."""
    found = record_page.choices(session, lens, name)
    return found[0] if len(found) == 1 else ""


def told(session: Session, record: str, cut: Cut, why: str = "record") -> dict[str, Any]:
    """Page of a record at the cut's days."""
    return record_page.record_page(session, record, until=cut.until, known_at=cut.known_at, why=why)


@require_safe
def show(request: HttpRequest, name: str) -> HttpResponse:
    """Page of a record; with ``?part=drawer`` the part that stands beside a map."""
    cut = page_cut(request)
    with desk(request) as session:
        lens = Lens(session)
        found = record_page.choices(session, lens, name)
        if len(found) > 1:
            labels = [_choice(session, record) for record in found]
            return render(request, "record/choices.html", {"name": name, "choices": labels})
        record = found[0]
        if name != record and request.GET.get("part") != "drawer":
            return redirect(_address("record:show", record, cut))
        page = told(session, record, cut)
        ground = record_page.ground_of(session, page)
        shapes = [one for one in ground["shapes"] if one]
        has_map = bool(session.frame() and (shapes or page["values"].get("items")))
        if request.GET.get("part") == "drawer":
            return render(
                request,
                "record/drawer.html",
                {"page": page, "shapes": shapes, "fields": page["fields"][:14]},
            )
        value = {
            "page": page,
            "shapes": shapes,
            "has_map": has_map,
            "has_account": page["kind"] in ("hazard_area", "released_area") and bool(shapes),
            "papers": papers_of(session, record),
            "named_by": links_of(session, page),
            "said": [act for act in page["acts"] if act in ACTS_SAID[:2]],
            "decided": [act for act in page["acts"] if act not in ACTS_SAID[:2]],
        }
    return render(request, "record/show.html", value)


def _choice(session: Session, record: str) -> dict[str, str]:
    author, kind, local = split_record_id(record)
    label = session.kinds[kind].label if kind in session.kinds else kind
    return {
        "record": record,
        "local_id": local,
        "label": label,
        "organisation": session.organisation_name(author),
    }


def _address(view: str, record: str, cut: Cut) -> str:
    query = cut.query()
    address = reverse(view, args=[record])
    return f"{address}?{query}" if query else address


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """Small map of a record as SVG."""
    with desk(request) as session:
        lens = Lens(session)
        record = record_page.choices(session, lens, name)[0]
        page = told(session, record, page_cut(request), "map")
        svg = map_of(session, lens, record, page["values"], language=get_language() or "en")
    if not svg:
        return HttpResponse(status=404)
    response = HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    # A picture runs nothing; its patterns are styled by its own attributes.
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@require_safe
def account(request: HttpRequest, name: str) -> HttpResponse:
    """What the account makes of a record's ground today, at each level."""
    with desk(request) as session:
        record = record_page.choices(session, Lens(session), name)[0]
        kind = split_record_id(record)[1]
        terms = record_page.account_near(session, record) if kind in _GROUND else {}
        today = session.today()
    value = {"terms": terms, "record": record, "today": today, "hazard": kind == _GROUND[0]}
    part = "HX-Request" in request.headers
    return render(request, f"record/account{'_part' if part else ''}.html", value)


_GROUND = ("hazard_area", "released_area")


@require_safe
def findings(request: HttpRequest, name: str) -> HttpResponse:
    """Findings told of a record, as the keeper published them."""
    with desk(request) as session:
        record = record_page.choices(session, Lens(session), name)[0]
        ask = Ask(state="", record=record)
        told_of = work_list(session, ask, get_language() or "en", per_page=_MOST_FINDINGS)
    value = {"list": told_of, "record": record}
    part = "HX-Request" in request.headers
    return render(request, f"record/findings{'_part' if part else ''}.html", value)


_MOST_FINDINGS = 30


@require_safe
def file(request: HttpRequest, name: str, digest: str) -> HttpResponse:
    """Download of a file that a statement came from: always saved, never shown by the browser."""
    with desk(request) as session:
        record = record_page.choices(session, Lens(session), name)[0]
        data, called = blob_of(session, record, digest)
    plain = _SAFE.sub("_", called).strip("._") or f"{digest[:12]}.bin"
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(called or plain, safe='')}"
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
