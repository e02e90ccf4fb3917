"""Rows to draft records: the mapping applied, shapes placed, each record checked by its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from tilth.core.geometry.coordinates import Position as Found
from tilth.core.geometry.frame import Frame
from tilth.core.geometry.systems import geometries_to_wgs84
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.status import with_status
from tilth.core.kinds.validate import Checker
from tilth.core.problems import Parameter, Problem, Refused, register
from tilth.exchange.convert import Bad, Convert, Format, converter
from tilth.exchange.dates import month_number
from tilth.exchange.headings import is_total
from tilth.exchange.lines import Nested, Wide, bad_cell
from tilth.exchange.mapping import Mapping as ColumnMapping
from tilth.exchange.mapping import Position, Source
from tilth.exchange.placing import Placed, Reference, place_shapes, reference
from tilth.exchange.positions import position_reader
from tilth.exchange.profile import Profile
from tilth.exchange.suggest import field_format
from tilth.exchange.table import Cell, RawRow, plain

__all__ = ["Draft", "Drafter", "Noticed"]


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding about a row, before the record has an id in the workspace."""

    code: str
    part: str
    params: Mapping[str, Parameter] = field(default_factory=dict)
    items: int = 0


@dataclass(slots=True)
class Draft:
    """One record as far as it got.

    Parameters
    ----------
    fields
        Canonical values; meaningful only without problems.
    missing
        Names of minimum-data fields it lacks.
    cells
        As they stood in the file.
    """

    part: str
    cells: Sequence[Cell]
    fields: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    noticed: list[Noticed] = field(default_factory=list)
    area_m2: float = 0.0


