"""A mapping suggested from headings and content, with the reason for every line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from tilth.core.kinds.lists_items import CATEGORY
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.problems import Problem, register
from tilth.exchange import headings as heads
from tilth.exchange.convert import Format, bounds_of, converter, fitting, words_of
from tilth.exchange.dates import decide_dates, month_number
from tilth.exchange.mapping import Items, Position, Source
from tilth.exchange.mapping import Mapping as ColumnMapping
from tilth.exchange.numbers import NumberFormat
from tilth.exchange.profile import Profile
from tilth.exchange.units import find_unit
from tilth.exchange.words import fold, latin_digits

__all__ = ["Suggestion", "field_format", "suggest"]

_SPEAKING = 0.5
"""Share of a column's values that must read as the field's type."""

_FAR_AWAY = 2.0
"""From this nearness on a heading speaks of something else; better no value than a wrong one."""

_WKT = re.compile(
    r"\s*(?:SRID=\d+;\s*)?(?:MULTI)?(POINT|LINESTRING|POLYGON)\s*(?:Z|M|ZM)?\s*\(", re.I
)
_GRID = re.compile(r"\s*\d{1,2}\s*[C-HJ-NP-X]\s*[A-HJ-NP-Z]{2}\s*(?:\d\s*){0,10}$", re.I)
_CHECKED = frozenset(FieldType) - {
    FieldType.TEXT, FieldType.TEXTS, FieldType.RECORD, FieldType.RECORDS, FieldType.SHAPE,
    FieldType.LINES,
}  # fmt: skip


@dataclass(slots=True)
class Suggestion:
    """What was suggested, and what gave way.

    Parameters
    ----------
    warnings
        ``columns_compete`` where two columns wanted one field.
    rejected
        Field, column and share of values that fit, where a heading was right and the content not.
    """

    mapping: ColumnMapping
    warnings: list[Problem] = field(default_factory=list)
    rejected: list[tuple[Field, Profile, float]] = field(default_factory=list)


def field_format(definition: Field, source: Source, profile: Profile | None, today: str) -> Format:
    """Decide how the cells of a column are written, from the mapping and all its values."""
    unit = (
        find_unit(source.unit, definition.unit)
        if source.unit
        else None
        if profile is None
        else heads.heading_unit(profile.name, definition.unit)
    )
    numbers = profile.number_format(bounds_of(definition)) if profile else NumberFormat()
    dates = profile.date_format(today) if profile else decide_dates((), today)
    if source.decimal:
        numbers = type(numbers)(source.decimal)
    if source.order:
        dates = type(dates)(source.order, pivot=dates.pivot)
    return Format(numbers, dates, unit, source.values)


def suggest(
    kind: Kind,
    profiles: Sequence[Profile],
    *,
    taken: Iterable[str],
    spatial: bool,
    crs: str,
    today: str,
    nested: Mapping[str, Sequence[str]] | None = None,
) -> Suggestion:
    """Suggest how columns become fields.

    Parameters
    ----------
    taken
        Fields that are set for every row and need no column.
    spatial
        Every row has a shape of its own, so that no column places it.
    crs
        Reference system of plane coordinates, empty when not said.
    nested
        Keys of the objects in columns of nested values.
    """
    maker = _Maker(kind, list(profiles), set(taken), crs, today)
    maker.simple_fields()
    if not spatial:
        maker.position()
    maker.parts_of_dates()
    maker.nested_lines(nested or {})
    maker.wide_items()
    maker.flat_lines()
    return maker.done()


class _Maker:
    """Builds one suggestion; each step takes columns that are still free."""

    def __init__(
        self, kind: Kind, profiles: list[Profile], taken: set[str], crs: str, today: str
    ) -> None:
        self.kind = kind
        self.free = {one.name: one for one in profiles if one.filled}
        self.all = dict(self.free)
        self.taken = taken
        self.crs = crs
        self.today = today
        self.fields: dict[str, Source] = {}
        self.positions: dict[str, Position] = {}
        self.items: list[Items] = []
        self.lines: dict[str, tuple[str, Mapping[str, Source]]] = {}
        self.group_by: tuple[str, ...] = ()
        self.warnings: list[Problem] = []
        self.rejected: list[tuple[Field, Profile, float]] = []
        self.weak: set[str] = set()  # columns whose heading only contains one of the field

    def wanted(self) -> list[Field]:
        simple = (FieldType.SHAPE, FieldType.LINES)
        return [
            one
            for one in self.kind.fields
            if one.name not in self.taken and one.name not in self.fields and one.type not in simple
        ]

    def simple_fields(self) -> None:
        """Give each field the column nearest to it, the nearest pair of all first."""
        ranked = self._ranked(self.wanted(), self.kind)
        chosen: dict[str, str] = {}
        for distance, definition, profile in ranked:
            if definition.name in self.fields or profile.name not in self.free:
                continue
            self.fields[definition.name] = self._source(definition, profile)
            if distance >= 1.0:
                self.weak.add(profile.name)
            chosen[definition.name] = profile.name
            del self.free[profile.name]
        for _, definition, profile in ranked:
            if profile.name in self.free and definition.name in chosen:
                self._compete(definition.name, chosen[definition.name], profile.name)

    def _ranked(self, fields: Sequence[Field], kind: Kind) -> list[tuple[float, Field, Profile]]:
        """Pairs of field and column that fit in heading and content, nearest first."""
        found = []
        for order, definition in enumerate(fields):
            for place, profile in enumerate(self.free.values()):
                distance = heads.nearness(profile.name, definition, kind)
                if distance is None or distance >= _FAR_AWAY:
                    continue
                share = self._share(definition, profile)
                if share < _SPEAKING:
                    if distance < 1.0:
                        self.rejected.append((definition, profile, share))
                    continue
                found.append((distance, order, place, definition, profile))
        found.sort(key=lambda one: one[:3])
        return [(distance, definition, profile) for distance, _, _, definition, profile in found]

    def _share(self, definition: Field, profile: Profile) -> float:
        """Share of the column's values that read as the field's type."""
        if profile.types["nested"] > profile.filled / 2:
            listed = definition.type in {FieldType.CODES, FieldType.TEXTS, FieldType.RECORDS}
            return 1.0 if listed else 0.0
        if definition.name == "local_id" and 2 * len(profile.samples) < profile.samples.total():
            named = fold(profile.name) in {"id", "local id"}
            return 1.0 if named and len(profile.samples) > 1 else 0.0
        if definition.type not in _CHECKED:
            return 1.0
        form = field_format(definition, Source(), profile, self.today)
        convert_cell = converter(definition, form)
        return fitting(convert_cell, islice(profile.samples, 500))

    def _source(self, definition: Field, profile: Profile) -> Source:
        unit = heads.heading_unit(profile.name, definition.unit)
        plain = definition.unit in {"", unit.name if unit else definition.unit}
        why = "heading" if definition.type not in _CHECKED else "heading and content"
        if unit is not None and unit.note:
            why += f"; {unit.note}"
        return Source((profile.name,), unit="" if plain or unit is None else unit.name, why=why)

    def _compete(self, name: str, chosen: str, other: str) -> None:
        params: dict[str, str | int | float] = {"field": name, "chosen": chosen, "other": other}
        self.warnings.append(Problem("columns_compete", f"column {other}", params))

    def position(self) -> None:
        """Find columns that place a record: WKT, latitude and longitude, grid, plane."""
        for profile in list(self.free.values()):
            texts = list(islice(profile.texts, 50))
            if texts and all(_WKT.match(text) for text in texts):
                self._wkt(profile, texts[0])
        target = self._point_field()
        if target is None or target in self.positions:
            return
        pairs = self._pairs(heads.LATITUDE, heads.LONGITUDE)
        if pairs and not _far(pairs[0][0]):
            self._place(target, pairs, "degrees", "")
            return
        for profile in list(self.free.values()):
            texts = list(islice(profile.texts, 50))
            if texts and all(_GRID.match(text) for text in texts):
                self._take(target, Position("mgrs", (profile.name,), "", "content"))
                return
        planes = self._pairs(heads.EASTING, heads.NORTHING)
        if not planes or _far(planes[0][0]):
            return
        zone = next((n for n in self.free if heads.part_of(n, heads.ZONE) is not None), "")
        east, north = planes[0]
        if zone and self._numeric(east):
            self._take(target, Position("utm", (zone, east, north), "", "headings"))
        elif self.crs:
            self._place(target, planes, "plane", self.crs)
        elif all(self._within(name, 180) for name in (east, north)):
            self._take(target, Position("degrees", (north, east), "", "headings and content"))
        else:
            params: dict[str, str | int | float] = {"x": east, "y": north}
            self.warnings.append(Problem("crs_needed", f"column {east}", params))

    def _wkt(self, profile: Profile, text: str) -> None:
        match = _WKT.match(text)
        area = match is not None and match[1].upper() == "POLYGON"
        name = self._area_field() if area else self._point_field()
        if name and name not in self.positions:
            self._take(name, Position("wkt", (profile.name,), self.crs, "content"))

    def _area_field(self) -> str | None:
        return self._shape_field("Polygon")

    def _point_field(self) -> str | None:
        return self._shape_field("Point")

    def _shape_field(self, wanted: str) -> str | None:
        names = ("shape", "point", "boundary")
        order = sorted(
            (one for one in self.kind.fields if one.type is FieldType.SHAPE and one.name in names),
            key=lambda one: (one.shapes[:1] != (wanted,), names.index(one.name)),
        )
        for one in order:
            if wanted in one.shapes and one.name not in self.taken:
                return one.name
        return None

    def _pairs(self, first: frozenset[str], second: frozenset[str]) -> list[tuple[str, str]]:
        """Pairs of columns whose headings differ only in the two words, nearest first."""
        found = []
        for one, profile in self.free.items():
            rest = heads.part_of(one, first)
            if rest is None or not self._numeric(profile.name):
                continue
            for other in self.free:
                if other != one and heads.part_of(other, second) == rest:
                    away = 1 if _far(one) else -1 if heads.NEAR & set(rest) else 0
                    found.append((away, len(rest), one, other))
        return [(one, other) for _, _, one, other in sorted(found, key=lambda f: f[:2])]

    def _numeric(self, name: str) -> bool:
        profile = self.all[name]
        texts = list(islice(profile.texts, 200))
        digits = sum(any(c.isdecimal() for c in latin_digits(text)) for text in texts)
        return digits >= _SPEAKING * len(texts)

    def _within(self, name: str, most: float) -> bool:
        profile = self.all[name]
        values = [latin_digits(text).replace(",", ".") for text in islice(profile.texts, 200)]
        try:
            return all(abs(float(value)) <= most for value in values) and (
                not profile.types["number"] or max(-profile.least, profile.most) <= most
            )
        except ValueError:
            return False

    def _place(self, target: str, pairs: list[tuple[str, str]], style: str, crs: str) -> None:
        columns = pairs[0]
        for other in pairs[1:]:
            if not set(other) & set(columns):
                self._compete(target, ", ".join(columns), ", ".join(other))
        self._take(target, Position(style, columns, crs, "headings"))

    def _take(self, target: str, position: Position) -> None:
        self.positions[target] = position
        for column in position.columns:
            self.free.pop(column, None)

    def parts_of_dates(self) -> None:
        """Fill the day from columns of year and month, and a period from the day or back."""
        day = next((one for one in self.kind.fields if one.name == "happened_on"), None)
        if day is None:
            return
        if "happened_on" not in self.fields and "happened_on" not in self.taken:
            year = self._part(heads.YEAR, lambda value: len(value) == 4)
            if year:
                month = self._part(heads.MONTH, lambda value: bool(month_number(value)))
                self.fields["happened_on"] = Source(
                    year=year, month=month, why="headings and content"
                )
                for name in ("period_from", "period_to"):
                    if name in {f.name for f in self.wanted()}:
                        self.fields[name] = Source(year=year, month=month, why="the same month")
            elif "period_to" in self.fields:
                to = self.fields["period_to"]
                self.fields["happened_on"] = Source(to.columns, why="last day of the period")

    def _part(self, words: frozenset[str], good: object) -> str:
        assert callable(good)  # noqa: S101
        for name, profile in self.free.items():
            if heads.part_of(name, words) == ():
                values = [
                    latin_digits(str(value)).replace(",", "").removesuffix(".0")
                    for value in islice(profile.samples, 200)
                ]
                if values and all(good(value) for value in values):
                    del self.free[name]
                    return name
        return ""

    def nested_lines(self, nested: Mapping[str, Sequence[str]]) -> None:
        """Map columns of nested objects to fields of lines, key by key."""
        for definition in self.kind.fields:
            if definition.type is not FieldType.LINES or definition.name in self.taken:
                continue
            for column, keys in nested.items():
                if (
                    column in self.free
                    and heads.nearness(column, definition, self.kind) is not None
                ):
                    sources = _key_sources(definition, keys, self.kind)
                    self.lines[definition.name] = (column, sources)
                    del self.free[column]
                    break

    def wide_items(self) -> None:
        """Map columns that count items of one category each."""
        if "items" in self.lines or not self._has_items():
            return
        words = words_of(CATEGORY)
        total = self.fields.get("items_total")
        destroyed = bool(total and heads.destroyed_in(total.columns[0]))
        for name, profile in list(self.free.items()):
            category = _category(name, words)
            if category is None or not self._counts(profile):
                continue
            values = {"category": category}
            why = "heading"
            if destroyed or heads.destroyed_in(name):
                values["disposal"] = "destroyed_place_unknown"
                said = name if heads.destroyed_in(name) else total.columns[0] if total else name
                why = f"heading; {said} says destroyed, not where"
            self.items.append(Items(name, values, why))
            del self.free[name]

    def _has_items(self) -> bool:
        return "items" not in self.taken and any(one.name == "items" for one in self.kind.fields)

    def _counts(self, profile: Profile) -> bool:
        quantity = next(one for one in self.kind.field("items").fields if one.name == "quantity")
        return self._share(quantity, profile) > 0.95

    def flat_lines(self) -> None:
        """Map the columns of a long table, one item a row, to the fields of a line."""
        if "items" in self.lines or self.items or not self._has_items():
            return
        definition = self.kind.field("items")
        simple = [one for one in definition.fields if one.type is not FieldType.SHAPE]
        sources: dict[str, Source] = {}
        used = []
        for _, one, profile in self._ranked(simple, self.kind):
            if one.name not in sources and profile.name not in used:
                sources[one.name] = self._source(one, profile)
                used.append(profile.name)
        if not sources.keys() & {"category", "model"}:
            return
        self.lines["items"] = ("", sources)
        for name in used:
            del self.free[name]
        identifier = self.fields.get("local_id")
        if identifier and not self.all[identifier.columns[0]].unique:
            self.group_by = identifier.columns

    def done(self) -> Suggestion:
        mapping = ColumnMapping(
            self.kind.name,
            {
                one.name: self.fields[one.name]
                for one in self.kind.fields
                if one.name in self.fields
            },
            self.positions,
            tuple(self.items),
            self.lines,
            self.group_by,
        )
        used = mapping.used() - self.weak
        rejected = [one for one in self.rejected if one[1].name not in used]
        return Suggestion(mapping, self.warnings, rejected)


def _far(heading: str) -> bool:
    """Whether a heading speaks of another place than the record's own."""
    return bool(heads.FAR & set(fold(heading).split()))


