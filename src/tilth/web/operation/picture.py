"""What the operation page shows, gathered from published values, as far as the reader may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from tilth.core.items.model import STATES
from tilth.service import accounting, origins
from tilth.service.face import read_faces, statements_since
from tilth.service.history import changes_since
from tilth.service.lens import Lens
from tilth.service.session import Session
from tilth.web.frame.cut import Cut
from tilth.web.origins.words import act_words, code_word, figure_word

__all__ = ["LAND", "Picture", "Segment", "bar", "gather", "how_address"]

LAND = ("cleared", "reduced", "cancelled", "remaining")
"""What ground has become, in the order of the bar."""

FACES = ("overview", "work", "cuts", "findings")
OUTSIDE = "released_outside_hazard"
"""Code of the findings that list ground released outside every hazard, with its geometry."""

LEAST_SHARE = 0.4
"""Per cent of the bar's width below which a part that is not nothing is still drawn so wide."""

_REMEMBERED = "accounts of other days"
_DAYS_KEPT = 8
_DESTROYED = ("destroyed_in_place", "moved_and_destroyed", "destroyed_place_unknown")


class Segment(NamedTuple):
    """A part of a bar: its pattern, beginning and width in per cent."""

    key: str
    start: float
    width: float
    value: float


class Part(NamedTuple):
    """A figure of the page: its key, word and value, and where it is followed."""

    key: str
    word: str
    value: float
    how: str
    share_of: float = 0.0


@dataclass(frozen=True, slots=True)
class Picture:
    """Values of the page; empty where nothing is published or recorded yet.

    Parameters
    ----------
    account
        As ``accounting.account`` at the level shown; None while nothing is counted.
    newer
        Statements received since the position of the figures.
    seq
        Statements that the figures hold.
    by_place
        The land is that of one place alone.
    """

    account: Mapping[str, Any] | None
    level: str
    newer: int
    seq: int
    position: int
    is_now: bool
    by_place: bool = False
    organisations: Sequence[Mapping[str, Any]] = ()
    categories: Sequence[Mapping[str, Any]] = ()
    may_compare: bool = False
    work: Mapping[str, Any] = field(default_factory=dict)
    waiting: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    findings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is neither land nor an item."""
        if self.account is None:
            return self.seq == 0
        land, items = self.account["land"], self.account["items"]
        without = (land.get("without_polygon") or {}).get("count", 0)
        return not (land["recorded_m2"] or items["found"] or without)


def gather(session: Session, cut: Cut) -> Picture:
    """Everything the page shows of a cut.

    Raises
    ------
    Refused
        ``not_counted_yet``, ``bad_known_at``, ``bad_day``, ``figure_not_cut``.
    """
    lens = Lens(session)
    faces = read_faces(session, FACES)
    overview, level = faces.get("overview"), cut.level or "approved"
    is_now = not cut.known_at and (
        not cut.until or overview is None or cut.until == overview["until"]
    )
    cuts = (faces.get("cuts") or {}).get("levels", {}).get(level, {})
    if is_now or overview is None:
        account = overview["accounts"][level] if overview else None
        position = int(overview["position"]) if overview else 0
        seq = int(overview["seq"]) if overview else 0
    else:
        at = origins.kept_position(session, cut.known_at)
        known_at = f"position:{at.receipts}"
        question = accounting.Question(cut.until, known_at, by="organisation")
        account = _account_on(session, question, level)
        cuts = {
            "organisations": account["by"],
            "categories": origins.categories(session, question, level),
        }
        position, seq = at.receipts, at.seq
    if account is not None and cut.place:
        account = origins.placed(session, account, cut.place, lens)
    allowed = lens.cuts()
    may_compare = "organisation" in allowed
    return Picture(
        account=account,
        level=level,
        newer=statements_since(session, overview)
        if is_now
        else session.workspace.store.last_seq() - seq,
        seq=seq,
        position=position,
        is_now=is_now,
        by_place=bool(cut.place),
        organisations=_chosen(cuts.get("organisations", ()), cut) if may_compare else (),
        categories=() if cut.place else cuts.get("categories", ()),
        may_compare=may_compare,
        work=faces.get("work") or {},
        waiting=(overview or {}).get("waiting", {}),
        findings=faces.get("findings") or {},
    )


def _account_on(session: Session, question: accounting.Question, level: str) -> Mapping[str, Any]:
    """Account of another day; the last few are remembered, for a page is looked at again."""
    known: dict[Any, Mapping[str, Any]] = session.remembered.setdefault(_REMEMBERED, {})
    name = (question, level, session.today())
    if name not in known:
        known[name] = accounting.account(session, question, level)
        while len(known) > _DAYS_KEPT:
            del known[next(iter(known))]
    return known[name]


def _chosen(rows: Sequence[Mapping[str, Any]], cut: Cut) -> list[Mapping[str, Any]]:
    wanted = set(cut.organisations)
    return [row for row in rows if not wanted or row["organisation"] in wanted]


def bar(parts: Sequence[tuple[str, float]]) -> list[Segment]:
    """Parts of a whole as stretches of a bar of 100 per cent.

    What is not nothing is drawn at least `LEAST_SHARE` wide; what that takes is taken from the
    widest, so that the bar stays whole.

    Examples
    --------
    >>> [(one.key, one.start, one.width) for one in bar([("a", 3.0), ("b", 1.0), ("c", 0.0)])]
    [('a', 0.0, 75.0), ('b', 75.0, 25.0)]
    """
    present = [(key, value) for key, value in parts if value > 0]
    whole = sum(value for _, value in present)
    widths = [max(100 * value / whole, LEAST_SHARE) for _, value in present]
    if widths:
        widest = widths.index(max(widths))
        widths[widest] -= sum(widths) - 100
    found, start = [], 0.0
    for (key, value), width in zip(present, widths, strict=True):
        found.append(Segment(key, round(start, 3), round(width, 3), value))
        start += width
    return found


def how_address(figure: str, cut: Cut, level: str, **of: str) -> str:
    """Address of how a figure of the page came to be, at the page's cut."""
    pairs = [("level", level)]
    pairs += [(name, value) for name, value in cut.pairs() if name != "level"]
    pairs += [("in", f"{by}:{key}") for by, key in of.items()]
    return f"{reverse('origins:how', args=[figure])}?{urlencode(pairs)}"


