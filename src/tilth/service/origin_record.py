"""The last steps of a figure: the statements of a record, and the lines of a report that count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tilth.core.items.lots import ORIGINS, amounts
from tilth.core.items.model import FOUND, RECEIVED, SMALL_ARMS
from tilth.core.statement import split_record_id
from tilth.service.ground import KINDS_OF_ITEMS
from tilth.service.lens import Lens, not_readable
from tilth.service.origin_items import states_of
from tilth.service.record_life import Life, lines_of, read_life
from tilth.service.records import statements_about
from tilth.service.session import Session

__all__ = ["ItemLine", "RecordStep", "record_step"]


class ItemLine(NamedTuple):
    """A line of a report as entered, and the pieces of it that the figure counts."""

    number: int
    category: str
    model: str
    pieces: int
    disposal: str
    disposed_on: str
    counted: int


@dataclass(frozen=True, slots=True)
class RecordStep:
    """A record behind a figure.

    Parameters
    ----------
    statements
        As `record_life.lines_of`, the newest first; ``counts`` says which of them the level reads.
    lines
        Item lines of the statement in force that the figure asks for; None where it asks for none.
    lines_sum
        What these lines say themselves; later lines of other reports may have moved some.
    """

    record: str
    kind: str
    label: str
    level: str
    statements: list[dict[str, Any]]
    lines: list[ItemLine] | None = None
    lines_sum: int = 0


def record_step(
    session: Session,
    record: str,
    level: str,
    *,
    figure: str = "",
    of: Mapping[str, str] | None = None,
) -> RecordStep:
    """Statements of a record, those that a level reads marked, and the lines a figure counts.

    Raises
    ------
    Refused
        ``not_readable``, the same for what is not there.
    """
    lens = Lens(session)
    if not lens.sees(record):
        raise not_readable(record)
    author, kind, local = split_record_id(record)
    own = session.workspace.store.of_records([record]).get(record, [])
    entries = statements_about(session, record, own)
    life = read_life(session, record, entries)

    def shows(name: str) -> bool:
        return lens.shows(author, kind, name, record=record)

    told = session.own in (author, session.authority)
    read = _read_at(life, level)
    lines = [
        {**one, "counts": one["hash"] in read} for one in lines_of(session, life, shows, told=told)
    ]
    found = None
    if figure and kind in KINDS_OF_ITEMS and shows("items"):
        found = _item_lines(life, level, kind, figure, of or {})
    counted = sum(one.counted for one in found or ())
    return RecordStep(record, kind, local, level, lines, found, counted)


def _read_at(life: Life, level: str) -> set[str]:
    """Statements that a level reads; *prudent* reads the approved one and all that came after."""
    if level != "prudent":
        return {one.hash for one in (life.at(level), *life.events(level)) if one is not None}
    found: set[str] = set()
    for chain in [*([life.chain] if life.chain else []), *life.revisions]:
        approved, after = chain.undecided(life.standing)
        found |= {one.hash for one in after} | ({approved.hash} if approved else set())
    return found


def _item_lines(
    life: Life, level: str, kind: str, figure: str, of: Mapping[str, str]
) -> list[ItemLine]:
    said = life.at("approved" if level == "prudent" else level)
    fields = life.values.get(said.hash, {}) if said is not None else {}
    states, small = states_of(figure)
    default = ORIGINS.get(kind, "clearance")
    found = []
    for number, line in enumerate(fields.get("items", ()), 1):
        category, model = line.get("category", "unknown"), line.get("model", "")
        wanted = {"category": category, "model": model, "origin": line.get("origin", default)}
        if (category == SMALL_ARMS) != small:
            continue
        if any(of.get(name, value) != value for name, value in wanted.items()):
            continue
        pieces, disposal = amounts(line)[0], line.get("disposal", "")
        is_own = "disposal_of" not in line
        side = RECEIVED if "received_from" in line else FOUND
        counts = is_own and (side in states or (disposal or "unaccounted") in states)
        found.append(
            ItemLine(
                number,
                category,
                model,
                pieces,
                disposal,
                line.get("disposed_on", ""),
                pieces if counts else 0,
            )
        )
    return found
