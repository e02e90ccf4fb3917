"""All that waits, in memory as columns: counted, filtered and sorted without asking the database.

A process reads the lines once (from where they are kept, or from the log) and brings them forward
by what came in since. A count over a hundred thousand of them then costs a few milliseconds on
either database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tilth import __version__
from tilth.core.chains import VERIFIED, Said
from tilth.core.statement import RECORD_ACTS, read_header
from tilth.core.waiting import (
    CORRECTED,
    STATES,
    SUBMITTED,
    WAITS_VERIFIED,
    turn_of,
)
from tilth.exchange.pause import collector_paused
from tilth.service.inbox_lines import Line, lines_of, received_at
from tilth.service.session import Session, said_of

__all__ = ["LastDecision", "Mask", "WaitingBook", "waiting_book"]

BOOK = "inbox"
_REMEMBERED = "inbox"
_VERSION = f"{__version__}+3"
_RECORDS = 2_000
"""Records read at once."""
_PART = 10_000
"""Lines in one kept value."""
_WORTH_KEEPING = 2_000
"""Statements after which the lines are kept anew."""

_LINES = msgspec.msgpack.Decoder(list[Line])
_ENCODER = msgspec.msgpack.Encoder()
_FIRST = 1024

Mask = NDArray[np.bool_]


class _Words:
    """Words of a column and the numbers that stand for them."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.words: list[str] = []
        self._numbers: dict[str, int] = {}
        for one in known:
            self.number(one)

    def number(self, word: str) -> int:
        """Number of a word; a new one where it was not met yet."""
        found = self._numbers.get(word)
        if found is None:
            found = self._numbers[word] = len(self.words)
            self.words.append(word)
        return found

    def known(self, word: str) -> int:
        """Number of a word, -1 where no line has it."""
        return self._numbers.get(word, -1)


class LastDecision(msgspec.Struct, frozen=True, array_like=True):
    """The newest decision of an organisation: which act, by whom, when, on how much."""

    act: str
    actor: str
    at: str
    statements: int