def land_values(picture: Picture, cut: Cut) -> dict[str, Any]:
    """The land account as the page draws it: bar, parts, both sides of the equation, beside."""
    if picture.account is None:
        return {}
    land, level = picture.account["land"], picture.level
    whole = sum(land[f"{key}_m2"] for key in LAND)
    recorded = land["recorded_m2"] + land["extensions_m2"]

    def part(key: str, share_of: float = 0.0) -> Part:
        how = how_address(key, cut, level) if key in origins.FIGURES else ""
        return Part(key, figure_word(key), land[f"{key}_m2"], how, share_of)

    beside = [
        part(key)
        for key in ("processed", "reprocessed", "unattached", "declared")
        if land.get(f"{key}_m2")
    ]
    segments = bar([(key, land[f"{key}_m2"]) for key in LAND])
    return {
        "whole": part("recorded"),
        "released": Part(
            "released",
            figure_word("released"),
            sum(land[f"{key}_m2"] for key in LAND[:3]),
            how_address("released", cut, level),
            whole,
        ),
        "segments": segments,
        "processed_start": next((one.start for one in segments if one.key == "remaining"), 0.0),
        "again": _within(land.get("reprocessed_m2", 0), whole),
        "processed": _within(land.get("processed_m2", 0), whole),
        "above": bar(
            [
                ("ring", max(0.0, land["recorded_m2"] - land["overlaps_m2"])),
                ("extension", land["extensions_m2"]),
                ("overlap", land["overlaps_m2"]),
            ]
        )
        if recorded
        else [],
        "parts": [part(key, whole) for key in LAND],
        "left": [part(key) for key in ("recorded", "extensions", "overlaps")],
        "right": [part(key) for key in ("cancelled", "reduced", "cleared", "remaining")],
        "beside": beside,
        "outside_address": _outside_address(),
    }


def _outside_address() -> str:
    """Where ground that stands under no hazard is listed, piece by piece."""
    try:
        return f"{reverse('findings:list')}?code={OUTSIDE}"
    except NoReverseMatch:
        return ""