def _category(name: str, words: Mapping[str, str]) -> str | None:
    """Category that a heading names: the whole heading, or a word of three letters within it."""
    folded = fold(name)
    if folded in words:
        return words[folded]
    padded = f" {folded} "
    found = {code for word, code in words.items() if len(word) >= 3 and f" {word} " in padded}
    return found.pop() if len(found) == 1 and not found & {"other", "unknown"} else None


def _key_sources(definition: Field, keys: Sequence[str], kind: Kind) -> dict[str, Source]:
    """Map the keys of nested objects to the fields of a line, nearest first."""
    ranked = sorted(
        (distance, n, one.name, key)
        for n, one in enumerate(definition.fields)
        for key in keys
        if (distance := heads.nearness(key, one, kind)) is not None
    )
    sources: dict[str, Source] = {}
    used: set[str] = set()
    for _, _, name, key in ranked:
        if name not in sources and key not in used:
            sources[name] = Source((key,), why="key")
            used.add(key)
    return sources


register(
    {
        "columns_compete": (
            "{chosen} and {other} both look like {field}; {chosen} was taken.",
            "Where {other} is meant, say so in a mapping file.",
        ),
        "crs_needed": (
            "The columns {x} and {y} look like plane coordinates, and no reference system is "
            "given.",
            "Give it with --crs EPSG:number.",
        ),
    }
)