class Drafter:
    """Applies one mapping to the rows of one table.

    Parameters
    ----------
    crs
        Of the layer's shapes and of plane coordinates without a system of their own.
    frame
        Where shapes are measured and mended; None to centre one on the first shape.
    """

    def __init__(
        self,
        kind: Kind,
        mapping: ColumnMapping,
        profiles: Sequence[Profile],
        *,
        crs: str,
        frame: Frame | None,
        today: str,
        where: str,
    ) -> None:
        self.kind = kind
        self.mapping = mapping
        self.today = today
        self.frame = frame
        self.where = where
        self.warnings: dict[tuple[str, str], Problem] = {}
        self._checker = Checker(kind)
        self._profiles = {one.name: one for one in profiles}
        self._index = {one.name: n for n, one in enumerate(profiles)}
        self._layer = reference(crs, where)
        self._fixed = self._constants()
        self._simple: list[tuple[Field, int, str, Convert]] = []
        self._special: list[tuple[Field, Callable[[Sequence[Cell]], Any], str]] = []
        for name, source in mapping.fields.items():
            self._compile(kind.field(name), source)
        self._places = [(kind.field(name), one) for name, one in mapping.positions.items()]
        self._compile_lines()

    def _format(self, definition: Field, column: str, source: Source | None = None) -> Format:
        return field_format(definition, source or Source(), self._profiles.get(column), self.today)

    def _constants(self) -> dict[str, Any]:
        fixed = {}
        for name, text in self.mapping.constants.items():
            try:
                definition = self.kind.field(name)
            except KeyError as error:
                params: dict[str, Parameter] = {"field": name, "kind": self.kind.name}
                raise Refused(Problem("mapping_field", f"--set {name}", params)) from error
            if definition.type in {FieldType.SHAPE, FieldType.LINES}:
                raise Refused(Problem("constant_unfit", f"--set {name}", {"field": name}))
            value = converter(definition, Format())(text)
            if isinstance(value, Bad):
                raise Refused(bad_cell(value, "--set", name, definition))
            if value is not None:
                fixed[name] = value
        return fixed

    def _compile(self, definition: Field, source: Source) -> None:
        if source.year:
            self._special.append((definition, self._date_parts(source), source.year))
        elif len(source.columns) > 1:
            self._special.append((definition, self._joined(definition, source), source.columns[0]))
        else:
            column = source.columns[0]
            form = self._format(definition, column, source)
            self._simple.append(
                (definition, self._index[column], column, converter(definition, form))
            )

    def _joined(self, definition: Field, source: Source) -> Callable[[Sequence[Cell]], Any]:
        places = [self._index[column] for column in source.columns]
        convert = converter(definition, Format(words=source.values))

        def join(cells: Sequence[Cell]) -> Any:
            texts = [text for n in places if (text := plain(cells[n]).strip())]
            return convert(source.join.join(texts)) if texts else None

        return join

    def _date_parts(self, source: Source) -> Callable[[Sequence[Cell]], Any]:
        whole = Field("year", FieldType.INTEGER, "Year")
        year = converter(whole, self._format(whole, source.year))
        day = converter(whole, self._format(whole, source.day)) if source.day else None

        def read(cells: Sequence[Cell]) -> Any:
            number = year(cells[self._index[source.year]])
            if number is None or isinstance(number, Bad):
                return number
            text = f"{number:04}"
            if not source.month:
                return text
            said = plain(cells[self._index[source.month]])
            month = month_number(said.removesuffix(".0"))
            if not month:
                return text if not said.strip() else Bad("not_a_date", f"{number}-{said}")
            text += f"-{month:02}"
            if day is None:
                return text
            date = day(cells[self._index[source.day]])
            return date if isinstance(date, Bad) else f"{text}-{date:02}" if date else text

        return read

    def _compile_lines(self) -> None:
        self._wide: Wide | None = None
        self._nested: list[tuple[str, int, Nested]] = []
        self._flat: dict[str, list[tuple[Field, int, str, Convert]]] = {}
        if self.mapping.items:
            items = self.kind.field("items")
            self._wide = Wide(items, self.mapping.items, self._index, self._format)
        for name, (column, sources) in self.mapping.lines.items():
            definition = self.kind.field(name)
            if column:
                nested = Nested(definition, column, sources)
                self._nested.append((name, self._index[column], nested))
                continue
            inner = {one.name: one for one in definition.fields}
            self._flat[name] = [
                (
                    inner[key],
                    self._index[source.columns[0]],
                    source.columns[0],
                    converter(inner[key], self._format(inner[key], source.columns[0], source)),
                )
                for key, source in sources.items()
            ]

    def draft(self, rows: Sequence[Sequence[RawRow]]) -> list[Draft]:
        """Draft records, each from one row or from the rows of one group, shapes all at once."""
        drafts = [self._draft(group) for group in rows]
        self._place([group[0] for group in rows], drafts)
        for one in drafts:
            self._finish(one)
        return drafts

    def _draft(self, group: Sequence[RawRow]) -> Draft:
        first = group[0]
        one = Draft(_part(group), first.cells)
        problem = next((row.problem for row in group if row.problem is not None), None)
        if problem is not None:
            one.problems.append(problem)
            return one
        if _total_row(first):
            one.problems.append(Problem("total_row", first.part))
            return one
        one.fields = self._values(first, one.problems)
        for row in group[1:]:
            others = self._values(row, one.problems)
            differ = sorted(
                k for k in others.keys() | one.fields if others.get(k) != one.fields.get(k)
            )
            if differ:
                params: dict[str, Parameter] = {"fields": ", ".join(differ), "row": row.part}
                one.noticed.append(Noticed("group_differs", one.part, params))
        self._add_lines(group, one)
        return one

    def _values(self, row: RawRow, problems: list[Problem]) -> dict[str, Any]:
        fields = dict(self._fixed)
        cells = row.cells
        for definition, at, column, convert in self._simple:
            value = convert(cells[at])
            if value is None:
                continue
            if type(value) is Bad:
                problems.append(bad_cell(value, row.part, column, definition))
            else:
                fields[definition.name] = value
        for definition, read, column in self._special:
            value = read(cells)
            if type(value) is Bad:
                problems.append(bad_cell(value, row.part, column, definition))
            elif value is not None:
                fields[definition.name] = value
        return fields

    def _add_lines(self, group: Sequence[RawRow], one: Draft) -> None:
        first = group[0]
        if self._wide is not None:
            lines = self._wide.lines(first.cells, first.part, one.problems)
            if lines:
                one.fields["items"] = lines
        for name, at, nested in self._nested:
            lines = nested.lines(first.cells[at], first.part, one.problems)
            if lines:
                one.fields[name] = lines
        for name, columns in self._flat.items():
            lines = [line for row in group if (line := _flat_line(row, columns, one.problems))]
            if lines:
                one.fields[name] = lines

    def _place(self, rows: Sequence[RawRow], drafts: Sequence[Draft]) -> None:
        parts = [row.part for row in rows]
        geometries = [
            None if one.problems else row.geometry for row, one in zip(rows, drafts, strict=True)
        ]
        if any(geometry is not None for geometry in geometries):
            placed = self._placed(geometries, [None] * len(rows), self._layer, parts)
            for draft, geometry, result in zip(drafts, geometries, placed, strict=True):
                self._keep(draft, self._field_for(geometry), result)
        for definition, position in self._places:
            self._place_by_columns(definition, position, rows, drafts)

    def _placed(
        self,
        geometries: list[BaseGeometry | None],
        entered: list[dict[str, Any] | None],
        here_in: Reference,
        parts: list[str],
    ) -> list[Placed]:
        if self.frame is None:
            self.frame = _frame_on(geometries, here_in)
        if self.frame is None:  # nothing that could be projected: the problems say why
            self.frame = Frame(0, 0)
        return place_shapes(geometries, entered, here_in, self.frame, parts)

    def _keep(self, draft: Draft, name: str, result: Placed) -> None:
        if result.problem is not None:
            draft.problems.append(result.problem)
        if result.value is None:
            return
        draft.fields.setdefault(name, result.value)
        draft.area_m2 = draft.area_m2 or result.area_m2
        if result.repair:
            draft.noticed.append(Noticed("invalid_geometry", draft.part, result.repair))
        if result.height:
            self._warn(Problem("height_dropped", self.where))

    def _warn(self, problem: Problem) -> None:
        self.warnings.setdefault((problem.code, str(problem.params.get("crs", ""))), problem)

    def _field_for(self, geometry: BaseGeometry | None) -> str:
        """Field that takes a shape of this type: the first one that names it, else the first."""
        name = "" if geometry is None else geometry.geom_type.removeprefix("Multi")
        shapes = [one for one in self.kind.fields if one.type is FieldType.SHAPE]
        taken = self.mapping.positions.keys() | self._fixed
        order = sorted(shapes, key=lambda one: one.name not in {"shape", "point", "boundary"})
        for one in order:
            if name in one.shapes and one.name not in taken:
                return one.name
        return order[0].name if order else "shape"

    def _place_by_columns(
        self, definition: Field, position: Position, rows: Sequence[RawRow], drafts: Sequence[Draft]
    ) -> None:
        places = [self._index[column] for column in position.columns]
        read = position_reader(position, self._format)
        here_in = reference(position.crs, self.where) if position.crs else self._layer
        if position.style in {"mgrs", "utm"} or (position.style == "degrees" and not position.crs):
            here_in = reference("", self.where)
        geometries: list[BaseGeometry | None] = [None] * len(rows)
        entered: list[dict[str, Any] | None] = [None] * len(rows)
        pairs: list[tuple[float, float]] = []
        paired: list[int] = []
        for n, (row, draft) in enumerate(zip(rows, drafts, strict=True)):
            if row.problem or definition.name in draft.fields:
                continue
            found = read([row.cells[at] for at in places], row.part)
            if type(found) is tuple:
                pairs.append(found)
                paired.append(n)
            elif isinstance(found, Problem):
                draft.problems.append(found)
            elif isinstance(found, Found):
                for warning in found.warnings:
                    self._warn(warning)
                geometries[n] = found.point
                entered[n] = dict(found.entered) or None
            else:
                geometries[n] = found
        if pairs:
            for n, point in zip(paired, shapely.points(pairs), strict=True):
                geometries[n] = point
        parts = [row.part for row in rows]
        results = self._placed(geometries, entered, here_in, parts)
        for draft, result in zip(drafts, results, strict=True):
            self._keep(draft, definition.name, result)

    def _finish(self, one: Draft) -> None:
        if one.problems:
            return
        if "status_entered" in one.fields:
            one.fields = with_status(one.fields)
        found = self._checker.check(one.fields, today=self.today, where=one.part)
        one.problems.extend(found.problems)
        one.missing = found.missing
        if not found.problems:
            one.noticed += _noticed(one, bool(self._wide or self._nested or self._flat))


