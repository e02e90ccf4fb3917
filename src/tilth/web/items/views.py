"""The item account: every item in exactly one state, by category, model, organisation and more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tilth.core.days import ordinal
from tilth.core.items.account import ItemAccount, ItemRow
from tilth.core.items.model import STATES, Balance, kilograms
from tilth.core.life.explosives import KINDS as KINDS_OF_EXPLOSIVES
from tilth.service import origins
from tilth.service.explosives import TERMS, stock_of
from tilth.service.face import read_face
from tilth.service.lens import Lens
from tilth.service.origin_items import account_of_items
from tilth.service.origin_steps import PAGE
from tilth.service.positions import Position
from tilth.service.session import Session
from tilth.web.frame.cut import Cut, page_cut
from tilth.web.ledger import desk
from tilth.web.operation.picture import bar, how_address
from tilth.web.origins.tables import as_csv
from tilth.web.origins.words import cut_word, figure_word, value_word

__all__ = ["home", "stock_table", "table"]

BY = ("category", "model", "organisation", "month", "method", "origin", "place", "project")
"""Cuts that the page offers, as far as the reader may see them."""

_ENDS = STATES[2:]
_DESTROYED = tuple(one for one in _ENDS if "destroyed" in one)
_OTHERS = tuple(one for one in _ENDS if one not in _DESTROYED)
_ALWAYS = ("model", "origin")


class _Asked(NamedTuple):
    """The account that an address names, as far as the reader may see it."""

    account: ItemAccount
    level: str
    position: Position
    by: str
    cuts: tuple[str, ...]
    newer: int


def _read(session: Session, cut: Cut, wanted: str) -> _Asked:
    """The item account of the newest kept position, cut as asked where the reader may."""
    allowed = {*Lens(session).cuts(), *_ALWAYS}
    cuts = tuple(one for one in BY if one in allowed)
    by = wanted if wanted in cuts else cuts[0]
    position = origins.kept_position(session, cut.known_at)
    level = cut.level or "approved"
    until = ordinal(cut.until or session.today())
    account = account_of_items(session, position, level, until, by)
    return _Asked(
        account, level, position, by, cuts, session.workspace.store.last_seq() - position.seq
    )


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The account as an equation, one cut of it, and the explosives of each task."""
    cut, query = page_cut(request), request.GET
    with desk(request) as session:
        asked = _read(session, cut, query.get("by", ""))
        stock = _stock(session, cut)
        now = not cut.past and not cut.until
        where = read_face(session, "item_where") if now else None
        overview = read_face(session, "overview") if now else None
    values = {
        **_whole(asked, cut, overview),
        **_split(asked, cut, query.get("offset", "")),
        **_paged_stock(asked, cut, stock, query.get("stock", "")),
        "where": _where(where, asked.level),
        "query": cut.query(),
    }
    return render(request, "items/home.html", values)


def _whole(asked: _Asked, cut: Cut, overview: Mapping[str, Any] | None) -> dict[str, Any]:
    """The account as a whole: both equations, weights, origins."""
    joint, level = asked.account.joint, asked.level
    heads = [{"log": log, "size": size, "root": root} for log, size, root in asked.position.heads]
    return {
        "account": {
            "level": level,
            "until": asked.account.until,
            "known_at": asked.position.known_at,
            "position": heads,
            **_left_out(overview, level),
        },
        "stand": {"level": level, "until": asked.account.until},
        "shown_level": level,
        "empty": not any((joint.items.found, joint.items.received, joint.small_arms.found)),
        "newer": asked.newer,
        "items": _equation(joint.items, "", cut, level),
        "small_arms": _equation(joint.small_arms, "small_arms_", cut, level),
        "weights": _weights(joint),
        "origins": [
            {
                "word": value_word("origin", key),
                "value": value,
                "how": how_address("found", cut, level, origin=key),
            }
            for key, value in asked.account.origins.items()
        ],
        "closes": asked.account.closes,
    }


