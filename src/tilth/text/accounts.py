"""An account in words: the same sentences on pages, in documents and on the command line.

Takes the account as the plain JSON value of ``tilth account --json``. ``say`` is the reader's
gettext function; every label passes through it, so that the message ids stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tilth.text import figures

__all__ = [
    "Part",
    "closure_line",
    "description",
    "equation",
    "is_closed",
    "item_ends",
    "item_sources",
    "items_closed",
    "land_parts",
    "left_out",
    "left_out_lines",
    "moment",
    "operation_name",
    "position_line",
    "time_line",
]

Account = Mapping[str, Any]
Say = Callable[[str], str]

CLOSURE_M2 = 1e-6
CLOSURE_OF_AREA = 1e-12
"""Rules §3: beyond 1e-6 m² or 1e-12 of the area, whichever is larger, nothing is closed."""


class Part(NamedTuple):
    """A term of a balance: its name in the JSON, its label and its value."""

    name: str
    label: str
    value: Any


def land_parts(account: Account, say: Say = str) -> list[Part]:
    """List what the ground has become, in the order of the bar; values in m²."""
    land = account["land"]
    labels = {
        "cleared": say("cleared"),
        "reduced": say("reduced"),
        "cancelled": say("cancelled"),
        "remaining": say("remaining"),
    }
    return [Part(name, label, land.get(f"{name}_m2", 0)) for name, label in labels.items()]


def item_sources(account: Account, say: Say = str) -> list[Part]:
    """List where items came from; values in pieces."""
    items = account["items"]
    labels = {"found": say("found"), "received": say("received")}
    return [Part(name, label, items.get(name, 0)) for name, label in labels.items()]


def item_ends(account: Account, say: Say = str) -> list[Part]:
    """List what has become of the items, each in exactly one state; values in pieces."""
    items = account["items"]
    labels = {
        "destroyed_in_place": say("destroyed in place"),
        "moved_and_destroyed": say("moved and destroyed"),
        "destroyed_place_unknown": say("destroyed, place unknown"),
        "stored": say("stored"),
        "handed_over": say("handed over"),
        "left_marked": say("left and marked"),
        "unaccounted": say("unaccounted"),
    }
    return [Part(name, label, items.get(name, 0)) for name, label in labels.items()]


def is_closed(account: Account) -> bool:
    """Whether the land balance closes within the tolerance of rules §3, for every hazard.

    An account lists under ``not_closed`` the hazards that do not; without the list the whole is
    held to the tolerance.
    """
    if "not_closed" in account:
        return not account["not_closed"]
    land = account["land"]
    whole = abs(float(land.get("recorded_m2", 0))) + abs(float(land.get("extensions_m2", 0)))
    return abs(float(land.get("closure_m2", 0))) <= max(CLOSURE_M2, CLOSURE_OF_AREA * whole)


def items_closed(account: Account) -> bool:
    """Whether every item is in exactly one state; the difference stands under ``closure``."""
    return not account["items"].get("closure", 0)


def closure_line(account: Account, say: Say = str) -> str:
    """Say that the balance closes, or ``NOT CLOSED`` with the difference, never rounded."""
    closure = float(account["land"].get("closure_m2", 0))
    if closure == 0 and is_closed(account):
        return say("closes exactly")
    if is_closed(account):
        return say("closes, difference {closure} m²").format(closure=f"{closure:.1e}")
    line = say("NOT CLOSED, difference {closure} m²").format(closure=f"{closure!r}")
    hazards = account.get("not_closed", ())
    return f"{line}: {', '.join(map(str, hazards))}" if hazards else line


def equation(account: Account, say: Say = str) -> tuple[list[Part], list[Part]]:
    """Both sides of the land balance; overlaps carry their minus sign in the label."""
    land = account["land"]
    left = [
        Part("recorded", say("recorded"), land.get("recorded_m2", 0)),
        Part("extensions", say("+ extensions"), land.get("extensions_m2", 0)),
        Part("overlaps", say("− overlaps"), land.get("overlaps_m2", 0)),
    ]
    by_name = {part.name: part for part in land_parts(account, say)}
    return left, [by_name[name] for name in ("cancelled", "reduced", "cleared", "remaining")]


def operation_name(account: Account) -> str:
    """Name of the operation, whether the account holds it alone or beside its id."""
    operation = account.get("operation", "")
    if isinstance(operation, Mapping):
        return str(operation.get("name") or operation.get("id", ""))
    return str(operation)


def moment(text: str, say: Say = str) -> str:
    """Time as said: ``2026-12-12T14:03:00Z`` becomes ``12 Dec 2026 14:03 UTC``."""
    if not text or text == "now":
        return say("now")
    if "T" in text:
        return f"{figures.day(text)} {text[11:16]} UTC"
    return figures.day(text)


def time_line(account: Account, say: Say = str) -> str:
    """``until 12 Dec 2026 · known at now``, with ``since`` for movements."""
    parts = []
    if account.get("since"):
        parts.append(say("since {day}").format(day=figures.day(str(account["since"]))))
    if account.get("until"):
        parts.append(say("until {day}").format(day=figures.day(str(account["until"]))))
    known = moment(str(account.get("known_at") or "now"), say)
    parts.append(say("known at {time}").format(time=known))
    return " · ".join(parts)


def position_line(account: Account, say: Say = str) -> str:
    """Size of every log held and the beginning of the root, or the position as given."""
    position = account.get("position")
    if isinstance(position, Mapping):
        position = [{"log": log, **head} for log, head in position.items()]
    if isinstance(position, Sequence) and not isinstance(position, str):
        size = sum(int(head["size"]) for head in position)
        said = (
            say("position: {logs} logs, {size} statements")
            if len(position) != 1
            else say("position: 1 log, {size} statements")
        )
        line = said.format(logs=figures.count(len(position)), size=figures.count(size))
        roots = [str(head.get("root", ""))[:8] for head in position]
        return f"{line}, {roots[0]}…" if len(roots) == 1 and roots[0] else line
    return say("position: {text}").format(text=str(position)[:16]) if position else ""


LEFT_OUT_LABELS: Mapping[str, str] = {
    "below_level": "below this level",
    "returned": "returned",
    "contested": "contested",
    "incomplete": "incomplete",
    "without_polygon": "without polygon",
    "held_in_part": "in logs held in part",
    "not_held": "named and not held",
    "indications": "indications, listed beside",
}


class LeftOut(NamedTuple):
    """One reason for leaving something out: how many records, how much ground, how much said."""

    name: str
    label: str
    records: int
    area_m2: Any
    declared_m2: Any


def _left_out(name: str, value: Any, say: Say) -> LeftOut:
    label = say(LEFT_OUT_LABELS.get(name, name.replace("_", " ")))
    if not isinstance(value, Mapping):
        return LeftOut(name, label, int(value or 0), 0, 0)
    return LeftOut(
        name,
        label,
        int(value.get("records", value.get("count", 0))),
        value.get("m2", value.get("area_m2", 0)),
        value.get("declared_m2", 0),
    )


def left_out(account: Account, say: Say = str) -> list[LeftOut]:
    """List what the figures leave out and why; empty when they leave out nothing."""
    reasons = dict(account.get("left_out") or {})
    without = account["land"].get("without_polygon")
    if without and "without_polygon" not in reasons:
        reasons["without_polygon"] = without
    found = (_left_out(name, value, say) for name, value in reasons.items())
    return [one for one in found if one.records or float(one.area_m2) or float(one.declared_m2)]


def left_out_lines(account: Account, say: Say = str) -> list[str]:
    """Say what the figures leave out, one line for each reason."""
    lines = []
    for one in left_out(account, say):
        said = [f"{one.label}: {figures.count(one.records)}"] if one.records else [one.label]
        if float(one.area_m2):
            said.append(figures.area(one.area_m2))
        if float(one.declared_m2):
            said.append(say("declared {area}").format(area=figures.area(one.declared_m2)))
        lines.append(", ".join(said))
    return lines


def _sentences(account: Account, say: Say) -> Iterator[str]:
    yield say("Land account at level {level}, {time}.").format(
        level=say(str(account["level"])), time=time_line(account, say)
    )
    left, right = equation(account, say)
    sides = [
        ", ".join(f"{part.label.lstrip('+− ')} {figures.area(part.value)}" for part in side)
        for side in (left, right)
    ]
    yield f"{sides[0]}; {sides[1]}."
    yield f"{closure_line(account, say)}."
    found = ", ".join(
        f"{part.label} {figures.count(part.value)}"
        for part in (*item_sources(account, say), *item_ends(account, say))
    )
    yield say("Items: {items}.").format(items=found)
    lines = left_out_lines(account, say)
    if lines:
        yield say("Left out: {lines}.").format(lines="; ".join(lines))
    if account.get("synthetic"):
        yield say("Synthetic data.")


def description(account: Account, say: Say = str) -> str:
    """Whole account in sentences, for who cannot see the picture."""
    return " ".join(_sentences(account, say))
