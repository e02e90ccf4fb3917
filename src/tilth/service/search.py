"""Find records by ids, places, codes and words, however they are spelt.

Every hit passes the reader's lens before it is counted: what may not be read gives no hit, no
count, and no likely spelling.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tilth.core.chains import LEVELS
from tilth.core.life.paper import grouped, read_code
from tilth.core.life.register import Held
from tilth.core.problems import Refused
from tilth.core.statement import split_record_id
from tilth.service.lens import Lens
from tilth.service.register import held, register_of
from tilth.service.search_index import Shelf, key_of
from tilth.service.search_kept import LEAST_CONSONANTS, Index, index_of
from tilth.service.session import Session
from tilth.text.spelling import CONSONANTAL, is_word, likeness, skeleton, sounded, words_in

__all__ = ["Found", "Group", "Hit", "find"]

_MOST_WORDS = 8
_LEAST_PREFIX = 2
_LEAST_DIGITS = 3
"""A number is meant whole; one of so many digits may also be the beginning of a longer one."""
_ALIKE = 0.5
_CHECKED, _CHECKED_OF_ALL = 24, 96
"""So many records of one kind, of which single ones may be read, are looked at one by one; and of
all kinds together."""
_MOST_PLACES = 50
"""A search that finds more places is not about a place."""
_LEVELS_OF_PLACES = 4

_WEIGHT = {
    **dict.fromkeys(("local_id", "code", "order_number", "certificate_number", "certificate"), 90),
    **dict.fromkeys(("name", "aliases", "model", "serial"), 60),
    **dict.fromkeys(("place", "admin1"), 40),
    **dict.fromkeys(("team", "teams", "holder", "person", "assets", "course"), 20),
    "organisation": 8,
}
_OTHER_WEIGHT = 15
_EXACT, _PREFIX, _SOUND, _LIKE = 1.0, 0.7, 0.6, 0.4
_WHOLE_ID = 1_000.0
_AT_A_PLACE = 12.0

LEVEL_NAMES = {number: name for name, number in LEVELS.items()}


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that may be read, as a list shows it.

    Parameters
    ----------
    level
        Of its statement in force; ``withdrawn`` for one that is ended.
    organisation
        Name of the author.
    """

    record: str
    kind: str
    local_id: str
    title: str
    place: str
    organisation: str
    happened_on: str
    level: str


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind.

    Parameters
    ----------
    total
        How many there are that may be read.
    more
        Further ones match of which single ones may be readable; they are not counted.
    """

    kind: str
    label: str
    total: int
    hits: tuple[Hit, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gives.

    Parameters
    ----------
    similar
        Words that were taken for one that nothing readable is spelt like.
    document
        Verification code, grouped, where what was typed is one of a document held here.
    """

    text: str
    groups: tuple[Group, ...] = ()
    similar: tuple[str, ...] = ()
    document: str = ""

    @property
    def total(self) -> int:
        """Hits of all kinds."""
        return sum(one.total for one in self.groups)


class _Scored(NamedTuple):
    """Records of a shelf with their scores; ``sure`` tells which may be read for certain."""

    shelf: Shelf
    records: NDArray[np.int64]
    scores: NDArray[np.float32]
    sure: NDArray[np.bool_]


