"""The register: every record of an operation's life that is in force, ready for the rules.

It holds what has no ground of its own to account for: organisations, teams, training,
accreditations, tasks, visits, handovers. Like the land book it is a value in memory that takes
statements in any order; what it holds depends on the statements alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from tilth.core.chains import APPROVED, REPORTED, Said, Standing, chains_of, standing_of
from tilth.core.days import last_day
from tilth.core.statement import split_record_id

__all__ = ["TASKING", "Event", "Held", "Register", "held_of"]

_REOPENING = ("revoke", "recall")
_KEPT = frozenset({*_REOPENING, "lift"})
"""Decisions that the register keeps whatever they decide on."""
_ORDERED = "task"
TASKING = frozenset({"authority", "mine_action_centre"})
"""Roles of organisations that give orders and accept what was done under them."""


class Event(NamedTuple):
    """A revision in force: something that happened to a record, with its own day."""

    statement: str
    happened_on: str
    level: int
    actor: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """One record in force as *reported*.

    Parameters
    ----------
    author
        Id of the organisation in whose log it stands.
    actor
        Code of who said what is in force.
    statement
        Hash of the first chain's statement in force.
    level
        Level of that statement, `REPORTED` to `APPROVED`.
    happened_on
        Day, month or year in the field.
    said_at
        The author's clock, UTC.
    fields
        Content in force; of people the commitment alone.
    events
        Revisions in force, by day and then by hash.
    """

    record: str
    kind: str
    author: str
    actor: str
    statement: str
    level: int
    happened_on: str
    said_at: str
    fields: Mapping[str, Any]
    events: tuple[Event, ...] = ()

    @property
    def local_id(self) -> str:
        """The author's own identifier."""
        return split_record_id(self.record)[2]

    def at(self, day: str) -> dict[str, Any]:
        """Fields on a day: the first statement's and those of every event up to it, inclusive.

        An event of a month or a year counts from its last day; see rules §1.
        """
        values = dict(self.fields)
        for event in self.events:
            if last_day(event.happened_on) <= last_day(day):
                values |= event.fields
        return values

    def now(self) -> dict[str, Any]:
        """Fields with every event."""
        values = dict(self.fields)
        for event in self.events:
            values |= event.fields
        return values


def held_of(statements: Iterable[Said], standing: Standing) -> Held | None:
    """What is in force of one record's statements; None when it is withdrawn or withheld."""
    said = list(statements)
    if len(said) == 1 and said[0].act == "record":
        value, events = said[0], []
    else:
        first, revisions = chains_of(said)
        if first is None:
            return None
        chosen = first.value(REPORTED, standing)
        if chosen is None or chosen.act == "withdraw":
            return None
        value = chosen
        events = [one for chain in revisions if (one := chain.value(REPORTED, standing))]
    if value.fields is None:
        return None
    return Held(
        value.record,
        value.kind,
        value.organisation,
        value.actor,
        value.hash,
        standing.level(value.hash),
        value.happened_on,
        value.said_at,
        value.fields,
        tuple(_events(events, standing)),
    )


def _events(said: Iterable[Said], standing: Standing) -> list[Event]:
    return [
        Event(one.hash, one.happened_on, standing.level(one.hash), one.actor, one.fields)
        for one in sorted(said, key=lambda one: (one.happened_on, one.hash))
        if one.act != "withdraw" and one.fields is not None
    ]