class WaitingBook:
    """Lines by slot, and columns of what they are filtered and sorted by.

    ``seq`` is the newest statement that the book knows of; ``kept`` where it was kept last.
    ``decided`` holds the newest decision of each organisation. ``framed`` tells whether areas were
    measured: they are not before the operation's frame is fixed.
    """

    def __init__(self) -> None:
        self.seq = 0
        self.kept = 0
        self.framed = False
        self.decided: dict[str, LastDecision] = {}
        self.lines: list[Line | None] = []
        self.words = {
            "state": _Words(STATES),
            "turn": _Words(("author", "authority")),
            **{name: _Words() for name in ("kind", "organisation", "actor", "place")},
        }
        self.columns = {name: np.zeros(_FIRST, np.int32) for name in self.words}
        self.received_at = np.zeros(_FIRST, np.int64)
        self.sequence = np.zeros(_FIRST, np.int64)
        self.m2 = np.zeros(_FIRST)
        self.pieces = np.zeros(_FIRST, np.int64)
        self.live: Mask = np.zeros(_FIRST, np.bool_)
        self._texts: list[str] = []
        self._slots: dict[str, int] = {}
        self._of_record: dict[str, list[int]] = {}
        self._of_code: dict[str, set[int]] = {}
        self._found: Mapping[str, tuple[str, ...]] = {}
        self._found_key = ""
        self._free: list[int] = []

    def __len__(self) -> int:
        """How many lines wait."""
        return len(self._slots)

    # -- changing ----------------------------------------------------------------------------------

    def replace(self, records: Iterable[str], lines: Iterable[Line]) -> None:
        """Put these lines in place of all those of these records."""
        for record in records:
            for slot in self._of_record.pop(record, ()):
                self._drop(slot)
        for line in lines:
            self._add(line)

    def _add(self, line: Line) -> None:
        slot = self._free.pop() if self._free else len(self.lines)
        if slot == len(self.lines):
            self.lines.append(None)
            self._texts.append("")
            if slot >= len(self.live):
                self._grow()
        self.lines[slot], self._texts[slot] = line, line.text
        self._slots[line.statement] = slot
        self._of_record.setdefault(line.record, []).append(slot)
        for code in self.codes_of(line):
            self._of_code.setdefault(code, set()).add(slot)
        for name, words in self.words.items():
            word = turn_of(line.state, line.level) if name == "turn" else getattr(line, name)
            self.columns[name][slot] = words.number(word)
        self.received_at[slot] = line.received_at
        self.sequence[slot] = line.seq
        self.m2[slot] = line.m2
        self.pieces[slot] = line.pieces
        self.live[slot] = True

    def _drop(self, slot: int) -> None:
        line = self.lines[slot]
        if line is None:
            return
        self._slots.pop(line.statement, None)
        for code in self.codes_of(line):
            self._of_code[code].discard(slot)
        self.lines[slot], self._texts[slot] = None, ""
        self.live[slot] = False
        self._free.append(slot)

    def notice(self, key: str, found: Mapping[str, tuple[str, ...]]) -> None:
        """Take in findings by record, made at a position; nothing is done where they are known."""
        if key == self._found_key:
            return
        self._found_key, self._found = key, found
        self._of_code = {}
        for slot, line in enumerate(self.lines):
            for code in self.codes_of(line) if line is not None else ():
                self._of_code.setdefault(code, set()).add(slot)

    def knows(self, key: str) -> bool:
        """Whether the findings of this key are taken in."""
        return key == self._found_key

    def _grow(self) -> None:
        def doubled(column: NDArray[Any]) -> NDArray[Any]:
            return np.concatenate((column, np.zeros_like(column)))

        self.columns = {name: doubled(column) for name, column in self.columns.items()}
        self.received_at, self.sequence = doubled(self.received_at), doubled(self.sequence)
        self.m2, self.pieces, self.live = map(doubled, (self.m2, self.pieces, self.live))

    # -- asking ------------------------------------------------------------------------------------

    def line(self, statement: str) -> Line | None:
        """Line of a statement; None where it does not wait."""
        slot = self._slots.get(statement)
        return None if slot is None else self.lines[slot]

    def of_record(self, record: str) -> list[Line]:
        """Lines of a record."""
        found = (self.lines[slot] for slot in self._of_record.get(record, ()))
        return [one for one in found if one is not None]

    def where(self, column: str, words: Iterable[str]) -> Mask:
        """Slots whose word in a column is one of these."""
        numbers = [self.words[column].known(one) for one in words]
        return np.isin(self.columns[column], [one for one in numbers if one >= 0])

    def saying(self, text: str, among: Mask) -> Mask:
        """Slots of those given whose searched text holds every word of a text."""
        found = np.zeros_like(among)
        texts = self._texts
        slots = np.flatnonzero(among).tolist()
        for word in text.casefold().split():
            slots = [slot for slot in slots if word in texts[slot]]
        found[slots] = True
        return found

    def with_code(self, code: str) -> Mask:
        """Slots that give a code to notice, or whose record a finding of that code touches."""
        found = np.zeros_like(self.live)
        found[list(self._of_code.get(code, ()))] = True
        return found

    def codes_of(self, line: Line) -> tuple[str, ...]:
        """Findings that a line gives by itself, and those that touch its record."""
        return tuple(dict.fromkeys((*line.codes, *self._found.get(line.record, ()))))

    def counted_codes(self, among: Mask) -> dict[str, int]:
        """How many of some slots each finding touches, the commonest first."""
        found = {
            code: int(among[np.fromiter(slots, np.int64, len(slots))].sum())
            for code, slots in self._of_code.items()
        }
        order = sorted(found, key=lambda code: (-found[code], code))
        return {code: found[code] for code in order if found[code]}

    def counted(self, column: str, among: Mask) -> dict[str, int]:
        """How many of some slots have each word of a column, those with none left out."""
        words = self.words[column].words
        counts = np.bincount(self.columns[column][among], minlength=len(words))
        return {word: int(count) for word, count in zip(words, counts, strict=True) if count}

    def ordered(self, among: Mask, sort: str) -> NDArray[np.int64]:
        """Slots in order: the ``oldest`` first, the ``newest``, or those with the most ``area``."""
        slots = np.flatnonzero(among)
        seq = self.sequence[slots]
        if sort == "newest":
            order = np.argsort(-seq, kind="stable")
        elif sort == "area":
            order = np.lexsort((seq, -self.m2[slots]))
        else:
            order = np.argsort(seq, kind="stable")
        return slots[order]


# -- reading ---------------------------------------------------------------------------------------


def waiting_book(session: Session) -> WaitingBook:
    """Book of everything that waits by now; remembered in the session and brought forward."""
    book = session.remembered.get(_REMEMBERED)
    until = session.workspace.store.last_seq()
    if isinstance(book, WaitingBook) and book.seq == until:
        return book
    if not isinstance(book, WaitingBook) or until - book.seq > _WORTH_KEEPING:
        kept = _from_kept(session, at_least=book.seq if isinstance(book, WaitingBook) else 0)
        if kept is not None:
            book = kept
    framed = session.frame() is not None
    if not isinstance(book, WaitingBook) or book.framed != framed:
        book = WaitingBook()
        book.framed = framed
    session.remembered[_REMEMBERED] = book
    with collector_paused():
        if book.seq == 0:
            _read_all(session, book, until)
        else:
            _bring_forward(session, book, until)
    if until - book.kept > _WORTH_KEEPING:
        _keep(session, book)
    return book


def _read_all(session: Session, book: WaitingBook, until: int) -> None:
    """Read every record, those left out whose one statement is approved."""
    store = session.workspace.store
    decisions = [said_of(one) for one in store.entries_of_kinds(["decision"], until_seq=until)]
    for one in decisions:
        _note(book, one)
    decided = {target for one in decisions if one.act == "approve" for target in one.decides}
    voided = {t for one in decisions if one.act in ("return", "undo") for t in one.decides}
    voided |= {t for one in decisions if one.hash in voided for t in one.decides}
    decided -= voided
    records: set[str] = set()
    for kind in session.kinds:
        statements: dict[str, int] = {}
        open_ones: set[str] = set()
        for record, name in store.select(kind, ["record", "hash"], until_seq=until):
            statements[record] = statements.get(record, 0) + 1
            if name not in decided:
                open_ones.add(record)
        several = {record for record, count in statements.items() if count > 1}
        records |= open_ones | several
    _read(session, book, sorted(records))
    book.seq = until