def _address(asked: _Asked, cut: Cut) -> str:
    return f"{reverse('items:home')}?by={asked.by}&{cut.query()}".rstrip("&")


def _split(asked: _Asked, cut: Cut, offset: str) -> dict[str, Any]:
    """One cut of the account, a page of its rows."""
    rows, here = _rows(asked, cut), _address(asked, cut)
    start = _place(offset, len(rows))
    home_page = reverse("items:home")
    return {
        "by": asked.by,
        "by_word": cut_word(asked.by),
        "cuts": [
            (one, cut_word(one), f"{home_page}?by={one}&{cut.query()}".rstrip("&"))
            for one in asked.cuts
        ],
        "rows": rows[start : start + PAGE],
        "row_count": len(rows),
        "first": start + 1,
        "last": min(start + PAGE, len(rows)),
        "before": f"{here}&offset={max(0, start - PAGE)}" if start else "",
        "after": f"{here}&offset={start + PAGE}" if start + PAGE < len(rows) else "",
        "transferred": sum(asked.account.transferred) if asked.by not in _NET else 0,
        "table_address": f"{reverse('items:table')}?by={asked.by}&{cut.query()}".rstrip("&"),
    }


def _paged_stock(asked: _Asked, cut: Cut, stock: Mapping[str, Any], offset: str) -> dict[str, Any]:
    rows, here = stock["rows"], _address(asked, cut)
    start = _place(offset, len(rows))
    return {
        "stock": stock,
        "stock_rows": rows[start : start + PAGE],
        "stock_before": f"{here}&stock={max(0, start - PAGE)}" if start else "",
        "stock_after": f"{here}&stock={start + PAGE}" if start + PAGE < len(rows) else "",
    }


_NET = ("category", "model")
"""Cuts whose rows count once what both sides of a handover tell."""


def _place(text: str, most: int) -> int:
    """Row with which a page begins."""
    return min(int(text), most) if text.isdecimal() and len(text) < 10 else 0


def _equation(balance: Balance, prefix: str, cut: Cut, level: str) -> dict[str, Any]:
    def told(key: str) -> dict[str, Any]:
        name = f"{prefix}{key}"
        return {
            "key": key,
            "word": figure_word(key),
            "value": getattr(balance, key),
            "how": how_address(name, cut, level),
        }

    ends = [told(key) for key in _ENDS if getattr(balance, key)]
    shown = {"destroyed": balance.destroyed, **{one: getattr(balance, one) for one in _OTHERS}}
    return {
        "found": told("found"),
        "received": told("received"),
        "ends": ends,
        "segments": bar(list(shown.items())),
        "any": bool(balance.found or balance.received),
        "closure": balance.closure,
    }


def _weights(joint: ItemRow) -> list[tuple[str, str, str]]:
    """What was weighed, in kilograms: word, of items, of small arms."""
    found = []
    for key in STATES:
        items, small = getattr(joint.weight, key), getattr(joint.small_arms_weight, key)
        if items or small:
            found.append((figure_word(key), f"{kilograms(items):f}", f"{kilograms(small):f}"))
    return found


def _rows(asked: _Asked, cut: Cut) -> list[dict[str, Any]]:
    rows = []
    for one in asked.account.rows:
        items, small = one.items, one.small_arms
        if not any((*items.as_dict().values(), *small.as_dict().values())):
            continue
        of = {asked.by: one.value}
        rows.append(
            {
                "word": value_word(asked.by, one.value),
                "found": items.found,
                "received": items.received,
                "destroyed": items.destroyed,
                **{key: getattr(items, key) for key in _OTHERS},
                "small_arms": small.found,
                "closes": items.closure == 0 and small.closure == 0,
                "how": {
                    key: how_address(key, cut, asked.level, **of)
                    for key in ("found", "received", "destroyed", "small_arms_found", *_OTHERS)
                },
            }
        )
    by_time = asked.by == "month"
    return sorted(rows, key=(lambda row: row["word"]) if by_time else (lambda row: -row["found"]))