# -- finding ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Asked:
    """A search under way: what this reader may see of which group."""

    session: Session
    lens: Lens
    index: Index
    seen: dict[int, tuple[NDArray[np.bool_], NDArray[np.bool_]]] = field(default_factory=dict)
    similar: dict[str, None] = field(default_factory=dict)

    def visible(self, at: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Of a shelf: which field of which group is shown, and which group is read in full."""
        if at not in self.seen:
            shelf = self.index.shelves[at]
            shown = np.zeros((len(shelf.groups), 256), bool)
            full = np.zeros(len(shelf.groups), bool)
            for number, (kind, author) in enumerate(shelf.groups):
                full[number] = self.lens.may_read(author, kind) == "full"
                shown[number] = not full[number]  # single ones are looked at later
                defined = self.session.kinds.get(kind)
                for one in defined.fields if defined and full[number] else ():
                    if one.name in shelf.fields:
                        at_field = shelf.fields.index(one.name)
                        shown[number, at_field] = self.lens.shows(author, kind, one.name)
            self.seen[at] = shown, full
        return self.seen[at]


def find(
    session: Session,
    lens: Lens,
    text: str,
    *,
    kinds: Sequence[str] = (),
    limit: int = 6,
    skip: int = 0,
) -> Found:
    """Records that hold every word of a text, or are called so.

    Parameters
    ----------
    kinds
        Only these; all without.
    limit, skip
        Hits of each kind that are shown, and passed over.
    """
    text = " ".join(text.split())[:200]
    words = words_in(text, _MOST_WORDS)
    if not words:
        return Found(text)
    asked = _Asked(session, lens, index_of(session))
    scored = [_scored(asked, at, words) for at in range(len(asked.index.shelves))]
    if not any(one.sure.any() for one in scored):
        like = _likely(asked, words)
        if like != words:
            scored = [_scored(asked, at, like) for at in range(len(asked.index.shelves))]
            words = like
    hits = _ranked(asked, scored, kinds)
    for record, score in _by_whole_id(asked, text, kinds):
        hits.setdefault(split_record_id(record)[1], _Ranked()).add(record, score)
    unsure = sum(1 for one in hits.values() if one.unsure)
    most = min(_CHECKED, _CHECKED_OF_ALL // max(1, unsure))
    best = {kind: _best(asked, ranked, words, (most, skip, limit)) for kind, ranked in hits.items()}
    shown = _hits(asked, [record for some in best.values() for record in some])
    nearest = {kind: max(ranked.all.values(), default=0.0) for kind, ranked in hits.items()}
    groups = [
        Group(
            kind,
            session.kinds[kind].label if kind in session.kinds else kind,
            hits[kind].total,
            tuple(shown[record] for record in best[kind]),
            len(hits[kind].unsure) > most,
        )
        for kind in sorted(hits, key=lambda one: (-nearest[one], one))
        if hits[kind].total
    ]
    return Found(text, tuple(groups), tuple(asked.similar), _document(session, lens, text))


def _scored(asked: _Asked, at: int, words: Sequence[str]) -> _Scored:
    """Records of one shelf that hold every word, by field and nearness of the spelling."""
    shelf = asked.index.shelves[at]
    shown, full = asked.visible(at)
    weights = np.array([_WEIGHT.get(name, _OTHER_WEIGHT) for name in shelf.fields], np.float32)
    total = np.zeros(len(shelf.records), np.float32)
    every = np.ones(len(shelf.records), bool)
    for word in words:
        score = np.zeros(len(shelf.records), np.float32)
        for first, stop, near in _spelt(asked, at, word):
            records, fields = shelf.postings(first, stop)
            kept = shown[shelf.arrays["group"][records], fields]
            np.maximum.at(score, records[kept], weights[fields[kept]] * near)
        every &= score > 0
        total += score
    named = shelf.words.at(key_of(words))
    if named is not None:
        records, fields = shelf.postings(named, named + 1)
        kept = shown[shelf.arrays["group"][records], fields]
        total[records[kept]] = _WHOLE_ID
        every[records[kept]] = True
    if at == 0 or len(asked.index.shelves) == 1:
        _at_places(asked, total, every)
    chosen = np.flatnonzero(every)
    sure = full[shelf.arrays["group"][chosen]]
    return _Scored(shelf, chosen, total[chosen], sure)


def _spelt(asked: _Asked, at: int, word: str) -> Iterable[tuple[int, int, float]]:
    """Spans of words of a shelf that a typed word means, with how near they are."""
    shelf, known = asked.index.shelves[at], asked.index.vocabularies[at]
    exact = shelf.words.at(word)
    if exact is not None:
        yield exact, exact + 1, _EXACT
    if len(word) >= (_LEAST_DIGITS if word.isdigit() else _LEAST_PREFIX):
        first, stop = shelf.span(word)
        if stop > first:
            yield first, stop, _PREFIX
    if not is_word(word):
        return
    alike = set(known.by_sound.get(sounded(word), ()))
    bones = skeleton(word)
    if len(bones) >= LEAST_CONSONANTS:
        unvowelled = word.startswith(CONSONANTAL)
        alike |= {
            place
            for place in known.by_skeleton.get(bones, ())
            if unvowelled or known.words[place].startswith(CONSONANTAL)
        }
    for place in alike:
        number = shelf.words.at(known.words[place])
        if number is not None:
            yield number, number + 1, _SOUND


def _likely(asked: _Asked, words: Sequence[str]) -> list[str]:
    """Words of the reader's own records that are spelt most like those of letters typed."""
    found = []
    for word in words:
        best, alike = word, 0.0
        if is_word(word) and len(word) > LEAST_CONSONANTS and not _is_known(asked, word):
            for known in asked.index.vocabularies:
                for one in known.words:
                    near = likeness(word, one) if abs(len(one) - len(word)) <= 3 else 0.0
                    if near > alike and near >= _ALIKE and _is_known(asked, one):
                        best, alike = one, near
        if best != word:
            asked.similar[best.removeprefix(CONSONANTAL)] = None
        found.append(best)
    return found


def _is_known(asked: _Asked, word: str) -> bool:
    """Whether anything that the reader may read for certain is spelt so."""
    for at, shelf in enumerate(asked.index.shelves):
        shown, full = asked.visible(at)
        for first, stop, _ in _spelt(asked, at, word):
            records, fields = shelf.postings(first, stop)
            groups = shelf.arrays["group"][records]
            if (shown[groups, fields] & full[groups]).any():
                return True
    return False


def _at_places(asked: _Asked, total: NDArray[np.float32], every: NDArray[np.bool_]) -> None:
    """Add the records that name, by its code, a place that was found or one that lies in it."""
    shelf = asked.index.shelves[0]
    shown, _ = asked.visible(0)
    of_place = np.array([kind == "place" for kind, _ in shelf.groups] or [False])
    met = np.flatnonzero(every & of_place[shelf.arrays["group"]])
    if not len(met) or len(met) > _MOST_PLACES:
        return
    places = asked.index.places
    names = {shelf.records[int(one)] for one in met}
    for _ in range(_LEVELS_OF_PLACES):
        names |= {code for one in names if one in places for code in places[one].codes}
        names |= {record for record, one in places.items() if one.parent in names}
    for name in names - {""}:
        records, at = shelf.naming(name)
        kept = shown[shelf.arrays["group"][records], at]
        total[records[kept]] = np.maximum(total[records[kept]], _AT_A_PLACE)
        every[records[kept]] = True


def _calls(words: Sequence[str], name: str) -> bool:
    """Whether every word typed is, or begins, a word of a name."""
    known = words_in(name)
    return bool(known) and all(
        any(
            one == word or (len(word) > _LEAST_PREFIX and one.startswith(word)) or _alike(word, one)
            for one in known
        )
        for word in words
    )


def _alike(word: str, other: str) -> bool:
    if not is_word(word) or not is_word(other):
        return False
    if sounded(word) == sounded(other):
        return True
    bones = skeleton(word)
    unvowelled = CONSONANTAL in (word[:1], other[:1])
    return unvowelled and len(bones) >= LEAST_CONSONANTS and bones == skeleton(other)


# -- what may be shown -----------------------------------------------------------------------------


@dataclass(slots=True)
class _Ranked:
    """Records of one kind with their scores: to be read for certain, or to be looked at."""

    all: dict[str, float] = field(default_factory=dict)
    unsure: dict[str, float] = field(default_factory=dict)
    total: int = 0

    def add(self, record: str, score: float) -> None:
        """Add a record that may be read."""
        if record not in self.all:
            self.total += 1
        self.all[record] = max(score, self.all.get(record, 0.0))


_TAKEN = 400
"""The best of a kind in one shelf; no page shows more."""


def _ranked(asked: _Asked, scored: Sequence[_Scored], kinds: Sequence[str]) -> dict[str, _Ranked]:
    found: dict[str, _Ranked] = {}
    for one in reversed(scored):  # what came last first, so that it is not counted again
        group = one.shelf.arrays["group"][one.records]
        of_kind = np.array([kind for kind, _ in one.shelf.groups] or [""])[group]
        newest = one.shelf.arrays["newest"][one.records]
        for kind in np.unique(of_kind).tolist():
            if kinds and kind not in kinds:
                continue
            ranked = found.setdefault(kind, _Ranked())
            of_it = of_kind == kind
            for sure in (True, False):
                chosen = np.flatnonzero(of_it & (one.sure == sure))
                order = np.lexsort((-newest[chosen].astype(np.int64), -one.scores[chosen]))
                best = chosen[order][:_TAKEN]
                names = [str(one.shelf.records[int(n)]) for n in one.records[best]]
                into = ranked.all if sure else ranked.unsure
                fresh = [n for n, name in enumerate(names) if name not in into]
                if sure:
                    ranked.total += len(chosen) - (len(names) - len(fresh))
                for n in fresh:
                    into[names[n]] = float(one.scores[best[n]])
    return found


def _by_whole_id(asked: _Asked, text: str, kinds: Sequence[str]) -> Iterable[tuple[str, float]]:
    """Records whose full, local or national id is exactly this, and people by their code."""
    names = set(asked.session.workspace.store.find_record(text))
    folded = text.casefold()
    names |= {
        record
        for record, known in asked.index.people.items()
        if folded in (one.casefold() for one in known if one)
    }
    for record in names:
        author, kind, _ = split_record_id(record)
        if (not kinds or kind in kinds) and asked.lens.may_read(author, kind) == "full":
            yield record, _WHOLE_ID


def _best(
    asked: _Asked, ranked: _Ranked, words: Sequence[str], many: tuple[int, int, int]
) -> list[str]:
    """Records of a kind in order; ``many`` to look at one by one, to pass over, to show."""
    most, skip, limit = many
    unsure = sorted(ranked.unsure, key=lambda one: -ranked.unsure[one])[:most]
    in_force = held(asked.session, unsure) if unsure else {}
    for record in unsure:
        if record in in_force and _is_shown(asked, in_force[record], words):
            ranked.add(record, ranked.unsure[record])
    return sorted(ranked.all, key=lambda one: -ranked.all[one])[skip : skip + limit]


def _is_shown(asked: _Asked, one: Held, words: Sequence[str]) -> bool:
    """Whether a single record may be read, and the words stand in fields that are shown."""
    fields = one.now()
    if asked.lens.may_read(one.author, one.kind, record=one.record, fields=fields) != "full":
        return False
    shown = asked.lens.fields(one.kind, fields, one.author, record=one.record)
    texts = [text for value in shown.values() for text in _texts(value)]
    together = " ".join([one.local_id, *texts])
    return _calls(words, together) or _by_place(asked, shown, words)


def _by_place(asked: _Asked, shown: Mapping[str, Any], words: Sequence[str]) -> bool:
    return _calls(words, asked.index.place_names.get(str(shown.get("place", "")), ""))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))