def _within(value: float, whole: float) -> float:
    """Width in per cent of a strip that lies within the bar."""
    return round(max(LEAST_SHARE, min(100.0, 100 * value / whole)), 3) if value and whole else 0.0


def item_values(picture: Picture, cut: Cut) -> dict[str, Any]:
    """The item account as the page draws it: bar of states, equation, categories."""
    if picture.account is None:
        return {}
    items, level = picture.account["items"], picture.level
    destroyed = sum(items[one] for one in _DESTROYED)
    states = {"destroyed": destroyed, **{one: items[one] for one in STATES[5:]}}

    def part(key: str, value: float) -> Part:
        return Part(key, figure_word(key), value, how_address(key, cut, level), items["found"])

    rows = []
    most = max((row["found"] for row in picture.categories), default=0)
    for row in picture.categories:
        if not (row["found"] or row["received"]):
            continue
        done = sum(row[one] for one in _DESTROYED)
        rows.append(
            {
                "word": code_word("category", row["category"]),
                "found": row["found"],
                "destroyed": done,
                "unaccounted": row["unaccounted"],
                "elsewhere": row["found"] + row["received"] - done - row["unaccounted"],
                "how_found": how_address("found", cut, level, category=row["category"]),
                "how_destroyed": how_address("destroyed", cut, level, category=row["category"]),
                "width": round(100 * row["found"] / most, 2) if most else 0,
                "done": round(100 * done / most, 2) if most else 0,
            }
        )
    return {
        "found": part("found", items["found"]),
        "received": part("received", items["received"]),
        "parts": [part(key, value) for key, value in states.items() if value],
        "segments": bar(list(states.items())),
        "small_arms": Part(
            "small_arms_found",
            _("small-arms ammunition, apart"),
            items["small_arms_found"],
            how_address("small_arms_found", cut, level),
        ),
        "closure": items["closure"],
        "rows": sorted(rows, key=lambda row: -row["found"]),
    }


def organisation_values(picture: Picture, cut: Cut) -> list[dict[str, Any]]:
    """Organisations side by side: released land by how, items found and destroyed."""
    level, rows = picture.level, []
    for row in picture.organisations:
        land = {key: float(row.get(f"{key}_m2", 0.0)) for key in LAND[:3]}
        items = row.get("items") or {}
        name = str(row["organisation"])
        rows.append(
            {
                "name": name,
                "released": sum(land.values()),
                "segments": list(land.items()),
                "found": items.get("found", 0),
                "destroyed": sum(items.get(one, 0) for one in _DESTROYED),
                "how": {
                    key: how_address(key, cut, level, organisation=name)
                    for key in ("released", "cleared", "reduced", "cancelled", "found", "destroyed")
                },
                **land,
            }
        )
    most = max((row["released"] for row in rows), default=0.0)
    for row in rows:
        scale = row["released"] / most if most else 0.0
        row["segments"] = [
            one._replace(start=round(one.start * scale, 3), width=round(one.width * scale, 3))
            for one in bar(row["segments"])
        ]
    return sorted(rows, key=lambda row: (-row["released"], row["name"]))


def news(session: Session, since: int, level: str, lens: Lens) -> dict[str, Any] | None:
    """What changed since a position, as far as the reader's cuts go."""
    found = changes_since(session, since) if since else None
    if found is None:
        return None
    changed = found["levels"].get(level, {})
    told: dict[tuple[str, str, str], int] = {}
    for one in found["statements"]:
        name = one["organisation"] if "organisation" in lens.cuts() else ""
        key = (name, one["act"], one["kind"])
        told[key] = told.get(key, 0) + one["count"]
    return {
        "at": found["since"]["at"],
        "exact": found["exact"],
        "land": [
            (figure_word(name.removesuffix("_m2")), name.removesuffix("_m2"), value)
            for name, value in changed.get("land", {}).items()
        ],
        "items": [
            (figure_word(name), name, value)
            for name, value in changed.get("items", {}).items()
            if name != "closure"
        ],
        "statements": [
            {"organisation": name, "words": act_words(act, kind), "count": count}
            for (name, act, kind), count in sorted(told.items(), key=lambda one: -one[1])
        ],
        "count": sum(told.values()),
    }
