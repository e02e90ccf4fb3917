"""The inbox: what waits for a reader's organisation, counted, filtered, page by page.

What is readable passes `tilth.service.lens`; of what may not be read only count and m² are told.
Decisions are in `tilth.service.inbox_acts`, frozen lists in `tilth.service.frozen`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from tilth.core.days import first_day, last_day
from tilth.core.problems import Problem, Refused, register
from tilth.core.waiting import REPORTS, RETURNED, STATES, turn_of
from tilth.service.findings import BOOK as FINDINGS_BOOK
from tilth.service.inbox_book import LastDecision, Mask, WaitingBook, waiting_book
from tilth.service.inbox_lines import Line
from tilth.service.lens import ALL, Behind, Lens
from tilth.service.session import Session

if TYPE_CHECKING:
    from tilth.service.current import Current

__all__ = [
    "SORTS",
    "Counts",
    "Filter",
    "Page",
    "Row",
    "chosen_lines",
    "counts",
    "is_mine",
    "publish",
    "row_of",
    "waiting",
]

SORTS = ("oldest", "newest", "area")
PAGE = 50
_MOST = 500
_DAY = 86_400_000_000

register(
    {
        "bad_filter": (
            "{value} is no {name} by which the inbox can be filtered.",
            "Take one of: {known}.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the inbox is asked for; empty is everything.

    Parameters
    ----------
    state
        One of `tilth.core.waiting.STATES`.
    turn
        ``mine``: what waits for the reader's organisation; else what waits for anybody.
    organisation
        Id of the author's.
    actor
        Code of who submitted it.
    received_from, received_to
        Days in the operation's time zone, inclusive.
    code
        Finding that it gives or that touches its record.
    text
        Words of its ids, place, task, hazard, team.
    everything
        Records that run the operation too, which nobody has to accept before they count.
    """

    state: str = ""
    turn: str = ""
    kind: str = ""
    organisation: str = ""
    actor: str = ""
    received_from: str = ""
    received_to: str = ""
    place: str = ""
    code: str = ""
    text: str = ""
    everything: bool = False
    sort: str = "oldest"

    def pairs(self) -> dict[str, str]:
        """Names and values that are not the usual ones, as an address or a frozen list has them."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        usual = {one.name: one.default for one in fields(self)}
        return {
            name: "1" if value is True else str(value)
            for name, value in found.items()
            if value != usual[name]
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is shown.

    Parameters
    ----------
    author
        Name of the organisation.
    actor
        Code of who submitted it; empty where that stays within its organisation.
    mine
        Whether it is the turn of the reader's organisation.
    days
        Whole days since it was received or, of a returned one, since it was returned.
    codes
        Findings: its own and those that touch its record.
    """

    line: Line
    author: str
    actor: str
    mine: bool
    days: int
    received: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a page, and the keys of those around it: empty where there is none.

    ``first`` is the number of its first row, from 1.
    """

    rows: tuple[Row, ...]
    first: int
    total: int
    after: str = ""
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits.

    Parameters
    ----------
    states, kinds, organisations, codes
        Count by value, each under the rest of the filter.
    actors
        Codes of those who submitted something, most first; at most 50.
    total, m2, pieces
        Of what the whole filter chooses.
    mine
        How much waits for the reader's organisation, whatever the filter.
    behind
        What waits and may not be read.
    last
        The organisation's newest decision.
    """

    states: Mapping[str, int]
    kinds: Mapping[str, int]
    organisations: Mapping[str, int]
    codes: Mapping[str, int]
    actors: Sequence[str]
    total: int
    m2: float
    pieces: int
    mine: int
    behind: Behind | None = None
    last: LastDecision | None = None