def _hits(asked: _Asked, records: Sequence[str]) -> dict[str, Hit]:
    in_force, people = held(asked.session, records), asked.index.people
    return {
        record: _hit(asked, record, in_force.get(record), people.get(record)) for record in records
    }


def _hit(asked: _Asked, record: str, one: Held | None, person: tuple[str, str] | None) -> Hit:
    author, kind, local = split_record_id(record)
    hit = Hit(
        record,
        kind,
        local,
        "",
        "",
        asked.session.organisation_name(author),
        "",
        "withdrawn",
    )
    if one is None:
        return hit
    if person is not None:
        code = person[1] or person[0]
        return replace(hit, local_id=code, level=LEVEL_NAMES[one.level])
    fields = asked.lens.fields(kind, one.now(), author, record=record)
    title = str(fields.get("name") or fields.get("order_number") or fields.get("code") or "")
    place = str(fields.get("place", ""))
    place = asked.index.place_names.get(place, place)
    return replace(
        hit,
        title="" if title == local else title,
        place=place,
        happened_on=one.happened_on,
        level=LEVEL_NAMES[one.level],
    )


def _document(session: Session, lens: Lens, text: str) -> str:
    """Verification code typed, where a document of it is held and its record may be read."""
    try:
        code = read_code(text)
    except Refused:
        return ""
    for one in register_of(session).of("document").values():
        if one.now().get("code") == code and lens.sees(one.record):
            return grouped(code)
    return ""
