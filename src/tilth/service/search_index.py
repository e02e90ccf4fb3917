"""Words of every record, in arrays that search and references are answered from.

Derived from the log and never part of it: the same statements give the same shelf, on both stores.
The keeper writes one to the workspace's ``derived`` folder, from which every process maps it; what
came since is a second, small shelf in memory. Kinds of people are never in it: what is of persons
stays in the vault.

A *posting* says that a word stands in a field of a record. Every posting knows its field, so that a
reader who may not read the field has no hit by it.
"""

from __future__ import annotations

import hashlib
import os
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.statement import parse_header, split_record_id
from tilth.exchange.pause import collector_paused
from tilth.service.session import Session
from tilth.text.spelling import words_in

__all__ = ["NAMED", "Builder", "Shelf", "key_of", "read_shelf", "reference_of", "taken", "written"]

NAMED = "="
"""Stands before the words of a whole id put together."""

FORMAT = 1
_FEW = 500
"""So many new statements are read one by one; more by the columns of the read tables."""
_FILE = "search.shelf"
_TEXTS = frozenset({FieldType.TEXT, FieldType.TEXTS, FieldType.RECORD, FieldType.RECORDS})
_REFERENCES = frozenset({FieldType.RECORD, FieldType.RECORDS})
_IDS = frozenset({"local_id", "code", "order_number", "certificate_number", "certificate"})
_NAMING = frozenset(
    {
        *("place", "admin1", "team", "teams", "assets", "holder", "person", "course", "subject"),
        *("about", "other", "released_areas", "whole_of", "project", "projects", "parent"),
    }
)
"""Texts by which a record names another one, beside the fields that are references."""
_SILENT = frozenset(
    {
        *("position", "statements", "mapping", "text", "sha256", "value_sha256", "file_sha256"),
        *("notes_sha256", "stated", "languages", "time_zone", "status_vocabulary", "log_id"),
    }
)
"""Texts for programs, in which nobody looks for a word."""
_SHORT = 200
"""Texts of so many characters come again and again, and their words are remembered."""
_WHOLE_ID = re.compile(r"[0-9a-f]{32}/")
_LETTERS = msgspec.json.Decoder(list[str])


def key_of(words: Iterable[str]) -> str:
    """Word under which a whole id stands.

    Examples
    --------
    >>> key_of(["ha", "12"])
    '=ha12'
    """
    return NAMED + "".join(words)


