"""Decide on one record, or withdraw it: what stands in the way, what it moves, then the act."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tilth.core.problems import Problem, Refused
from tilth.core.statement import split_record_id
from tilth.service import record_page, saying
from tilth.service.choosing import Act
from tilth.service.deciding import NEEDS_REASON, Plan, carry_out, plan
from tilth.service.guarding import HARD
from tilth.service.lens import Lens, not_readable
from tilth.service.preview import preview
from tilth.service.saying import Rehearsal
from tilth.service.session import Session
from tilth.web.ledger import desk
from tilth.web.record.saying import moves_of

__all__ = ["decide"]

_ACTS = ("vouch", "approve", "return", "revoke", "dispute", "withdraw")
_WITH_DAY = ("revoke",)


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, name: str, act: str) -> HttpResponse:
    """Form of one act on one record; the second button does it."""
    if act not in _ACTS:
        raise not_readable(name)
    posted = request.POST
    with desk(request) as session:
        record = record_page.choices(session, Lens(session), name)[0]
        page = record_page.record_page(session, record, why="decision")
        if act not in page["acts"]:
            session.log_for(act, page["author"], page["kind"])
            raise not_readable(name)
        made_from = posted.get("made_from", page["made_from"])[:4_000]
        value: dict[str, Any] = {
            "page": page,
            "act": act,
            "reason": posted.get("reason", "")[:4_000],
            "on": posted.get("on", session.today())[:10],
            "override": posted.getlist("override")[:40],
            "needs_reason": act in NEEDS_REASON,
            "with_day": act in _WITH_DAY,
            "made_from": page["made_from"],
        }
        if request.method == "GET" and value["needs_reason"]:
            return render(request, "record/decide.html", value)
        try:
            if request.method == "POST" and made_from != page["made_from"]:
                local = split_record_id(record)[2]
                raise Refused(Problem("form_is_stale", record, {"record": local}))
            planned = _planned(session, page, act, value)
            if posted.get("do") == "act":
                with session.workspace.writing():
                    if saying.standing_now(session, record) != made_from:
                        local = split_record_id(record)[2]
                        raise Refused(Problem("form_is_stale", record, {"record": local}))
                    carry_out(session, planned)
                messages.success(request, _word(act).format(name=page["local_id"]))
                return redirect("record:show", record)
            moving = session.frame() is not None and not page["protected"]
            found = Rehearsal(moves=preview(session, planned) if moving else None)
            value["moves"] = moves_of(found)
            value["whole"] = bool(found.moves and found.moves["whole"])
            value["ready"] = True
        except Refused as refused:
            value["problems"] = refused.problems
            value["overridable"] = [
                one for one in refused.problems if act == "approve" and one.code not in _FIXED
            ]
            status = 422 if request.method == "POST" else 200
            return render(request, "record/decide.html", value, status=status)
    return render(request, "record/decide.html", value)


_FIXED = frozenset(
    {
        *HARD,
        *("reason_missing", "form_is_stale", "bad_day", "day_after_today", "role_not_permitted"),
        *("not_permitted", "contested_record", "nothing_to_decide", "own_statement"),
    }
)
"""Problems that no reason overrides."""


def _planned(session: Session, page: dict[str, Any], act: str, value: dict[str, Any]) -> Plan:
    """The act on the statements that are on the screen."""
    named = [page["record"]] if act == "revoke" else _shown(page)
    return plan(
        session,
        Act(
            act,
            records=named,
            reason=value["reason"],
            on=value["on"] if act in _WITH_DAY else "",
            override=value["override"],
        ),
    )


def _shown(page: dict[str, Any]) -> list[str]:
    return [one for one in str(page["made_from"]).split(",") if one]


def _word(act: str) -> str:
    return {
        "vouch": _("Verified: {name}."),
        "approve": _("Approved: {name}."),
        "return": _("Returned: {name}."),
        "revoke": _("Revoked: {name}."),
        "dispute": _("Disputed: {name}."),
        "withdraw": _("Withdrawn: {name}. What it said stands in its life."),
    }[act]