@dataclass(slots=True)
class _Asked:
    """A question to the book by one reader."""

    session: Session
    lens: Lens
    book: WaitingBook = field(init=False)
    _readable: Mask | None = None
    _saying: dict[str, Mask] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.book = waiting_book(self.session)
        _notice(self.session, self.book)

    @property
    def readable(self) -> Mask:
        """Slots that the reader reads in full."""
        if self._readable is None:
            self._readable = self.book.live & self._allowed("full")
        return self._readable

    def _allowed(self, much: str) -> Mask:
        """Slots by how much of their author's records of their kind may be read."""
        kinds, parties = self.book.words["kind"].words, self.book.words["organisation"].words
        table = np.zeros((max(1, len(kinds)), max(1, len(parties))), np.bool_)
        for row, kind in enumerate(kinds):
            if much == "full":
                whole = self.lens.organisations_full(kind)
                table[row] = [one in whole for one in parties] if whole is not ALL else True
            else:
                table[row] = [self.lens.may_read(one, kind) == much for one in parties]
        columns = self.book.columns
        found: Mask = table[columns["kind"], columns["organisation"]]
        return found

    @property
    def mine(self) -> Mask:
        """Slots of which it is the turn of the reader's organisation."""
        own = self.book.where("organisation", [self.session.own])
        found = own & self.book.where("turn", ["author"])
        if self.session.own == self.session.authority:
            found |= self.book.where("turn", ["authority"])
        return found

    def chosen(self, wanted: Filter, without: str = "") -> Mask:
        """Slots that a filter chooses, one part of it left aside."""
        if without:
            parts: dict[str, Any] = {without: ""}
            wanted = replace(wanted, **parts)
        book, found = self.book, self.readable.copy()
        if not wanted.everything and wanted.kind not in set(book.words["kind"].words) - REPORTS:
            found &= book.where("kind", REPORTS)
        for column in ("state", "kind", "organisation", "actor", "place"):
            if word := getattr(wanted, column):
                found &= book.where(column, [word])
        if wanted.actor and self.session.own != self.session.authority:
            found &= book.where("organisation", [self.session.own])
        if wanted.turn == "mine":
            found &= self.mine
        if wanted.received_from or wanted.received_to:
            first, last = _moments(self.session, wanted.received_from, wanted.received_to)
            found &= (book.received_at >= first) & (book.received_at <= last)
        if wanted.code:
            found &= book.with_code(wanted.code)
        return found & self._with_text(wanted.text) if wanted.text.strip() else found

    def _with_text(self, text: str) -> Mask:
        """Slots that hold the words of a text; looked through once for all counts."""
        if text not in self._saying:
            self._saying[text] = self.book.saying(text, self.readable)
        return self._saying[text]

    def behind(self) -> Behind | None:
        """What may not be read, of the kinds that report."""
        book = self.book
        hidden = book.live & ~self.readable & book.where("kind", REPORTS)
        hidden &= self._allowed("aggregate")
        if not hidden.any():
            return None
        m2 = round(float(book.m2[hidden].sum()), 6)
        return Behind(int(hidden.sum()), m2, book.counted("state", hidden))


def _checked(wanted: Filter) -> Filter:
    """Refuse a filter that names what is not there.

    Raises
    ------
    Refused
        ``bad_filter``.
    """
    for name, value, known in (
        ("state", wanted.state, STATES),
        ("sort", wanted.sort, SORTS),
        ("turn", wanted.turn, ("mine",)),
    ):
        if value and value not in known:
            params = {"value": value, "name": name, "known": ", ".join(known)}
            raise Refused(Problem("bad_filter", name, params))
    return wanted


def _moments(session: Session, first: str, last: str) -> tuple[int, int]:
    """UTC microseconds of the beginning of a day and the end of another."""
    zone = ZoneInfo(session.workspace.settings.time_zone)

    def at(text: str, ordinal: int) -> int:
        day = datetime.fromordinal(ordinal).replace(tzinfo=zone)
        return round(day.timestamp() * 1e6)

    try:
        begins = at(first, first_day(first)) if first else 0
        ends = at(last, last_day(last) + 1) - 1 if last else 2**62
    except (ValueError, OverflowError):
        text = f"{first} {last}".strip()
        params = {"value": text, "name": "day", "known": "2026-03-31"}
        raise Refused(Problem("bad_filter", text, params)) from None
    return begins, ends


# -- findings that touch what waits ----------------------------------------------------------------


class _Touching(msgspec.Struct, frozen=True, array_like=True):
    """The head of a kept finding: code and the one or two records it is about."""

    code: str
    record: str
    other: str


_TOUCHING = msgspec.msgpack.Decoder(list[_Touching])


def _notice(session: Session, book: WaitingBook) -> None:
    """Take in the findings as they were kept last; none is computed here."""
    store = session.workspace.store
    key = max(store.kept_keys(FINDINGS_BOOK), default="")
    if book.knows(key):
        return
    kept = store.kept(FINDINGS_BOOK, [key]).get(key) if key else None
    try:
        found = _TOUCHING.decode(kept) if kept else []
    except msgspec.DecodeError:  # another version of the program kept them in another form
        found = []
    by_record: dict[str, dict[str, None]] = {}
    for one in found:
        for record in filter(None, (one.record, one.other)):
            by_record.setdefault(record, {})[one.code] = None
    book.notice(key, {record: tuple(codes) for record, codes in by_record.items()})


# -- asking ----------------------------------------------------------------------------------------