def _left_out(overview: Mapping[str, Any] | None, level: str) -> dict[str, Any]:
    """What figures at a level leave out, as far as it is published."""
    if overview is None:
        return {}
    return {"left_out": overview["accounts"][level]["left_out"], "land": {}}


def _where(face: Mapping[str, Any] | None, level: str) -> dict[str, Any] | None:
    """Items by where they lay, as far as they have been looked up."""
    if face is None:
        return None
    found = face["levels"].get("approved" if level == "prudent" else level, {})
    return {
        "rows": [(value_word("where", key), n) for key, n in found.items() if n],
        "done": face["done"],
        "of": face["of"],
        "at": face["looked_up_at"],
    }


def _stock(session: Session, cut: Cut) -> dict[str, Any]:
    """Stock of explosives: rows of organisations that the reader may read, and what lies behind."""
    found = _stock_on(session, cut.until or session.today())
    lens = Lens(session)
    names = {one.name: one.id for one in session.workspace.settings.organisations}
    full = [lens.organisations_full(kind) for kind in KINDS_OF_EXPLOSIVES]

    def seen(row: Mapping[str, str]) -> bool:
        return all(names.get(row["organisation"], "") in one for one in full)

    rows = [row for row in found["by"] if seen(row)]
    return {
        "until": found["until"],
        "rows": sorted(rows, key=lambda row: (-Decimal(row["held"]), row["organisation"])),
        "joint": _joint(rows),
        "behind": len(found["by"]) - len(rows),
        "closed": found["closed"],
    }


def _stock_on(session: Session, day: str) -> dict[str, Any]:
    """Stock of every organisation on a day; the last one is remembered until more is said."""
    name = (session.workspace.store.last_seq(), day)
    kept = session.remembered.get("stock of explosives")
    if not kept or kept[0] != name:
        kept = session.remembered["stock of explosives"] = (name, stock_of(session, day=day))
    found: dict[str, Any] = kept[1]
    return found


def _joint(rows: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Sums of all tasks by explosive and unit, exactly as decimals."""
    sums: dict[tuple[str, str], dict[str, Decimal]] = {}
    for row in rows:
        into = sums.setdefault((row["explosive"], row["unit"]), dict.fromkeys(TERMS, Decimal(0)))
        for term in TERMS:
            into[term] += Decimal(row[term])
    return [
        {"explosive": explosive, "unit": unit, **{term: f"{n:f}" for term, n in terms.items()}}
        for (explosive, unit), terms in sorted(sums.items())
    ]


@require_GET
def table(request: HttpRequest) -> HttpResponse:
    """One cut of the item account as CSV: pieces by state, small arms apart."""
    cut = page_cut(request)
    with desk(request) as session:
        asked = _read(session, cut, request.GET.get("by", ""))
        synthetic = session.workspace.settings.synthetic
    heading = [asked.by, "level", "until", *STATES, *(f"small_arms_{one}" for one in STATES)]
    rows: list[Sequence[Any]] = [
        [
            one.value,
            asked.level,
            asked.account.until,
            *one.items.as_dict().values(),
            *one.small_arms.as_dict().values(),
        ]
        for one in asked.account.rows
    ]
    return as_csv(f"items-by-{asked.by}-{asked.level}", heading, rows, synthetic)


@require_GET
def stock_table(request: HttpRequest) -> HttpResponse:
    """Stock of explosives as CSV."""
    cut = page_cut(request)
    with desk(request) as session:
        stock = _stock(session, cut)
        synthetic = session.workspace.settings.synthetic
    heading = ["organisation", "task", "explosive", "unit", *TERMS, "until"]
    rows = [[*(row[name] for name in heading[:-1]), stock["until"]] for row in stock["rows"]]
    return as_csv(f"explosives-{stock['until']}", heading, rows, synthetic)