def _read(session: Session, book: WaitingBook, records: Sequence[str]) -> None:
    received = received_at(session.workspace.store.receipts())
    frame, today = session.frame(), session.today()
    for start in range(0, len(records), _RECORDS):
        some = records[start : start + _RECORDS]
        book.replace(some, lines_of(session, some, received, frame=frame, today=today))


def _bring_forward(session: Session, book: WaitingBook, until: int) -> None:
    """Take in what came since: statements about records, and decisions on what waits."""
    store = session.workspace.store
    touched: set[str] = set()
    unknown: set[str] = set()
    undone: set[str] = set()
    for entry in store.entries(after_seq=book.seq, until_seq=until):
        header = read_header(entry.header)
        if header.act in (*RECORD_ACTS, "name"):
            touched.add(header.record)
        elif header.act in ("vouch", "approve", "return"):
            said = said_of(entry)
            _note(book, said)
            simple = not store.deciding([said.hash])
            for target in said.decides:
                line = book.line(target)
                if line is None:
                    unknown.add(target)
                elif not (simple and _decided(book, line, said, session.authority)):
                    touched.add(line.record)
        elif header.act == "undo":
            undone.update(said_of(entry).decides)
    while undone:
        taken_back = [said_of(one) for one in store.by_hash(undone).values()]
        undone = {t for one in taken_back if one.act == "undo" for t in one.decides}
        unknown |= {t for one in taken_back if one.act != "undo" for t in one.decides}
    touched |= {read_header(one.header).record for one in store.by_hash(unknown).values()}
    _read(session, book, sorted(touched - {""}))
    book.seq = until


def _note(book: WaitingBook, said: Said) -> None:
    if said.act in ("vouch", "approve", "return"):
        last = LastDecision(said.act, said.actor, said.said_at, len(said.decides))
        book.decided[said.organisation] = last


def _decided(book: WaitingBook, line: Line, decision: Said, authority: str) -> bool:
    """Take in a decision whose outcome is plain from the line alone; False where it is not.

    Ten thousand approvals in one decision would else read ten thousand records again.
    """
    if line.act == "withdraw" or line.event or len(book.of_record(line.record)) > 1:
        return False
    plain = line.state in (SUBMITTED, WAITS_VERIFIED, CORRECTED)
    if decision.act == "approve" and decision.organisation == authority and plain:
        book.replace([line.record], [])
        return True
    own = decision.organisation == line.organisation
    if decision.act == "vouch" and own and line.state == SUBMITTED:
        checked = msgspec.structs.replace(line, state=WAITS_VERIFIED, level=VERIFIED)
        book.replace([line.record], [checked])
        return True
    return decision.act == "vouch" and own and line.state == WAITS_VERIFIED


# -- keeping ---------------------------------------------------------------------------------------


class _Head(msgspec.Struct, frozen=True):
    """What kept lines are valid for: the newest statement known, by number and by hash."""

    version: str
    seq: int
    leaf: str
    parts: int
    framed: bool
    decided: dict[str, LastDecision]


def _leaf(session: Session, seq: int) -> str:
    found = session.workspace.store.entries_at([seq])
    return found[0].hash if found else ""


def _keep(session: Session, book: WaitingBook) -> None:
    lines = [one for one in book.lines if one is not None]
    parts = [lines[start : start + _PART] for start in range(0, len(lines), _PART)]
    values: dict[str, bytes | None] = dict.fromkeys(session.workspace.store.kept_keys(BOOK))
    values |= {f"part:{n:04d}": _ENCODER.encode(some) for n, some in enumerate(parts)}
    leaf = _leaf(session, book.seq)
    head = _Head(_VERSION, book.seq, leaf, len(parts), book.framed, book.decided)
    values["head"] = _ENCODER.encode(head)
    session.workspace.store.keep_many(BOOK, values)
    book.kept = book.seq


def _from_kept(session: Session, *, at_least: int) -> WaitingBook | None:
    """The kept lines, where this version kept them, of this log, and later than ``at_least``."""
    kept: Mapping[str, bytes] = session.workspace.store.kept(BOOK)
    if "head" not in kept:
        return None
    try:
        head = msgspec.msgpack.decode(kept["head"], type=_Head)
        parts = [kept[f"part:{n:04d}"] for n in range(head.parts)]
    except (msgspec.DecodeError, KeyError):
        return None
    if head.version != _VERSION or head.seq <= at_least or head.leaf != _leaf(session, head.seq):
        return None
    book = WaitingBook()
    for part in parts:
        book.replace((), _LINES.decode(part))
    book.seq = book.kept = head.seq
    book.decided, book.framed = dict(head.decided), head.framed
    return book
