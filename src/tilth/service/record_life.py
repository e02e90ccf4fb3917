"""The life of a record as a page tells it: statement by statement, who, when, from what.

Each line carries what changed by it, before and after, its place in its log, and the file it came
from. Who said it, and why, is told where the reader's lens shows what is internal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tilth.core.chains import LEVELS, Chain, Said, Standing, chains_of, standing_of
from tilth.core.geometry.frame import Frame
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.statement import parse_header, split_record_id
from tilth.service.deliveries import deliveries, import_id, opened
from tilth.service.record_ground import measured
from tilth.service.records import Receipts
from tilth.service.session import Session, said_of
from tilth.store.protocol import Entry

__all__ = ["Life", "Shown", "lines_of", "read_life", "shown_value"]

LEVEL_NAMES = {number: name for name, number in LEVELS.items()}
_REASONED = frozenset({"withdraw", "return", "undo", "dispute", "revoke", "recall", "lift"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A value of a field as it is shown; what is a word of ours is an English message id.

    Parameters
    ----------
    type
        As `FieldType`, by which a template chooses.
    text
        As recorded; of shapes their type.
    labels
        Labels of codes; the code itself where the list does not know it.
    texts
        Entries of a list, or ids of records.
    lines
        Rows of nested lines: label and value of each field.
    area_m2
        Of an area, in the operation's frame, where one was told.
    """

    type: str
    text: str = ""
    unit: str = ""
    labels: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    lines: tuple[tuple[tuple[str, Shown], ...], ...] = ()
    points: int = 0
    area_m2: float | None = None


def shown_value(one: Field, value: Any, frame: Frame | None = None) -> Shown:
    """Value of a field, ready for a template; with a frame areas are measured."""
    kind = str(one.type)
    if one.type in (FieldType.CODE, FieldType.CODES):
        codes = value if isinstance(value, list) else [value]
        words = {code.value: code.label for code in one.codelist.codes} if one.codelist else {}
        labels = tuple(str(words.get(c, c)) for c in codes)
        return Shown(kind, ", ".join(map(str, codes)), "", labels)
    if one.type is FieldType.LINES:
        known = {inner.name: inner for inner in one.fields}
        rows = tuple(
            tuple(
                (known[name].label, shown_value(known[name], cell))
                for name, cell in row.items()
                if name in known
            )
            for row in value
        )
        return Shown(kind, str(len(value)), lines=rows)
    if one.type is FieldType.SHAPE:
        shown = _shown_shape(value)
        area_m2 = measured(value, frame).get("area_m2") if frame is not None else None
        return replace(shown, area_m2=area_m2)
    if isinstance(value, list):
        return Shown(kind, "; ".join(map(str, value)), one.unit, texts=tuple(map(str, value)))
    if one.type is FieldType.RECORD:
        return Shown(kind, str(value), texts=(str(value),))
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return Shown(kind, text, one.unit)


def _shown_shape(value: Mapping[str, Any]) -> Shown:
    if value.get("type") == "Point":
        longitude, latitude = value["coordinates"]
        return Shown("shape", f"{latitude / 1e9:.7f}, {longitude / 1e9:.7f}", points=1)
    return Shown("shape", str(value.get("type", "")), points=_points(value.get("coordinates")))


def _points(nested: Any) -> int:
    if not isinstance(nested, list) or not nested:
        return 0
    return sum(map(_points, nested)) if isinstance(nested[0], list) else 1