def _part(group: Sequence[RawRow]) -> str:
    if len(group) == 1:
        return group[0].part
    word, _, first = group[0].part.partition(" ")
    return f"{word}s {first} to {group[-1].part.partition(' ')[2]}"


def _total_row(row: RawRow) -> bool:
    """Whether a row sums up the others: its first text says so, and half its cells are empty."""
    words = [cell for cell in row.cells if isinstance(cell, str) and cell.strip()]
    filled = sum(cell is not None and cell != "" for cell in row.cells)
    return bool(words) and 2 * filled <= len(row.cells) + 1 and is_total(words[0])


def _flat_line(
    row: RawRow, columns: Sequence[tuple[Field, int, str, Convert]], problems: list[Problem]
) -> dict[str, Any]:
    line = {}
    for definition, at, column, convert in columns:
        value = convert(row.cells[at])
        if type(value) is Bad:
            problems.append(bad_cell(value, row.part, column, definition))
        elif value is not None:
            line[definition.name] = value
    return line


def _frame_on(geometries: Sequence[BaseGeometry | None], here_in: Reference) -> Frame | None:
    for one in geometries:
        if one is None or one.is_empty:
            continue
        degrees = one
        if not here_in.is_wgs84:
            degrees = geometries_to_wgs84(shapely.force_2d([one]), here_in.definition)[0]
        bounds = degrees.bounds
        if all(abs(bounds[n]) <= limit for n, limit in enumerate((180, 90, 180, 90))):
            return Frame.centred_on(degrees)
    return None


def _noticed(one: Draft, has_lines: bool) -> Iterator[Noticed]:
    """Findings that a record's own fields show."""
    fields = one.fields
    lines = fields.get("items", ())
    count = sum(line.get("quantity", 0) for line in lines if "disposal_of" not in line)
    for name in ("declared_area_m2", "processed_area_m2"):
        value = fields.get(name)
        if value is not None and not value.strip("0."):
            yield Noticed("zero_area", one.part, {"field": name}, count)
            if count:
                yield Noticed("items_in_zero_area", one.part, {"items": count}, count)
    total = fields.get("items_total")
    if has_lines and total is not None and total != count:
        params: dict[str, Parameter] = {"declared": total, "lines": count}
        yield Noticed("items_total_differs", one.part, params, abs(total - count))


register(
    {
        "constant_unfit": (
            "{field} cannot be set for every row.",
            "Give it in the file, or leave it out.",
        ),
        "total_row": (
            "The row sums up the others; counted as a record, it would double them.",
            "Delete the row from the file; totals come out of the account.",
        ),
    }
)
