"""One delivery: a file in, draft records out, with everything that was detected and noticed."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

from tilth.core.findings import register as register_findings
from tilth.core.geometry.frame import Frame
from tilth.core.kinds.model import FieldType, Kind
from tilth.core.problems import Parameter, Problem, Refused, register
from tilth.exchange.containers import open_table
from tilth.exchange.drafting import Draft, Drafter, Noticed
from tilth.exchange.evidence import contradictions, measured_contradictions
from tilth.exchange.guard import Limits
from tilth.exchange.headings import nearness
from tilth.exchange.identity import fingerprint, make_local_id
from tilth.exchange.mapping import Mapping as ColumnMapping
from tilth.exchange.mapping import describe
from tilth.exchange.mapping_file import check_columns
from tilth.exchange.pause import collector_paused
from tilth.exchange.profile import Profile, profile_table
from tilth.exchange.suggest import Suggestion, suggest
from tilth.exchange.table import Cell, RawRow, Stated, Table, plain

__all__ = ["Delivery", "RefusedRow", "Row", "read_delivery"]

_CHUNK = 250
_SAMPLE = 300
_COLLECT = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A record that can go in.

    Parameters
    ----------
    part
        ``row 17`` or ``feature 3``; ``rows 2 to 5`` for lines of one record.
    fields
        Canonical and checked; ``local_id`` is among them.
    missing
        Minimum-data fields it lacks: it goes in as *incomplete*.
    mark
        `fingerprint` of the fields without an identifier that was made here: equal for equal
        content in any delivery.
    """

    part: str
    fields: Mapping[str, Any]
    missing: tuple[str, ...]
    mark: bytes
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that does not go in, with its cells as text and why."""

    part: str
    cells: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Delivery:
    """What a file says, read record by record.

    Iterate it once for the rows; `read`, `refused` and `noticed` grow on the way, so that a
    million items pass through in bounded memory.

    Parameters
    ----------
    mapping
        As used; `lines` says it line by line, with the reason for each.
    warnings
        What contradicts, competes or was guessed, known before the first row is taken.
    frame
        The frame in which shapes were measured: the one given, else centred on the first shape.
    read
        Rows or features read so far.
    noticed
        Findings about rows so far.
    """

    kind: Kind
    source: str
    stated: Stated
    columns: tuple[str, ...]
    mapping: ColumnMapping
    lines: list[str]
    warnings: list[Problem]
    table: Table
    drafter: Drafter
    read: int = 0
    accepted: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    noticed: list[Noticed] = field(default_factory=list)
    progress: Callable[[int], None] | None = None

    @property
    def frame(self) -> Frame | None:
        """Frame in which shapes are measured; None while no shape was met."""
        return self.drafter.frame

    def findings(self) -> Counter[str]:
        """How many findings of each code there are so far."""
        return Counter(one.code for one in self.noticed)

    def __iter__(self) -> Iterator[Row]:
        """Read the rows from the start; counts and lists begin anew.

        The garbage collector is paused until the last row was taken or the iterator closed.
        """
        with collector_paused():
            yield from self._rows()

    def _rows(self) -> Iterator[Row]:
        self.read = self.accepted = 0
        self.refused, self.noticed = [], []
        marks: Counter[bytes] = Counter()
        identifiers: dict[str, str] = {}
        groups = _groups(self.table, self.mapping.group_by)
        for number in count():
            chunk = list(islice(groups, _CHUNK))
            if not chunk:
                break
            for draft in self.drafter.draft(chunk):
                row = self._settle(draft, marks, identifiers)
                if row is not None:
                    yield row
            self.read += sum(map(len, chunk))
            if self.progress is not None:
                self.progress(self.read)
            if number % _COLLECT == _COLLECT - 1:
                gc.collect()  # what little a consumer may have left in cycles
        self._take_warnings()

    def _take_warnings(self) -> None:
        for one in self.drafter.warnings.values():
            if one not in self.warnings:
                self.warnings.append(one)

    def _settle(
        self, draft: Draft, marks: Counter[bytes], identifiers: dict[str, str]
    ) -> Row | None:
        """Refuse a draft with problems; give the others an identity and notice repetitions."""
        if draft.problems:
            cells = tuple(plain(cell) for cell in draft.cells)
            self.refused.append(RefusedRow(draft.part, cells, tuple(draft.problems)))
            return None
        mark = fingerprint(draft.fields)
        marks[mark] += 1
        again = marks[mark]
        if again > 1:
            params: dict[str, Parameter] = {"occurrence": again}
            self.noticed.append(Noticed("identical_rows", draft.part, params))
        made = "local_id" not in draft.fields
        if made:
            draft.fields["local_id"] = make_local_id(self.source, mark, again)
        else:
            self._notice_repeated(draft, identifiers)
        self.noticed.extend(draft.noticed)
        self.accepted += 1
        return Row(draft.part, draft.fields, draft.missing, mark, draft.cells)

    def _notice_repeated(self, draft: Draft, identifiers: dict[str, str]) -> None:
        local_id = draft.fields["local_id"]
        first = identifiers.setdefault(local_id, draft.part)
        if first != draft.part:
            params: dict[str, Parameter] = {"local_id": local_id, "first": first}
            self.noticed.append(Noticed("repeated_local_id", draft.part, params))


def _groups(table: Table, columns: tuple[str, ...]) -> Iterator[list[RawRow]]:
    """Rows one by one, or gathered by the columns that say which make one record."""
    if not columns:
        for row in table.rows():
            yield [row]
        return
    places = [table.columns.index(column) for column in columns]
    gathered: dict[tuple[str, ...], list[RawRow]] = {}
    for row in table.rows():
        key = tuple(plain(row.cells[n]).strip() for n in places) if not row.problem else ()
        if not any(key):
            yield [row]
        else:
            gathered.setdefault(key, []).append(row)
    yield from gathered.values()


def read_delivery(  # noqa: PLR0913 - every choice the command line offers, by name
    data: Path | bytes,
    *,
    filename: str,
    kind: Kind,
    today: str,
    source: str = "",
    mapping: ColumnMapping | None = None,
    set_fields: Mapping[str, str] | None = None,
    crs: str | None = None,
    layer: str | None = None,
    frame: Frame | None = None,
    limits: Limits | None = None,
    progress: Callable[[int], None] | None = None,
) -> Delivery:
    r"""Read a file as records of a kind.

    Parameters
    ----------
    filename
        Names the file in problems, and the source where none is given.
    today
        ``YYYY-MM-DD`` in the operation's time zone.
    source
        Name of the source that the delivery continues; identifiers are made from it.
    mapping
        Read from a mapping file; without one, a mapping is suggested.
    set_fields
        Field → value for every row, as text; wins over columns.
    crs
        ``EPSG:n`` of plane coordinates, and of shapes whose file does not say.
    layer
        Sheet or layer to read.
    frame
        The operation's frame; without one, the first shape centres it.
    progress
        Told how many rows were read, now and then.

    Raises
    ------
    Refused
        When the file as a whole cannot be read: what the guard and the readers refuse, a mapping
        that does not fit the file, a value that cannot be set.

    Examples
    --------
    >>> from tilth.core.kinds.catalogue import KINDS
    >>> text = b"name,p-code,level\nDagua,76233,2\n"
    >>> delivery = read_delivery(
    ...     text, filename="places.csv", kind=KINDS["place"], today="2026-03-01",
    ...     set_fields={"happened_on": "2026"},
    ... )
    >>> [row.fields["name"] for row in delivery], delivery.read
    (['Dagua'], 1)
    """
    limits = limits or Limits()
    fixed = dict(set_fields or {})
    layer = layer or (mapping.layer if mapping else "") or None
    table = open_table(data, layer, lambda found: _nearest_layer(found, kind), limits, filename)
    if next(iter(table.rows()), None) is None:
        raise Refused(Problem("no_rows", filename))
    profiles = profile_table(table)
    warnings = list(table.warnings)
    suggestion: Suggestion | None = None
    if mapping is None:
        suggestion = suggest(
            kind,
            profiles,
            taken=fixed,
            spatial=table.spatial,
            crs=crs or "",
            today=today,
            nested=_nested_keys(table, profiles),
        )
        mapping = suggestion.mapping
        warnings += suggestion.warnings
    else:
        check_columns(mapping, table.columns, filename)
    mapping = mapping.with_constants(fixed)
    system = _system(table, crs or mapping.crs, warnings, filename)
    drafter = Drafter(kind, mapping, profiles, crs=system, frame=frame, today=today, where=filename)
    warnings += contradictions(kind, mapping, profiles, suggestion, today)
    warnings += _measured(table, drafter, mapping, frame)
    return Delivery(
        kind,
        source or filename,
        table.stated,
        table.columns,
        mapping,
        describe(mapping, table.columns),
        warnings,
        table,
        drafter,
        progress=progress,
    )


def _system(table: Table, given: str, warnings: list[Problem], where: str) -> str:
    """Reference system of the layer: what was given wins over what the file states, and is said."""
    if given and table.stated.crs and given != table.stated.crs:
        params: dict[str, Parameter] = {"given": given, "stated": table.stated.crs[:80]}
        warnings.append(Problem("crs_overridden", where, params))
    return given or table.stated.crs


def _measured(
    table: Table, drafter: Drafter, mapping: ColumnMapping, frame: Frame | None
) -> list[Problem]:
    """Draft the first rows to compare their shapes with what they declare."""
    if not table.spatial and not mapping.positions:
        return []
    first = drafter.draft([[row] for row in islice(table.rows(), _SAMPLE)])
    centre = (frame.longitude_nd / 1e9, frame.latitude_nd / 1e9) if frame else None
    return measured_contradictions(first, mapping, centre)


def _nearest_layer(found: Mapping[str, Sequence[str]], kind: Kind) -> str:
    """Layer with most columns that are called like fields of the kind; the first of equals."""

    def score(columns: Iterable[str]) -> int:
        simple = [one for one in kind.fields if one.type is not FieldType.LINES]
        return sum(
            any((near := nearness(column, one, kind)) is not None and near < 1 for one in simple)
            for column in columns
        )

    return max(found, key=lambda name: score(found[name]))


def _nested_keys(table: Table, profiles: Sequence[Profile]) -> dict[str, tuple[str, ...]]:
    """Keys of the objects in columns of nested values, from the first rows."""
    places = {n: one.name for n, one in enumerate(profiles) if one.types["nested"]}
    keys: dict[str, dict[str, None]] = {name: {} for name in places.values()}
    if places:
        for row in islice(table.rows(), _SAMPLE):
            for n, name in places.items():
                cell = row.cells[n] if row.problem is None else None
                for entry in cell if isinstance(cell, list) else ():
                    if isinstance(entry, dict):
                        keys[name].update(dict.fromkeys(entry))
    return {name: tuple(found) for name, found in keys.items() if found}


register(
    {
        "no_rows": (
            "The file has no rows beneath its headings.",
            "Check that it is the right file and sheet, and that it was saved completely.",
        ),
        "crs_overridden": (
            "The file states the reference system {stated}; it was read as {given}, as asked.",
            "Leave out --crs when the file is right.",
        ),
    }
)
register_findings(
    {
        "identical_rows": (
            "The row is equal to an earlier one of the same file, the {occurrence}. of its kind.",
            "Withdraw it if it was entered twice; victims of one event may look alike.",
        ),
        "repeated_local_id": (
            "The identifier {local_id} stands in {first} already.",
            "Give each record an identifier of its own, or withdraw the one that is wrong.",
        ),
        "zero_area": (
            "The area is given as 0 m².",
            "Correct the area, or withdraw the record if nothing was done.",
        ),
        "items_in_zero_area": (
            "{items} items were found on an area of 0 m².",
            "Correct the area, or record the items as a spot task.",
        ),
        "group_differs": (
            "Rows of one record differ in {fields} (see {row}); the first row was taken.",
            "Make the rows alike, or give the records identifiers of their own.",
        ),
    }
)