@dataclass(slots=True)
class Register:
    """Records of an operation's life by kind, and the decisions that reopen ground.

    Parameters
    ----------
    authority
        Organisation id of the operation's authority.
    parties
        Names of organisations by id, as this workspace knows them.
    """

    authority: str
    parties: Mapping[str, str] = field(default_factory=dict)
    revocations: dict[str, Said] = field(default_factory=dict)
    """Revocations that stand, by hash."""
    recalls: dict[str, Said] = field(default_factory=dict)
    """Recalls that the authority has not lifted, by hash."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Record by national id."""
    _held: dict[str, dict[str, Held]] = field(default_factory=dict)
    _said: dict[str, list[Said]] = field(default_factory=dict)
    _record_of: dict[str, str] = field(default_factory=dict)
    _authors: dict[str, str] = field(default_factory=dict)
    _decisions: dict[str, Said] = field(default_factory=dict)
    _about: dict[str, list[Said]] = field(default_factory=dict)
    _dirty: set[str] = field(default_factory=set)
    _decided: bool = False
    _names: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    _known_as: _Identities | None = None

    def take(self, said: Said) -> bool:
        """Take in a statement or a decision; returns whether it says anything here.

        A decision on statements that are not here is not kept, but for those that reopen ground.
        """
        if said.kind == "decision":
            return self._take_decision(said)
        if not said.record or said.hash in self._record_of:
            return False
        self._said.setdefault(said.record, []).append(said)
        self._record_of[said.hash] = said.record
        self._authors[said.hash] = said.organisation
        self._dirty.add(said.record)
        return True

    def _take_decision(self, said: Said) -> bool:
        if said.hash in self._decisions:
            return False
        if said.act == "name" and said.organisation == self.authority:
            national = str((said.fields or {}).get("national_id", ""))
            if national:
                self.aliases[national] = said.record
        here = [one for one in said.decides if one in self._record_of or one in self._decisions]
        if not here and said.act not in _KEPT:
            return False
        self._decisions[said.hash] = said
        for target in said.decides:
            self._about.setdefault(target, []).append(said)
        self._dirty.update(self._record_of[one] for one in here if one in self._record_of)
        self._decided = True
        return True

    def refresh(self) -> None:
        """Bring everything up to date with what was taken."""
        if not self._dirty and not self._decided:
            return
        if self._decided:
            self._restand()
        for record in self._dirty:
            self._settle(record)
        self._dirty.clear()
        self._decided = False

    def _restand(self) -> None:
        """Undoing reaches through decisions, so that all records decided on are looked at again."""
        _, reopening = standing_of(self._decisions.values(), self._authors, self.authority)
        self.revocations = {one.hash: one for one in reopening if one.act == "revoke"}
        self.recalls = {one.hash: one for one in reopening if one.act == "recall"}
        for said in self._decisions.values():
            for decision in said.decides if said.act == "undo" else ():
                known = self._decisions.get(decision)
                targets = known.decides if known is not None else ()
                self._dirty.update(self._record_of[t] for t in targets if t in self._record_of)

    def _settle(self, record: str) -> None:
        said = self._said[record]
        kind = split_record_id(record)[1]
        held = held_of(said, self.standing_of(one.hash for one in said))
        of_kind = self._held.setdefault(kind, {})
        if held is None:
            of_kind.pop(record, None)
        else:
            of_kind[record] = held
        self._names.pop(kind, None)
        if kind == "organisation":
            self._known_as = None

    def standing_of(self, statements: Iterable[str]) -> Standing:
        """What the decisions held here make of some statements."""
        wanted = set(statements)
        decisions: dict[str, Said] = {}
        fresh = wanted
        while fresh:
            found = {one.hash: one for target in fresh for one in self._about.get(target, ())}
            fresh = set(found) - set(decisions)
            decisions |= found
        if not decisions:
            return Standing()
        return standing_of(decisions.values(), self._authors, self.authority, wanted)[0]

    def decisions_on(self, statement: str) -> list[Said]:
        """Every decision held on a statement, in order of hash; those undone among them."""
        return sorted(self._about.get(statement, ()), key=lambda one: one.hash)

    def decisions(self) -> Iterable[Said]:
        """Every decision kept here."""
        return self._decisions.values()

    def of(self, kind: str) -> Mapping[str, Held]:
        """Records of a kind by record id; those withdrawn are left out."""
        return MappingProxyType(self._held.get(kind, {}))

    def find(self, kind: str, name: str, author: str = "") -> Held | None:
        """Record that a name means, or None when none or several fit.

        Parameters
        ----------
        name
            Full record id, the author's local id, the record's ``code``, a national id, or a
            local id that only one record has.
        author
            Organisation id of who names it; its own records come first. Of tasks those of who
            gives orders come first: nobody takes reports, releases and nonconformities away from
            an order by a record of their own with its number.
        """
        held = self._held.get(kind, {})
        if not name:
            return None
        if name in held:
            return held[name]
        if kind == _ORDERED and (order := self._order(name)):
            return order
        if author and (own := held.get(f"{author}/{kind}/{name}")):
            return own
        if name in self.aliases:
            return held.get(self.aliases[name])
        found = self._index(kind).get(name, [])
        if author and len(found) > 1:
            own_code = [one for one in found if held[one].author == author]
            found = own_code if len(own_code) == 1 else found
        return held[found[0]] if len(found) == 1 else None

    def _order(self, name: str) -> Held | None:
        """Task of that name by who gives orders, where only one is called so."""
        found = [
            record
            for record in self._index(_ORDERED).get(name, ())
            if self.roles(split_record_id(record)[0]) & TASKING
        ]
        return self._held[_ORDERED][found[0]] if len(found) == 1 else None

    def _index(self, kind: str) -> dict[str, list[str]]:
        if kind not in self._names:
            index: dict[str, list[str]] = {}
            for record, held in sorted(self._held.get(kind, {}).items()):
                for name in {held.local_id, str(held.fields.get("code", held.local_id))}:
                    index.setdefault(name, []).append(record)
            self._names[kind] = index
        return self._names[kind]

    def codes(self, organisation: str) -> frozenset[str]:
        """Every code, name and local id by which records call an organisation id."""
        found = {organisation, self.parties.get(organisation, "")} - {""}
        return frozenset(found) | self._identities().words.get(organisation, frozenset())

    def organisation_of(self, code: str) -> str:
        """Organisation id (of its log) that a code, name or local id means, "" when unknown."""
        if code in self.parties:
            return code
        meant = self._identities().meant.get(code, "")
        return "" if "/" in meant else meant

    def called(self, word: str) -> str:
        """Name of the organisation that a name, code or local id means; the word for any other.

        Whatever word a record uses, its work counts under one name.
        """
        known = self._identities()
        meant = self.organisation_of(word) or known.meant.get(word, "")
        return known.names.get(meant) or word

    def namings(self) -> dict[str, str]:
        """Every word that means an organisation, and the name it is called by."""
        return {word: self.called(word) for word in self._identities().meant}

    def described(self, word: str) -> Held | None:
        """Record that describes the organisation a word means, the authority's own first."""
        known = self._identities()
        meant = self.organisation_of(word) or known.meant.get(word, "")
        return next(iter(known.given.get(meant, ())), None) or self.find("organisation", word)

    def roles(self, code: str, day: str = "") -> frozenset[str]:
        """Roles in the operation of an organisation, named by its id or any code.

        Only the authority gives roles: what others say of an organisation counts once approved.

        Parameters
        ----------
        day
            Roles that it had on this day, inclusive; those that it has now without.
        """
        known = self._identities()
        organisation = self.organisation_of(code)
        found: set[str] = set()
        for held in known.given.get(organisation or known.meant.get(code, code), ()):
            values = held.at(day) if day else held.now()
            found |= {str(role) for role in values.get("roles", ())}
        if organisation and organisation == self.authority:
            found.add("authority")
        return frozenset(found)

    def _identities(self) -> _Identities:
        if self._known_as is None:
            self._known_as = _identified(self)
        return self._known_as