def counts(session: Session, lens: Lens, wanted: Filter = Filter()) -> Counts:
    """How much waits, by state, kind, organisation and finding.

    Raises
    ------
    Refused
        ``bad_filter``.
    """
    asked, wanted = _Asked(session, lens), _checked(wanted)
    book, whole = asked.book, asked.chosen(wanted)
    of_actors = asked.chosen(wanted, "actor")
    if session.own != session.authority:  # codes of people stay within their organisation
        of_actors &= book.where("organisation", [session.own])
    actors = book.counted("actor", of_actors)
    return Counts(
        states=book.counted("state", asked.chosen(wanted, "state")),
        kinds=book.counted("kind", asked.chosen(replace(wanted, everything=True), "kind")),
        organisations=book.counted("organisation", asked.chosen(wanted, "organisation")),
        codes=book.counted_codes(asked.chosen(wanted, "code")),
        actors=sorted(actors, key=lambda one: (-actors[one], one))[:50],
        total=int(whole.sum()),
        m2=round(float(book.m2[whole].sum()), 6),
        pieces=int(book.pieces[whole].sum()),
        mine=int((asked.mine & asked.readable & book.where("kind", REPORTS)).sum()),
        behind=asked.behind(),
        last=book.decided.get(session.own),
    )


def waiting(
    session: Session,
    lens: Lens,
    wanted: Filter = Filter(),
    after: str = "",
    size: int = PAGE,
) -> Page:
    """A page of what waits.

    Parameters
    ----------
    after
        `Page.after` of the page before, or `Page.before` to go back; empty for the first page. It
        names the last row seen, so that rows which were decided meanwhile shift nothing.

    Raises
    ------
    Refused
        ``bad_filter``.
    """
    asked, wanted = _Asked(session, lens), _checked(wanted)
    slots = asked.book.ordered(asked.chosen(wanted), wanted.sort)
    start = _after(asked.book, slots, wanted.sort, after)
    size = min(max(1, size), _MOST)
    some = slots[start : start + size]
    now = session.workspace.surroundings.clock()
    mine = asked.mine
    rows = tuple(
        row_of(session, line, asked.book.codes_of(line), mine=bool(mine[slot]), now=now)
        for slot in some.tolist()
        if (line := asked.book.lines[slot]) is not None
    )
    following = start + size < len(slots)
    back = _key(asked.book, slots[start - size - 1], wanted.sort) if start > size else ""
    return Page(
        rows,
        start + 1,
        len(slots),
        _key(asked.book, some[-1], wanted.sort) if following else "",
        back if start else None,
    )


def row_of(session: Session, line: Line, codes: tuple[str, ...], *, mine: bool, now: int) -> Row:
    """A line as it is shown; ``now`` in UTC microseconds since 1970."""
    from_when = line.since if line.state == RETURNED and line.since else line.received_at
    received = datetime.fromtimestamp(line.received_at / 1e6, UTC)
    told = session.own in (line.organisation, session.authority)
    return Row(
        line,
        session.organisation_name(line.organisation),
        line.actor if told else "",
        mine,
        max(0, (now - from_when) // _DAY),
        received.strftime("%Y-%m-%dT%H:%M:%SZ"),
        codes,
    )


def _key(book: WaitingBook, slot: int, sort: str) -> str:
    seq = int(book.sequence[slot])
    return f"{float(book.m2[slot])!r}~{seq}" if sort == "area" else str(seq)


def _after(book: WaitingBook, slots: NDArray[np.int64], sort: str, after: str) -> int:
    """Place of the first row that comes after a key; 0 for a key that cannot be read."""
    head, _, tail = after.rpartition("~")
    try:
        seq = int(tail)
        m2 = float(head) if sort == "area" else 0.0
    except ValueError:
        return 0
    sequence = book.sequence[slots]
    if sort == "newest":
        return int((sequence >= seq).sum())
    if sort == "area":
        area = book.m2[slots]
        return int(((area > m2) | ((area == m2) & (sequence <= seq))).sum())
    return int((sequence <= seq).sum())


def chosen_lines(session: Session, lens: Lens, wanted: Filter) -> list[Line]:
    """Every line that a filter chooses, in its order.

    Raises
    ------
    Refused
        ``bad_filter``.
    """
    asked, wanted = _Asked(session, lens), _checked(wanted)
    slots = asked.book.ordered(asked.chosen(wanted), wanted.sort).tolist()
    return [line for slot in slots if (line := asked.book.lines[slot]) is not None]


def is_mine(session: Session, line: Line) -> bool:
    """Whether it is the turn of the reader's organisation."""
    turn = turn_of(line.state, line.level)
    if turn == "authority":
        return session.own == session.authority
    return session.own == line.organisation


def publish(current: Current) -> None:
    """Bring the lines forward in the keeper, which keeps them for the other processes."""
    waiting_book(current.session)
