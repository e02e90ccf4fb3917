"""What the person of a session may read: each record, field, cut and sum passes here.

Two things have to allow it: what the organisation may read, by `tilth.core.access.share` and the
data rights in force, and the person's roles, by `tilth.core.roles`. What stays behind is told as
count, square metres and level, never where; and what may not be read is answered like what is not
there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from tilth.core import access, roles
from tilth.core.chains import APPROVED
from tilth.core.kinds.catalogue import KINDS
from tilth.core.life.handover import revocations_of
from tilth.core.life.register import TASKING, Register
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import split_record_id
from tilth.service.register import held, register_of
from tilth.service.session import Session

__all__ = ["ALL", "Behind", "Everyone", "Lens", "Rest", "is_readable", "not_readable"]

_REMEMBERED = "lens"
_NAMING = ("organisation", "inspected", "assigned_to", "holder", "for_organisation")
"""Fields in which whoever says a record names the organisation that it is about."""
_BEARING = (
    "decision", "handover", "hazard_area", "organisation", "released_area", "status_change", "task",
)  # fmt: skip
"""Kinds of statements after which somebody may read something else than before."""
_CLOSED = ("released_area", "handover")
"""Kinds that are open to every member only once approved and not in doubt."""

register(
    {
        "not_readable": (
            "There is no record {record} that you may read.",
            "Check the id, or ask the organisation whose record it is.",
        ),
    }
)


class Everyone:
    """Holds every organisation: nothing has to be filtered."""

    def __contains__(self, organisation: object) -> bool:
        """Whether an organisation is among them: each is."""
        return True


ALL: Final = Everyone()


@dataclass(frozen=True, slots=True)
class Behind:
    """What lies behind the reader's right: a count, m² in the operation's frame, by level."""

    count: int
    area_m2: float
    levels: dict[str, int]


class Rest(NamedTuple):
    """Rows that may be read, and what lies behind; None where nothing does."""

    rows: list[Mapping[str, Any]]
    behind: Behind | None


@dataclass(slots=True)
class _Known:
    """What an organisation was granted and tasked with, as of a number of statements."""

    seq: int
    since: int = 0
    """`seq` when it was begun anew: it changes only when something bears on what is read."""
    shares: dict[tuple[str, str], str] = field(default_factory=dict)
    tasks: frozenset[str] | None = None
    hazards: frozenset[str] = frozenset()
    open_areas: dict[str, bool] = field(default_factory=dict)
    lines: dict[str, Sequence[Mapping[str, Any]]] | None = None


def not_readable(name: str) -> Refused:
    """The one answer for what is not there and for what may not be read."""
    return Refused(Problem("not_readable", name, {"record": name}))


class Lens:
    """What one person reads, for as long as a request lasts.

    Parameters
    ----------
    session
        With `Session.organisation` and `Session.roles` as of the person. Roles None read all that
        the organisation may; no roles at all, as of nobody who signed in, read nothing.

    Attributes
    ----------
    withheld
        Names of the fields that the last call of `fields` left out, in their order.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._register: Register = register_of(session)
        self.withheld: tuple[str, ...] = ()
        tasked = frozenset({"authority"}) if session.own == session.authority else frozenset()
        self._reader = access.Actor(session.own, session.actor, tasked)
        self._is_member = session.roles is None or bool(session.roles)

    # -- records ---------------------------------------------------------------------------------

    def may_read(
        self,
        author: str,
        kind: str,
        *,
        record: str = "",
        fields: Mapping[str, Any] | None = None,
        approved: bool | None = None,
    ) -> str:
        """How much of a record may be read: ``full``, ``aggregate`` or ``none``.

        Parameters
        ----------
        author
            Id of the organisation in whose log it stands.
        record, fields
            Its full id and what it says, where known: by them it may concern the reader's
            organisation, or be open. Without them the answer holds for every record of the kind.
        approved
            Whether a released area or handover is approved and not in doubt; looked up by
            ``record`` where it is not told.
        """
        relation = self._relation(author, kind, record, fields or {}, approved)
        return self._how_much(relation, author, kind)

    def _how_much(self, relation: str, author: str, kind: str) -> str:
        if relation != "other":
            return "full"
        if not self._is_member or roles.class_of(kind) == "import":
            return "none"
        if self._protected(kind) and not roles.span(self._session.roles, kind):
            return "none"
        return "none" if self._share(author, kind) == "none" else "aggregate"

    def _relation(
        self,
        author: str,
        kind: str,
        record: str,
        fields: Mapping[str, Any],
        approved: bool | None,
    ) -> str:
        """First relation in which the person's roles read the record, ``other`` without."""
        span = roles.span(self._session.roles, kind)
        if not span or not self._is_member:
            return "other"
        if author == self._reader.organisation and "own" in span:
            return "own"
        if self._share(author, kind) == "full":
            leads = not self._protected(kind) and access.AUTHORITY in self._reader.roles
            relation = "authority" if leads else "granted"
            if author != self._reader.organisation and relation in span:
                return relation
        if "concerned" in span and self._concerns(kind, record, fields):
            return "concerned"
        return "open" if "open" in span and self._is_open(kind, record, approved) else "other"

    def _share(self, author: str, kind: str) -> str:
        known = self._known()
        key = author, kind
        if key not in known.shares:
            protected = self._protected(kind)
            given = access.granted(
                self._lines(author, protected=protected),
                self._register.codes(self._reader.organisation) | {self._reader.organisation},
                kind,
                protected=protected,
            )
            known.shares[key] = access.share(
                self._reader, author, protected=protected, granted=given
            )
        return known.shares[key]

    def _protected(self, kind: str) -> bool:
        defined = self._session.kinds.get(kind)
        return defined is None or defined.protected

    def _lines(self, owner: str, *, protected: bool) -> Sequence[Mapping[str, Any]]:
        """Data rights of an organisation: its own record's, else those the authority agreed.

        People's data is opened by nobody but the organisation itself.
        """
        own: list[Mapping[str, Any]] = []
        agreed: list[Mapping[str, Any]] = []
        for one in self._register.of("organisation").values():
            values = one.now()
            lines = values.get("data_rights", ())
            if not lines or owner not in self._meant(one.local_id, values):
                continue
            if one.author == owner:
                own += lines
            elif one.author == self._session.authority:
                agreed += lines
        return own if own or protected else agreed

    def _meant(self, local_id: str, values: Mapping[str, Any]) -> set[str]:
        words = (local_id, *(str(values.get(name, "")) for name in ("log_id", "code", "name")))
        return {self._register.organisation_of(word) for word in words if word} | {words[1]}

    def _is_open(self, kind: str, record: str, approved: bool | None) -> bool:
        if kind not in _CLOSED:
            return kind in roles.OPEN_KINDS
        if approved is not None:
            return approved
        return bool(record) and record in self.open_areas([record])

    def _prepare(self, records: Iterable[str]) -> None:
        """Look up at once which of many records are open."""
        self.open_areas(one for one in records if split_record_id(one)[1] in _CLOSED)

    def open_areas(self, records: Iterable[str]) -> frozenset[str]:
        """Released areas and handovers that are approved, not revoked and not recalled."""
        known, wanted = self._known(), list(records)
        fresh = [record for record in wanted if record not in known.open_areas]
        if fresh:
            doubted = {
                str(area)
                for said in self._register.recalls.values()
                for area in (said.fields or {}).get("records", ())
            }
            in_force = held(self._session, fresh)
            for record in fresh:
                one = in_force.get(record)
                good = one is not None and one.level == APPROVED and record not in doubted
                known.open_areas[record] = good and not revocations_of(self._register, record)
        return frozenset(record for record in wanted if known.open_areas[record])

    # -- what concerns the organisation ----------------------------------------------------------

    def _known(self) -> _Known:
        """What is remembered of the reader's organisation, anew once anything bears on it."""
        store = self._session.workspace.store
        seq = store.last_seq()
        kept = self._session.remembered.setdefault(_REMEMBERED, {})
        known = kept.get(self._reader.organisation)
        if isinstance(known, _Known) and known.seq != seq:
            since = store.entries_of_kinds(_BEARING, after_seq=known.seq, until_seq=seq)
            known.seq = seq
            known = known if next(iter(since), None) is None else None
        if not isinstance(known, _Known):
            known = kept[self._reader.organisation] = _Known(seq, seq)
        return known

    def since(self) -> int:
        """Number of statements since which nothing came in that bears on what is read."""
        return self._known().since

    def _tasked(self) -> tuple[frozenset[str], frozenset[str]]:
        """Tasks issued to the organisation, and the hazard areas that they are on.

        An order opens what it is on only where it was issued by who gives orders: nobody opens
        another's hazard by a task of their own.
        """
        known = self._known()
        if known.tasks is None:
            moved: dict[str, set[str]] = {"issue": set(), "cancel": set()}
            for one in self._register.of("status_change").values():
                move = str(one.fields.get("move", ""))
                if move not in moved or not self._register.roles(one.author) & TASKING:
                    continue
                found = self._register.find("task", str(one.fields.get("subject", "")))
                if found is not None:
                    moved[move].add(found.record)
            mine = {
                record: str(one.now().get("hazard", ""))
                for record, one in self._register.of("task").items()
                if record in moved["issue"] - moved["cancel"]
                and self._is_reader(str(one.now().get("assigned_to", "")))
            }
            known.tasks = frozenset(mine)
            known.hazards = frozenset(map(self._hazard, mine.values())) - {""}
        return known.tasks, known.hazards

    def _is_reader(self, word: str) -> bool:
        return bool(word) and self._register.organisation_of(word) == self._reader.organisation

    def _hazard(self, name: str) -> str:
        if name.count("/") > 1 or not name:
            return name
        found = self._session.workspace.store.find_record(name)
        found = [one for one in found if split_record_id(one)[1] == "hazard_area"]
        return found[0] if len(found) == 1 else ""

    def _concerns(self, kind: str, record: str, fields: Mapping[str, Any]) -> bool:
        """Whether a record is of a task issued to the organisation, or about the organisation."""
        if self._protected(kind):
            return False
        tasks, hazards = self._tasked()
        if record in tasks or record in hazards:
            return True
        named = {str(fields.get(name, "")) for name in ("task", "hazard", "subject")}
        if named & tasks or named & hazards:
            return True
        return kind != "organisation" and any(
            self._is_reader(str(fields.get(name) or "")) for name in _NAMING
        )

    def records_full(self, kind: str) -> frozenset[str]:
        """Single records to be read in full beside those of `organisations_full`.

        Of hazard areas and tasks those that were given to the organisation; of other kinds none:
        ask `may_read` with what each record says.
        """
        if not self._is_member or "concerned" not in roles.span(self._session.roles, kind):
            return frozenset()
        tasks, hazards = self._tasked()
        return {"task": tasks, "hazard_area": hazards}.get(kind, frozenset())

    def organisations_full(self, kind: str) -> frozenset[str] | Everyone:
        """Organisations whose records of a kind are read in full, whatever each record says.

        Of released areas and handovers those that are approved and not in doubt are read beside
        them, see `open_areas`.
        """
        span = roles.span(self._session.roles, kind)
        if not self._is_member:
            return frozenset()
        if kind in roles.OPEN_KINDS and kind not in _CLOSED and "open" in span:
            return ALL
        leads = access.AUTHORITY in self._reader.roles and not self._protected(kind)
        if leads and {"own", "authority"} <= span:
            return ALL
        return frozenset(one for one in self._parties() if self.may_read(one, kind) == "full")

    def _parties(self) -> set[str]:
        """Every organisation of the operation that may have said something."""
        return {one.id for one in self._session.workspace.settings.organisations} | {
            self._reader.organisation
        }

    def require_read(self, record: str) -> None:
        """Refuse a record of which the person may not read the fields.

        Raises
        ------
        Refused
            ``not_readable``, the same for what is not there.
        """
        if not self.sees(record):
            raise not_readable(record)

    def sees(self, record: str) -> bool:
        """Whether the person reads the fields of a record that is held, by its full id."""
        return bool(self.readable([record])) and bool(
            self._session.workspace.store.of_records([record])
        )

    def readable(self, records: Iterable[str]) -> frozenset[str]:
        """Those of some full ids whose fields the person reads."""
        wanted = [one for one in records if one.count("/") > 1]
        whole: dict[tuple[str, str], bool] = {}
        found, asked = set(), []
        for record in wanted:
            author, kind, _ = split_record_id(record)
            if (author, kind) not in whole:
                whole[author, kind] = self.may_read(author, kind) == "full"
            if whole[author, kind]:
                found.add(record)
            else:
                asked.append(record)
        self._prepare(asked)
        for record, one in held(self._session, asked).items() if asked else ():
            if self.may_read(one.author, one.kind, record=record, fields=one.now()) == "full":
                found.add(record)
        return frozenset(found)

    # -- fields ----------------------------------------------------------------------------------

    def fields(
        self,
        kind: str,
        fields: Mapping[str, Any],
        author: str,
        *,
        record: str = "",
        approved: bool | None = None,
    ) -> dict[str, Any]:
        """Fields of a record that the person may read; `withheld` names the others.

        Parameters as in `may_read`. Fields that a national programme added are never shown beyond
        the organisation and the authority: nothing tells what they tell.
        """
        relation = self._relation(author, kind, record, fields, approved)
        shown = {name: value for name, value in fields.items() if self._shows(relation, kind, name)}
        self.withheld = tuple(name for name in fields if name not in shown)
        return shown

    def shows(self, author: str, kind: str, name: str, *, record: str = "") -> bool:
        """Whether one field of a record is shown, by its name; see `fields`."""
        return self._shows(self._relation(author, kind, record, {}, None), kind, name)

    def _shows(self, relation: str, kind: str, name: str) -> bool:
        known = KINDS.get(kind)
        extra = known is None or all(one.name != name for one in known.fields)
        of_class = roles.field_class(kind, name, protected=self._protected(kind), extra=extra)
        return roles.reads(self._session.roles, relation, kind, of_class)

    # -- figures ---------------------------------------------------------------------------------

    def cuts(self, of: Iterable[str] | None = None) -> frozenset[str]:
        """Cuts in which the person is shown figures.

        Parameters
        ----------
        of
            Ids of the organisations whose work the figure sums; without, it is summed over all.

        Notes
        -----
        Every member sees time, level, category, method, classification and district;
        ``organisation`` where every organisation lets its sums be told; ``project`` by role;
        ``place`` below the district only where all uncleared ground may be read, because the
        figure of a small place tells where; ``hazard`` likewise.
        """
        if not self._is_member:
            return frozenset()
        held_roles = self._session.roles
        found = {
            cut for cut, some in roles.CUTS.items() if held_roles is None or held_roles & set(some)
        }
        parties = self._parties() if of is None else set(of)
        if any(self._share(one, "hazard_area") == "none" for one in parties):
            found.discard("organisation")
        full = self.organisations_full("hazard_area")
        if not isinstance(full, Everyone) and not parties <= full:
            found -= {"place", "hazard"}
        return frozenset(found)

    def rest(
        self, rows: Iterable[Mapping[str, Any]], *, area: str = "area_m2", kind: str = ""
    ) -> Rest:
        """Rows that may be read, and one summary of what lies behind.

        Parameters
        ----------
        rows
            Each with ``record`` (full id); ``level`` and the area in m² are summed where given,
            ``task``, ``hazard``, ``organisation`` and the like tell whom it concerns.
        area
            Name of the column with square metres.
        kind
            Kind of all rows; of each its record's without.
        """
        shown: list[Mapping[str, Any]] = []
        count, area_m2 = 0, 0.0
        levels: Counter[str] = Counter()
        given = list(rows)
        self._prepare(str(row["record"]) for row in given)
        for row in given:
            author, own_kind, _ = split_record_id(str(row["record"]))
            much = self.may_read(author, kind or own_kind, record=str(row["record"]), fields=row)
            if much == "full":
                shown.append(row)
            elif much == "aggregate":
                count += 1
                area_m2 += float(row.get(area) or 0)
                levels[str(row.get("level", ""))] += 1
        behind = Behind(count, round(area_m2, 6), dict(sorted(levels.items()))) if count else None
        return Rest(shown, behind)


def is_readable(session: Session, record: str) -> bool:
    """Whether the person of a session reads a record's fields; always where no roles are asked.

    Then nothing is looked up: what an organisation says goes into its own log whatever
    it may read of others.
    """
    return session.roles is None or bool(Lens(session).readable([record]))