@dataclass(slots=True)
class _Identities:
    """Who is meant by a word: the id of a log, or of a record where no log is known.

    Parameters
    ----------
    meant
        By name, code, alias or local id: who is meant.
    words
        By who is meant: every word for it.
    given
        By who is meant: records of it that the authority said or approved.
    names
        By who is meant: its name, as a record says.
    """

    meant: dict[str, str] = field(default_factory=dict)
    words: dict[str, frozenset[str]] = field(default_factory=dict)
    given: dict[str, list[Held]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def _identified(known: Register) -> _Identities:
    """Who is who, as the names of the logs say, then the authority, then the organisations.

    What was told before is not told otherwise by those who come after: nobody takes the name of
    another, and with it the other's roles, by saying so.
    """
    found = _Identities()
    for organisation, name in sorted(known.parties.items()):
        found.meant.setdefault(name, organisation)
    words: dict[str, set[str]] = {}
    held = known.of("organisation").values()
    given = {one.record for one in held if one.author == known.authority or one.level == APPROVED}
    for one in sorted(held, key=lambda one: (one.record not in given, one.record)):
        values = one.now()
        called = _words(one, values)
        log = str(values.get("log_id", ""))
        if not log:
            name = str(values.get("name", ""))
            logs = (found.meant.get(word, "") for word in (name, *sorted(called)))
            log = next((one for one in logs if one), "")
        meant = log or one.record
        if one.record in given:
            found.given.setdefault(meant, []).append(one)
        for word in called:
            if found.meant.setdefault(word, meant) == meant:
                words.setdefault(meant, set()).add(word)
        if name := str(values.get("name", "")):
            found.names.setdefault(meant, name)
    found.words = {meant: frozenset(some) for meant, some in words.items()}
    return found


def _words(held: Held, values: Mapping[str, Any]) -> set[str]:
    """What an organisation's record calls it."""
    named = (values.get("code"), values.get("name"), held.local_id, *values.get("aliases", ()))
    return {str(one) for one in named if one}
