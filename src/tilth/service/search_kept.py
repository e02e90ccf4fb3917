"""The words of every record as one process holds them: the written shelf, and what came since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tilth.core import canonical
from tilth.service.search_index import Builder, Shelf, read_shelf, taken, written
from tilth.service.session import Session
from tilth.text.spelling import is_word, skeleton, sounded

if TYPE_CHECKING:
    from tilth.service.current import Current

__all__ = ["LEAST_CONSONANTS", "Index", "Vocabulary", "index_of", "naming", "publish"]

LEAST_CONSONANTS = 3
"""Words of fewer are not looked for by their consonants alone."""

_REMEMBERED = "search"
_REWRITTEN_AFTER = 2_000
"""Statements after which the keeper writes the shelf anew."""


@dataclass(slots=True)
class Vocabulary:
    """Words of letters of a shelf, by sound, consonants and trigrams."""

    words: list[str] = field(default_factory=list)
    by_sound: dict[str, list[int]] = field(default_factory=dict)
    by_skeleton: dict[str, list[int]] = field(default_factory=dict)


class Place(NamedTuple):
    """A place of the gazetteer: its codes, its name, and the code or name of what holds it."""

    codes: tuple[str, ...]
    name: str
    parent: str


@dataclass(slots=True)
class Index:
    """Shelves that together hold every record: the written one, and what came since."""

    shelves: list[Shelf]
    builder: Builder
    vocabularies: list[Vocabulary]
    seq: int
    people: dict[str, tuple[str, str]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    """By record; `place_names` by code and local id."""
    place_names: dict[str, str] = field(default_factory=dict)


def index_of(session: Session) -> Index:
    """Index brought forward to everything received by now."""
    last = session.workspace.store.last_seq()
    kept = session.remembered.get(_REMEMBERED)
    if isinstance(kept, Index) and kept.seq == last:
        return kept
    written_one = read_shelf(session)
    base = written_one.seq if written_one else 0
    if isinstance(kept, Index) and kept.shelves[0].seq >= base and len(kept.shelves) > 1:
        shelves, vocabularies, builder = kept.shelves[:1], kept.vocabularies[:1], kept.builder
    elif written_one is not None:
        shelves, vocabularies = [written_one], [_vocabulary(written_one)]
        builder = Builder()
        builder.seq = base
    else:
        first = taken(session, Builder()).shelf()
        shelves, vocabularies, builder = [first], [_vocabulary(first)], Builder()
        builder.seq = first.seq
    recent = taken(session, builder).shelf()
    places = _places(session)
    index = Index(
        [*shelves, recent],
        builder,
        [*vocabularies, _vocabulary(recent)],
        last,
        _people(session),
        places,
        {code: one.name for one in places.values() for code in one.codes if one.name},
    )
    session.remembered[_REMEMBERED] = index
    return index


def _vocabulary(shelf: Shelf) -> Vocabulary:
    found = Vocabulary()
    for number in range(len(shelf.words)):
        word = shelf.words[number]
        if not is_word(word):
            continue
        at = len(found.words)
        found.words.append(word)
        found.by_sound.setdefault(sounded(word), []).append(at)
        bones = skeleton(word)
        if len(bones) >= LEAST_CONSONANTS:
            found.by_skeleton.setdefault(bones, []).append(at)
    return found


def _people(session: Session) -> dict[str, tuple[str, str]]:
    """Local id and code of every record of people in the vault; in memory, never on disk."""
    found = {}
    for record, _, data in session.workspace.vault.payloads():
        fields = canonical.decode(data)
        found[record] = (str(fields.get("local_id", "")), str(fields.get("code", "")))
    return found


def _places(session: Session) -> dict[str, Place]:
    rows = session.workspace.store.select(
        "place", ["record", "local_id", "code", "name", "parent"], {"act": ["record", "correct"]}
    )
    return {
        record: Place(
            (local, *([code] if code and code != local else ())), name or "", parent or ""
        )
        for record, local, code, name, parent in rows
        if local
    }


def publish(current: Current) -> None:
    """Write the shelf anew when enough came since; one of the keeper's publishers."""
    if not current.pace.due(current, _REMEMBERED):
        return
    session = current.session
    known = read_shelf(session)
    if known is not None and session.workspace.store.last_seq() - known.seq < _REWRITTEN_AFTER:
        return
    with current.pace.at(current, _REMEMBERED, share=1 / 8, least_s=60):
        written(session, taken(session, Builder()).shelf())


def naming(session: Session, names: Iterable[str], most: int = 2_000) -> list[tuple[str, str]]:
    """Records that name one of these texts, each with the field that does; newest first.

    Nothing has passed a lens; a local id may mean another record of the same id.
    """
    found: dict[tuple[str, str], int] = {}
    for shelf in index_of(session).shelves:
        for name in names:
            records, fields = shelf.naming(name)
            newest = shelf.arrays["newest"][records]
            for at in np.argsort(-newest.astype(np.int64), kind="stable")[:most].tolist():
                key = str(shelf.records[int(records[at])]), shelf.fields[int(fields[at])]
                found[key] = max(int(newest[at]), found.get(key, 0))
    return sorted(found, key=lambda key: -found[key])[:most]