def reference_of(name: str) -> int:
    """64 bits under which a record is named: of the text as it stands."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")


class _Texts(Sequence[str]):
    """Sorted texts as bytes in a row with their places."""

    def __init__(self, letters: NDArray[np.uint8], starts: NDArray[np.uint32]) -> None:
        self._letters, self._starts = letters, starts

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, at: Any) -> Any:
        return self._letters[self._starts[at] : self._starts[at + 1]].tobytes().decode()

    def at(self, text: str) -> int | None:
        """Place of a text; None where it is not among them."""
        place = bisect_left(self, text)
        return place if place < len(self) and self[place] == text else None


class _Head(msgspec.Struct, frozen=True):
    """What stands before the arrays of a file: the statement it reaches to, and names."""

    format: int
    kinds: str
    seq: int
    last: str
    groups: list[tuple[str, str]]
    fields: list[str]
    arrays: list[tuple[str, str, int]]


_ARRAYS = {
    "record_letters": np.uint8,
    "record_starts": np.uint32,
    "group": np.uint16,
    "newest": np.uint32,
    "word_letters": np.uint8,
    "word_starts": np.uint32,
    "postings_from": np.uint32,
    "posting_record": np.uint32,
    "posting_field": np.uint8,
    "named": np.uint64,
    "named_record": np.uint32,
    "named_field": np.uint8,
}


@dataclass(slots=True)
class Shelf:
    """Records, words and postings up to a statement.

    Parameters
    ----------
    groups
        Kind and author, by the number that a record's ``group`` holds.
    fields
        Name of a field by its number.
    """

    seq: int
    last: str
    groups: list[tuple[str, str]]
    fields: list[str]
    arrays: Mapping[str, NDArray[Any]]
    records: _Texts = field(init=False)
    words: _Texts = field(init=False)

    def __post_init__(self) -> None:
        """Make texts of bytes."""
        self.records = _Texts(self.arrays["record_letters"], self.arrays["record_starts"])
        self.words = _Texts(self.arrays["word_letters"], self.arrays["word_starts"])

    def postings(self, first: int, stop: int) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
        """Records and fields of the words from one place up to another."""
        start, end = self.arrays["postings_from"][[first, stop]].tolist()
        return (
            self.arrays["posting_record"][start:end],
            self.arrays["posting_field"][start:end],
        )

    def span(self, prefix: str) -> tuple[int, int]:
        """Places of the words that begin so."""
        return bisect_left(self.words, prefix), bisect_left(self.words, prefix + "\U0010ffff")

    def naming(self, name: str) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
        """Records and fields that name a record by this text."""
        wanted = np.uint64(reference_of(name))
        start, end = np.searchsorted(self.arrays["named"], [wanted, wanted + np.uint64(1)]).tolist()
        return self.arrays["named_record"][start:end], self.arrays["named_field"][start:end]


class Builder:
    """Takes in what records say, and makes a shelf of it."""

    def __init__(self) -> None:
        self.seq, self.last = 0, ""
        self._records: dict[str, int] = {}
        self._newest: list[int] = []
        self._group: list[int] = []
        self._groups: dict[tuple[str, str], int] = {}
        self._fields: dict[str, int] = {}
        self._words: dict[str, int] = {}
        self._postings = array("Q")
        self._named, self._namers = array("Q"), array("Q")
        self._cells: dict[str, tuple[int, ...]] = {}

    def __len__(self) -> int:
        """How many records it holds."""
        return len(self._records)

    def take(self, seq: int, record: str, values: Iterable[tuple[Field, Sequence[str]]]) -> None:
        """Take in what a statement says of a record."""
        number = self._number(seq, record)
        for one, texts in values:
            name = self._fields.setdefault(one.name, len(self._fields))
            for text in texts:
                if one.type in _REFERENCES or one.name in _NAMING:
                    self._named.append(reference_of(text))
                    self._namers.append(number << 8 | name)
                if not _WHOLE_ID.match(text):  # nobody looks for the digits of one
                    here = number << 8 | name
                    for word in self._words_of(one.name, text):
                        self._postings.append(word << 32 | here)

    def call(self, seq: int, record: str, name: str) -> None:
        """Take in a national id."""
        number = self._number(seq, record)
        at = self._fields.setdefault("local_id", len(self._fields))
        for word in self._words_of("local_id", name):
            self._postings.append(word << 32 | number << 8 | at)

    def _number(self, seq: int, record: str) -> int:
        number = self._records.get(record)
        if number is None:
            author, kind, _ = split_record_id(record)
            number = self._records[record] = len(self._records)
            self._group.append(self._groups.setdefault((kind, author), len(self._groups)))
            self._newest.append(seq)
        self._newest[number] = max(self._newest[number], seq)
        return number

    def _words_of(self, name: str, text: str) -> tuple[int, ...]:
        if name in _IDS:
            words = words_in(text)
            return tuple(self._word(one) for one in (*words, key_of(words)))
        found = self._cells.get(text)
        if found is None:
            found = tuple(self._word(one) for one in words_in(text))
            if len(text) < _SHORT:
                self._cells[text] = found
        return found

    def _word(self, word: str) -> int:
        return self._words.setdefault(word, len(self._words))

    def shelf(self) -> Shelf:
        """Shelf of everything taken in."""
        records, place_of_record = _sorted_texts(self._records)
        words, place_of_word = _sorted_texts(self._words)
        group = np.zeros(len(self._records), np.uint16)
        newest = np.zeros(len(self._records), np.uint32)
        group[place_of_record] = self._group
        newest[place_of_record] = self._newest
        postings = np.array(self._postings, np.uint64)  # a copy: more may be taken in later
        low = np.uint64(0xFFFFFF)
        word = place_of_word[(postings >> np.uint64(32)).astype(np.int64)].astype(np.uint64)
        record = place_of_record[((postings >> np.uint64(8)) & low).astype(np.int64)]
        packed = np.unique(
            word << np.uint64(32)
            | record.astype(np.uint64) << np.uint64(8)
            | postings & np.uint64(0xFF)
        )
        named = np.array(self._named, np.uint64)
        where = np.array(self._namers, np.int64)
        order = np.argsort(named, kind="stable")
        edges = np.arange(len(self._words) + 1, dtype=np.uint64) << np.uint64(32)
        arrays = {
            "record_letters": records[0],
            "record_starts": records[1],
            "group": group,
            "newest": newest,
            "word_letters": words[0],
            "word_starts": words[1],
            "postings_from": np.searchsorted(packed, edges).astype(np.uint32),
            "posting_record": ((packed >> np.uint64(8)) & low).astype(np.uint32),
            "posting_field": (packed & np.uint64(0xFF)).astype(np.uint8),
            "named": named[order],
            "named_record": place_of_record[where[order] >> 8].astype(np.uint32),
            "named_field": (where[order] & 0xFF).astype(np.uint8),
        }
        return Shelf(self.seq, self.last, list(self._groups), list(self._fields), arrays)


def _sorted_texts(
    numbers: Mapping[str, int],
) -> tuple[tuple[NDArray[np.uint8], NDArray[np.uint32]], NDArray[np.int64]]:
    """Texts in order, and the place in that order of each one's number."""
    ordered = sorted(numbers)
    place = np.zeros(len(ordered), np.int64)
    place[[numbers[text] for text in ordered]] = np.arange(len(ordered))
    coded = [text.encode() for text in ordered]
    starts = np.zeros(len(coded) + 1, np.uint32)
    np.cumsum([len(one) for one in coded], out=starts[1:])
    return (np.frombuffer(b"".join(coded), np.uint8), starts), place


