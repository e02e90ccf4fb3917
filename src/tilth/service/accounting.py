"""Ask for the two accounts: at a level, until a day, as known at a time, cut as asked."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from tilth import __version__
from tilth.core.chains import LEVELS
from tilth.core.days import iso, ordinal
from tilth.core.items.account import ItemRow
from tilth.core.items.account import account as item_account
from tilth.core.items.book import ItemBook
from tilth.core.items.model import Balance
from tilth.core.items.rollup import Rollup
from tilth.core.land import engines
from tilth.core.land.balance import CUTS, balance, cut, movements
from tilth.core.land.faces import faces_arrangement
from tilth.core.land.keeper import Engine, LandKeeper
from tilth.core.land.rows import LandRows
from tilth.core.problems import Problem, Refused, register
from tilth.exchange.pause import collector_paused
from tilth.service.answer import PLACES, Declared, Figures, answer_of, declared_in
from tilth.service.ground import KINDS_READ, Books, item_book, move_items, read_books
from tilth.service.leftout import Left, left_out
from tilth.service.positions import Position, position_at, unmoved
from tilth.service.session import Session

__all__ = [
    "BOOK",
    "Kept",
    "Position",
    "Question",
    "account",
    "accounts",
    "is_kept",
    "items_at",
    "keep",
    "kept_at",
    "land_at",
    "position_at",
    "wrongly_kept",
]

BOOK = "accounts"
"""Book of the store in which computed accounts are kept."""

KEPT_POSITIONS = 4
REMEMBERED = 8
_PARTS = ("land", "items", "beside", "seal")
_VERSION = f"{__version__}+2"
"""Version of the program, and after it of the form in which accounts are kept."""

register(
    {
        "bad_day": ("{text} is no day.", "Write a day as 2026-03-31."),
        "bad_level": (
            "There is no level {level}.",
            "Take reported, verified, approved or prudent.",
        ),
        "bad_cut": ("There is no cut by {by}.", "Take one of: {cuts}."),
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """Which account; empty means now, everything, as a state."""

    until: str = ""
    known_at: str = ""
    since: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """Both accounts at one level and position, for every day at once."""

    rows: LandRows
    rollup: Rollup
    left: tuple[Left, ...]
    declared: tuple[Declared, ...]


class _Beside(msgspec.Struct, frozen=True):
    left: list[tuple[str, int, float, str]]
    declared: list[Declared]


@dataclass(slots=True)
class _Maker:
    """Computes what is not kept yet; the books are read once for all levels."""

    session: Session
    position: Position
    engine: Engine | None = None
    levels: Sequence[str] = ()
    books: Books | None = None
    keeper: LandKeeper | None = None
    items: ItemBook | None = None
    items_at: str = ""

    def make(self, level: str) -> Kept:
        if self.keeper is None:
            self.books = read_books(self.session, until_seq=self.position.seq)
            self.keeper = LandKeeper(
                self.books.land, self.engine, threads=2, levels=self.levels or (level,)
            )
            self.keeper.recompute()
        books = self.books
        assert books is not None  # noqa: S101 - set above
        left = tuple(left_out(books, self.session.kinds, level))
        meaning = books.projects().meaning
        rollup = self._rollup(books, level).under(meaning)
        rows = self.keeper.rows(level).under(meaning, books.named)
        declared = declared_in(books, level, books.items)
        return Kept(rows, rollup, left, tuple(sorted(declared.values())))

    def _rollup(self, books: Books, level: str) -> Rollup:
        """Items at a level: read once, then moved from level to level."""
        if self.items is None:
            self.items = item_book(self.session, books, level)
        else:
            move_items(self.session, books, self.items, (self.items_at, level))
        self.items_at = level
        return Rollup.from_bytes(self.items.rollup.to_bytes())


def kept_at(
    session: Session,
    position: Position,
    levels: Sequence[str],
    *,
    each: Callable[[int], None] = lambda done: None,
) -> dict[str, Kept]:
    """Both accounts at a position, from kept rows where they are, else computed and kept.

    ``each`` is called after every level with how many are done; what it raises ends the work.
    """
    for level in levels:
        if level not in LEVELS:
            raise Refused(Problem("bad_level", level, {"level": level}))
    known: dict[str, Kept] = session.remembered.setdefault(BOOK, {})
    found: dict[str, Kept | None] = {level: known.get(_key(position, level)) for level in levels}
    for level in [one for one, kept in found.items() if kept is None]:
        found[level] = _from_kept(session, _key(position, level)) or _unmoved(
            session, position, level
        )
    maker = _Maker(session, position, levels=[one for one in levels if found[one] is None])
    result = {}
    for level, kept in found.items():
        with collector_paused():  # statements and views are trees: nothing to collect
            result[level] = maker.make(level) if kept is None else kept
        if kept is None:
            keep(session, position, level, result[level])
        known.pop(_key(position, level), None)
        known[_key(position, level)] = result[level]
        each(len(result))
    while len(known) > REMEMBERED:
        del known[next(iter(known))]
    return result


def land_at(session: Session, position: Position, level: str) -> LandRows:
    """Land alone of a kept account: who follows a figure of land needs no item."""
    found: LandRows = _part_at(session, position, level, 0)
    return found


def items_at(session: Session, position: Position, level: str) -> Rollup:
    """Items alone of a kept account."""
    found: Rollup = _part_at(session, position, level, 1)
    return found


def _part_at(session: Session, position: Position, level: str, part: int) -> Any:
    """One part of a kept account, the last few remembered; else of the account computed."""
    key = _key(position, level)
    known: dict[str, Kept] = session.remembered.setdefault(BOOK, {})
    if key in known:
        return (known[key].rows, known[key].rollup)[part]
    parts: dict[str, Any] = session.remembered.setdefault(f"{BOOK} in parts", {})
    name = f"{key}:{_PARTS[part]}"
    if name not in parts:
        raw = _bytes_kept(session, key)
        for earlier in [] if raw else _like(session, position):
            raw = raw or _bytes_kept(session, _key(earlier, level))
        if not raw:
            kept = kept_at(session, position, [level])[level]
            return (kept.rows, kept.rollup)[part]
        read = (LandRows.from_bytes, Rollup.from_bytes)[part]
        with collector_paused():
            parts[name] = read(raw[part])
        while len(parts) > KEPT_POSITIONS:
            del parts[next(iter(parts))]
    return parts[name]


def _bytes_kept(session: Session, key: str) -> list[bytes]:
    """Parts of a kept account without their seal, if it is there whole; else nothing."""
    names = [f"{key}:{part}" for part in _PARTS]
    parts = session.workspace.store.kept(BOOK, names)
    if len(parts) < len(names) or parts[names[3]] != _seal(parts[one] for one in names[:3]):
        return []
    return [parts[one] for one in names[:3]]


def _from_kept(session: Session, key: str) -> Kept | None:
    """A kept account, if it is there whole."""
    raw = _bytes_kept(session, key)
    if not raw:
        return None
    land, items, more = raw
    beside = msgspec.json.decode(more, type=_Beside)
    return Kept(
        LandRows.from_bytes(land),
        Rollup.from_bytes(items),
        tuple(Left(*one) for one in beside.left),
        tuple(beside.declared),
    )


def _unmoved(session: Session, position: Position, level: str) -> Kept | None:
    """Account kept at an earlier position, where nothing it reads was said since.

    A document that was issued or a task that was moved leaves both accounts as they are.
    """
    for earlier in _like(session, position):
        kept = _from_kept(session, _key(earlier, level))
        if kept is not None:
            return kept
    return None


def _like(session: Session, position: Position) -> list[Position]:
    """Earlier positions, newest first, at which some account is kept and was the same."""
    names = session.workspace.store.kept_keys(BOOK)
    return unmoved(session, position, {int(name[:10]) for name in names}, KINDS_READ)


def is_kept(session: Session, position: Position) -> bool:
    """Whether the accounts at a position are kept at every level, so that asking costs little."""
    keys = set(session.workspace.store.kept_keys(BOOK))
    for one in (position, *_like(session, position)):
        if all(f"{_key(one, level)}:land" in keys for level in LEVELS):
            return True
    return False


def _key(position: Position, level: str) -> str:
    """Name of a kept account: the roots, so that a restored folder never meets another's rows.

    The version of the program is in it: another one may have had other rules.
    """
    roots = "".join(root[:8] for _, _, root in position.heads)
    return f"{position.receipts:010d}:{roots}:{_VERSION}:{level}"


def _seal(parts: Iterable[bytes]) -> bytes:
    """Checksum by which kept parts that were damaged are not taken for an account."""
    value = 0
    for part in parts:
        value = zlib.crc32(part, value)
    return value.to_bytes(4, "big")


def wrongly_kept(session: Session) -> tuple[int, str]:
    """Compute every kept account anew from the log and compare the bytes.

    The engines agree to about 1e-8 m² and not to the last bit, so what one of them did not make is
    held against the other before it is called wrong. What another version of the program kept is
    not used by this one and not compared.

    Returns
    -------
    tuple
        How many accounts were compared, and the name of the first that differs, or empty.
    """
    store = session.workspace.store
    groups: dict[str, list[str]] = {}
    for name in store.kept_keys(BOOK):
        if name.count(":") != 4 or name.split(":")[2] == _VERSION:
            groups.setdefault(name.split(":", 1)[0], []).append(name)
    for receipts, names in groups.items():
        wrong = names[0]
        if receipts.isdecimal():
            parts = store.kept(BOOK, names)
            position = position_at(session, f"position:{int(receipts)}")
            for made in _made_by_each_engine(session, position):
                wrong = next((n for n in names if made.get(n) != parts.get(n)), "")
                if not wrong:
                    break
        if wrong:
            return len(groups), wrong
    return len(groups), ""


def _made_by_each_engine(session: Session, position: Position) -> Iterator[dict[str, bytes]]:
    """Parts of the accounts at a position: by the engine in use, by faces, by the edge walk."""
    was_ready = engines.ready()
    for attempt in range(2 if was_ready else 3):
        if attempt == 2:
            engines.compile_now()
        maker = _Maker(
            session, position, faces_arrangement if attempt == 1 else None, tuple(LEVELS)
        )
        made: dict[str, bytes] = {}
        for level in LEVELS:
            made |= _parts(_key(position, level), maker.make(level))
        yield made


def _parts(key: str, one: Kept) -> dict[str, bytes]:
    """Bytes of a kept account by the name of each part."""
    beside = _Beside([(*left,) for left in one.left], list(one.declared))
    values = [one.rows.to_bytes(), one.rollup.to_bytes(), msgspec.json.encode(beside)]
    named = zip(_PARTS, [*values, _seal(values)], strict=True)
    return {f"{key}:{part}": value for part, value in named}


def keep(session: Session, position: Position, level: str, one: Kept) -> None:
    """Keep the accounts at a position, so that any day of them costs little to ask for."""
    store, key = session.workspace.store, _key(position, level)
    names = store.kept_keys(BOOK)
    known = sorted({name.split(":", 1)[0] for name in [*names, key]})
    old = set(known[:-KEPT_POSITIONS])
    gone: dict[str, bytes | None] = {name: None for name in names if name.split(":", 1)[0] in old}
    store.keep_many(BOOK, {**gone, **_parts(key, one)})


def accounts(
    session: Session,
    question: Question,
    levels: Sequence[str],
    *,
    each: Callable[[int], None] = lambda done: None,
) -> dict[str, dict[str, Any]]:
    """The account at each level as plain values, in the shape of ``tilth account --json``.

    Parameters
    ----------
    each
        See `kept_at`.

    Raises
    ------
    Refused
        ``bad_known_at``, ``bad_day``, ``bad_level``, ``bad_cut``.
    """
    if question.by and question.by not in CUTS:
        params = {"by": question.by, "cuts": ", ".join(CUTS)}
        raise Refused(Problem("bad_cut", question.by, params))
    until = _day(question.until or session.today())
    since = _day(question.since) if question.since else None
    position = position_at(session, question.known_at)
    kept = kept_at(session, position, levels, each=each)
    return {
        level: _answer(session, position, level, one, until, since, question.by)
        for level, one in kept.items()
    }


def account(session: Session, question: Question, level: str = "reported") -> dict[str, Any]:
    """The account at one level; see `accounts`."""
    return accounts(session, question, [level])[level]


def _day(text: str) -> int:
    try:
        return ordinal(text)
    except ValueError as error:
        raise Refused(Problem("bad_day", text, {"text": text})) from error


def _answer(
    session: Session,
    position: Position,
    level: str,
    kept: Kept,
    until: int,
    since: int | None,
    by: str,
) -> dict[str, Any]:
    figures = Figures(
        balance(kept.rows, until),
        lambda number: kept.rows.hazards[number].record,
        kept.rollup,
        kept.left,
        kept.declared,
    )
    answer = answer_of(session, position, level, until, figures)
    answer["by"] = _cut(kept, until, by) if by else []
    if since is not None:
        answer["since"] = iso(since)
        moved = movements(kept.rows, since, until)
        answer["movements"] = {k: round(v, PLACES) + 0.0 for k, v in moved.items()}
        changed = item_account(kept.rollup, iso(until), since=iso(since)).joint
        answer["item_movements"] = changed.items.as_dict()
    return answer


_ITEM_CUTS: Mapping[str, str] = {
    "organisation": "organisation",
    "month": "month",
    "method": "method",
    "place": "place",
    "project": "project",
}


def _cut(kept: Kept, until: int, by: str) -> list[dict[str, Any]]:
    """Rows of land, and of items where the cut applies to them, by the same value."""
    rows: dict[str, dict[str, Any]] = {}
    for line in cut(kept.rows, until, by):
        rows[str(line[by])] = {
            name: value if name == by else round(float(value), PLACES)
            for name, value in line.items()
        }
    if by in _ITEM_CUTS:
        found = item_account(kept.rollup, iso(until), by=_ITEM_CUTS[by]).rows
        for one in found:
            rows.setdefault(one.value, {by: one.value})["items"] = _item_row(one)
        sums: dict[str, Decimal] = {}
        for said in kept.declared:
            if said.day <= until:
                value = str(getattr(said, by))
                sums[value] = sums.get(value, Decimal(0)) + Decimal(said.m2)
        for value, m2 in sums.items():
            rows.setdefault(value, {by: value})["declared_m2"] = float(m2)
        for row in rows.values():
            row.setdefault("items", {**Balance().as_dict(), "small_arms_found": 0})
            row.setdefault("declared_m2", 0.0)
    return [rows[name] for name in sorted(rows)]


def _item_row(row: ItemRow) -> dict[str, int]:
    return {**row.items.as_dict(), "small_arms_found": row.small_arms.found}