@dataclass(slots=True)
class Life:
    """Everything said about one record up to a statement, and what stands of it.

    Attributes
    ----------
    entries
        Statements of the record, decisions on them, what undoes those, in order of receipt.
    chain, revisions
        Of the first statement (None where only events are held) and of each event.
    standing
        What the decisions make of the statements.
    """

    record: str
    kind: Kind | None
    entries: Sequence[Entry]
    said: dict[str, Said]
    chain: Chain | None
    revisions: Sequence[Chain]
    standing: Standing
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Fields by statement; of people those of the vault."""

    @property
    def is_withdrawn(self) -> bool:
        """Whether the newest statement of the first chain ends the record."""
        newest = self.at("reported")
        return newest is not None and newest.act == "withdraw"

    def at(self, level: str) -> Said | None:
        """Statement of the first chain in force at a level; a withdrawal as such."""
        return self.chain.value(LEVELS[level], self.standing) if self.chain else None

    def events(self, level: str) -> list[Said]:
        """Revisions in force at a level, by day."""
        found = [chain.value(LEVELS[level], self.standing) for chain in self.revisions]
        stand = [one for one in found if one is not None and one.act != "withdraw"]
        return sorted(stand, key=lambda one: (one.happened_on, one.hash))

    def level_of(self, statement: str) -> str:
        """Level of a statement, ``returned`` where it was sent back."""
        if statement in self.standing.returned:
            return "returned"
        return LEVEL_NAMES[self.standing.level(statement)]

    def rivals(self) -> list[str]:
        """Hashes of statements that contest each other; empty where none do."""
        for chain in [*([self.chain] if self.chain else []), *self.revisions]:
            path, contested = chain.path(self.standing)
            if contested:
                return sorted(
                    one for one in chain.nodes if not chain.after(one) and one not in path[:-1]
                )
        return []


def read_life(session: Session, record: str, entries: Sequence[Entry]) -> Life:
    """Life of a record out of every statement about it, as `records.statements_about` reads them.

    Decisions on other statements too are taken as far as they decide on this record's.
    """
    said = {entry.hash: said_of(entry) for entry in entries}
    own = {h: one for h, one in said.items() if one.record == record and one.kind != "decision"}
    decisions = [one for h, one in said.items() if h not in own]
    authors = {h: one.organisation for h, one in own.items()}
    standing, _ = standing_of(decisions, authors, session.authority, {*own, *said})
    chain, revisions = chains_of(own.values())
    life = Life(
        record,
        session.kinds.get(split_record_id(record)[1]),
        entries,
        said,
        chain,
        revisions,
        standing,
    )
    life.values = {h: opened(session, one) for h, one in own.items()}
    return life


# -- lines -----------------------------------------------------------------------------------------


def lines_of(
    session: Session, life: Life, shows: Callable[[str], bool], *, told: bool
) -> list[dict[str, Any]]:
    """One value for each statement, the newest first.

    Parameters
    ----------
    shows
        Whether the reader sees a field, by its name.
    told
        Whether who said it, and the reasons, are told.

    Returns
    -------
    list of dict
        ``hash``, ``act``, ``happened_on``, ``said_at``, ``received_at``, ``organisation`` (name),
        ``organisation_id``, ``actor``, ``reason``, ``log``, ``place`` (in the log, from 0),
        ``position``, ``level`` (of a statement of the record), ``in_force``, ``undone``,
        ``source`` (of a file: ``blob``, ``part``, ``filename``, ``import_id``), ``decides`` (of
        this record), ``national_id``, ``changes`` (``label``, ``before``, ``after``), ``hidden``
        (how many changes the reader does not see).
    """
    receipts = Receipts(session.workspace.store.receipts())
    undone = _undone(life)
    in_force = {one.hash for one in (life.at("reported"), *life.events("reported")) if one}
    files, frame = _files(session, life.entries), session.frame()
    lines = []
    for entry in life.entries:
        one = life.said[entry.hash]
        header = parse_header(entry.header)
        fields = session.fields_of(entry) if one.kind == "decision" else {}
        reason = str((one.fields or {}).get("reason", "")) if one.act in _REASONED else ""
        of_record = entry.hash in life.values
        changes, hidden = _changes(life, one, shows, frame) if of_record else ([], 0)
        lines.append(
            {
                "hash": entry.hash,
                "act": one.act,
                "happened_on": one.happened_on,
                "said_at": one.said_at,
                "received_at": receipts.at(entry.seq),
                "organisation": session.organisation_name(one.organisation),
                "organisation_id": one.organisation,
                "actor": one.actor if told else "",
                "reason": reason if told else "",
                "log": entry.log,
                "place": entry.index,
                "position": entry.seq,
                "level": life.level_of(entry.hash) if of_record else "",
                "in_force": entry.hash in in_force,
                "undone": entry.hash in undone,
                "source": files.get(entry.hash) if told and header.source else None,
                "decides": [h for h in one.decides if h in life.said],
                "elsewhere": max(0, len(one.decides) - sum(h in life.said for h in one.decides)),
                "national_id": str(fields.get("national_id", "")),
                "overrides": [str(rule) for rule in _overrides(fields, life.record)],
                "changes": changes,
                "hidden": hidden,
            }
        )
    return lines[::-1]


def _overrides(fields: Mapping[str, Any], record: str) -> Iterable[Any]:
    """Rules that an approval overrode for this record."""
    for one in fields.get("overrides", ()):
        if isinstance(one, Mapping) and one.get("record", record) == record:
            yield one.get("rule", one.get("code", ""))


def _undone(life: Life) -> set[str]:
    """Hashes of decisions that stand no more."""
    standing = {one.hash for some in life.standing.decided_by.values() for one in some}
    return {
        h
        for h, one in life.said.items()
        if h not in life.values and one.decides and h not in standing and one.act != "undo"
    }


def _changes(
    life: Life, one: Said, shows: Callable[[str], bool], frame: Frame | None
) -> tuple[list[dict[str, Any]], int]:
    """What a correction or an event changed, by field in the order of the kind."""
    after = life.values[one.hash]
    before: dict[str, Any] = {}
    if one.act in ("correct", "withdraw") and one.replaces:
        before = life.values.get(one.replaces[0], {})
    elif one.act == "revise" and life.chain is not None:
        earlier = [life.chain.first, *(e for e in life.events("reported") if _is_before(e, one))]
        for said in earlier:
            before |= life.values.get(said.hash, {})
    if one.act in ("record", "withdraw") or life.kind is None:
        return [], 0
    changes, hidden = [], 0
    for defined in life.kind.fields:
        name = defined.name
        stated = name in after if one.act == "revise" else True
        if not stated or before.get(name) == after.get(name) or name == "happened_on":
            continue
        if not shows(name):
            hidden += 1
            continue
        changes.append(
            {
                "name": name,
                "label": defined.label,
                "before": shown_value(defined, before[name], frame) if name in before else None,
                "after": shown_value(defined, after[name], frame) if name in after else None,
            }
        )
    return changes, hidden


def _is_before(event: Said, one: Said) -> bool:
    return (event.happened_on, event.hash) < (one.happened_on, one.hash)


def _files(session: Session, entries: Iterable[Entry]) -> dict[str, dict[str, str]]:
    """Where statements came from: the file's hash, the row, and the delivery that brought it."""
    sources = {
        entry.hash: source for entry in entries if (source := parse_header(entry.header).source)
    }
    if not sources:
        return {}
    known = {str(one.fields["file_sha256"]): one for one in deliveries(session)}
    found = {}
    for statement, source in sources.items():
        past = known.get(source.blob)
        told = {"blob": source.blob, "part": source.part, "filename": "", "import_id": ""}
        if past is not None:
            fields = past.fields
            told["filename"] = str(fields.get("filename", ""))
            told["import_id"] = import_id(
                source.blob, str(fields.get("of_kind", "")), str(fields.get("layer", ""))
            )
        found[statement] = told
    return found