# -- reading the log -------------------------------------------------------------------------------


def taken(session: Session, builder: Builder) -> Builder:
    """Bring a builder forward to everything received by now."""
    store = session.workspace.store
    until = store.last_seq()
    if until == builder.seq:
        return builder
    kinds = {name: kind for name, kind in session.kinds.items() if not kind.protected}
    with collector_paused():
        if until - builder.seq <= _FEW:
            _take_statements(session, builder, kinds, until)
        else:
            _take_columns(session, builder, kinds, until)
    builder.seq = until
    builder.last = _hash_at(session, until)
    return builder


def _take_statements(
    session: Session, builder: Builder, kinds: Mapping[str, Kind], until: int
) -> None:
    for entry in session.workspace.store.entries(after_seq=builder.seq, until_seq=until):
        header = parse_header(entry.header)
        if header.act == "name":
            name = str(session.fields_of(entry).get("national_id", ""))
            builder.call(entry.seq, header.record, name)
        elif header.kind in kinds and header.record:
            values = session.fields_of(entry)
            builder.take(entry.seq, header.record, _texts(kinds[header.kind], values))


def _texts(kind: Kind, values: Mapping[str, Any]) -> Iterator[tuple[Field, Sequence[str]]]:
    for one in _looked_at(kind):
        value = values.get(one.name)
        if isinstance(value, str):
            yield one, (value,)
        elif isinstance(value, list):
            yield one, [text for text in value if isinstance(text, str)]


def _looked_at(kind: Kind) -> list[Field]:
    return [one for one in kind.fields if one.type in _TEXTS and one.name not in _SILENT]


def _take_columns(
    session: Session, builder: Builder, kinds: Mapping[str, Kind], until: int
) -> None:
    store, after = session.workspace.store, builder.seq
    for kind in kinds.values():
        fields = _looked_at(kind)
        lists = {FieldType.TEXTS, FieldType.RECORDS}
        columns = ["seq", "record", *(one.name for one in fields)]
        for seq, record, *cells in store.select(
            kind.name, columns, after_seq=after, until_seq=until
        ):
            builder.take(
                seq,
                record,
                [
                    (one, _LETTERS.decode(cell) if one.type in lists else (cell,))
                    for one, cell in zip(fields, cells, strict=True)
                    if cell is not None
                ],
            )
    for entry in store.entries_of_kinds(["decision"], after_seq=after, until_seq=until):
        header = parse_header(entry.header)
        if header.act == "name":
            name = str(session.fields_of(entry).get("national_id", ""))
            builder.call(entry.seq, header.record, name)


def _hash_at(session: Session, seq: int) -> str:
    found = session.workspace.store.entries_at([seq]) if seq else []
    return found[0].hash if found else ""


# -- the file --------------------------------------------------------------------------------------


def written(session: Session, shelf: Shelf) -> Path:
    """Write a shelf where every process of this workspace finds it; the old one is replaced."""
    folder = session.workspace.path / "derived"
    folder.mkdir(mode=0o700, exist_ok=True)
    parts = [shelf.arrays[name].astype(kind, copy=False) for name, kind in _ARRAYS.items()]
    told = [
        (name, np.dtype(kind).str, len(part))
        for (name, kind), part in zip(_ARRAYS.items(), parts, strict=True)
    ]
    head = msgspec.msgpack.encode(
        _Head(FORMAT, _kinds_of(session), shelf.seq, shelf.last, shelf.groups, shelf.fields, told)
    )
    path = folder / f"{_FILE}.{os.getpid()}"
    with path.open("wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        for part in parts:
            file.write(b"\0" * (-file.tell() % 8))
            file.write(part.tobytes())
    path.chmod(0o600)
    return path.replace(folder / _FILE)


def read_shelf(session: Session) -> Shelf | None:
    """Map the shelf that was written; None where there is none of this log and these kinds."""
    path = session.workspace.path / "derived" / _FILE
    try:
        data = np.memmap(path, np.uint8, "r")
        size = int.from_bytes(data[:8].tobytes(), "little")
        head = msgspec.msgpack.decode(data[8 : 8 + size].tobytes(), type=_Head)
    except (OSError, ValueError, msgspec.MsgspecError):
        return None
    if head.format != FORMAT or head.kinds != _kinds_of(session):
        return None
    if head.last != _hash_at(session, head.seq):
        return None  # of another log, or of one that was restored since
    at, arrays = 8 + size, {}
    for name, kind, length in head.arrays:
        at += -at % 8
        stop = at + length * np.dtype(kind).itemsize
        arrays[name] = data[at:stop].view(kind)
        at = stop
    return Shelf(head.seq, head.last, head.groups, head.fields, arrays)


def _kinds_of(session: Session) -> str:
    """Name of the definitions that the words were taken by."""
    told = [(k.name, k.version, [f.name for f in k.fields]) for k in session.kinds.values()]
    return hashlib.sha256(repr(sorted(told)).encode()).hexdigest()
