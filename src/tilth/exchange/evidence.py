"""Columns whose content contradicts their heading, with the evidence, before anything is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import median

import numpy as np
from numpy.typing import NDArray

from tilth.core.geometry.systems import degrees_labelled_metres, exchanged
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.problems import Parameter, Problem, register
from tilth.exchange.convert import converter, fitting
from tilth.exchange.drafting import Draft
from tilth.exchange.mapping import Mapping, Position, Source
from tilth.exchange.profile import Profile
from tilth.exchange.suggest import Suggestion, field_format
from tilth.exchange.table import plain
from tilth.exchange.words import fold, latin_digits, pieces

__all__ = ["contradictions", "measured_contradictions"]

_SEX = frozenset(
    map(
        fold,
        ["m", "f", "male", "female", "man", "woman", "boy", "girl", "hombre", "mujer", "masculino",
         "femenino", "homme", "femme", "masculin", "féminin", "муж", "жен", "мужской", "женский",
         "чоловік", "жінка", "чоловіча", "жіноча", "ذكر", "أنثى"],
    )
)  # fmt: skip
_MOJIBAKE = ("Ã", "Â°", "Ð", "Ñ€", "Ø§", "â€")
_CODE_WORDS = frozenset({"code", "pcode", "codigo", "код", "رمز", "id", "divipola", "dane"})


def contradictions(
    kind: Kind,
    mapping: Mapping,
    profiles: Sequence[Profile],
    suggestion: Suggestion | None,
    today: str,
) -> list[Problem]:
    """Warnings about columns, each with the values that show it.

    Parameters
    ----------
    suggestion
        When the mapping was suggested: what its headings wanted and its content refused.
    """
    known = {one.name: one for one in profiles}
    found: list[Problem] = []
    for name, source in mapping.fields.items():
        definition = kind.field(name)
        for column in source.columns:
            found += _about_column(kind, definition, known[column], source, today)
        if source.year:
            found += _years(known[source.year])
    if suggestion is not None:
        for definition, profile, share in suggestion.rejected:
            found += _rejected(kind, definition, profile, share, today)
    for position in mapping.positions.values():
        found += _positions(position, known, mapping.crs)
    for profile in profiles:
        found += _mojibake(profile)
    return _swapped(found) + [one for one in found if one.code != "headings_swapped"]


def _about_column(
    kind: Kind, definition: Field, profile: Profile, source: Source, today: str
) -> Iterator[Problem]:
    if definition.type in {FieldType.CODE, FieldType.CODES} and not source.values:
        form = field_format(definition, source, profile, today)
        share = fitting(converter(definition, form), islice(profile.samples, 500))
        if share < 0.5:
            yield from _rejected(kind, definition, profile, share, today)
    if definition.type in {FieldType.TEXT, FieldType.RECORD}:
        yield from _sex(definition, profile)
        yield from _lost_zeros(definition, profile)
    if definition.type in {FieldType.DAY, FieldType.INTEGER}:
        yield from _years(profile)
    if definition.unit == "m2" and not source.unit:
        yield from _square_degrees(definition, profile)
    if definition.unit == "cm" and not source.unit:
        yield from _shallow(definition, profile)


def _evidence(profile: Profile, count: int = 4) -> str:
    values = [plain(value)[:40] for value, _ in profile.samples.most_common(count)]
    return ", ".join(values)


def _warning(code: str, profile: Profile, **params: Parameter) -> Problem:
    return Problem(code, f"column {profile.name}", {"column": profile.name, **params})


def _is_sex(profile: Profile) -> bool:
    words = {fold(text) for text in islice(profile.texts, 50)}
    return bool(words) and len(words & _SEX) >= 0.8 * len(words)


def _sex(definition: Field, profile: Profile) -> Iterator[Problem]:
    if _is_sex(profile):
        yield _warning(
            "content_contradicts_heading",
            profile,
            field=definition.name,
            evidence=_evidence(profile),
            looks_like="sex",
        )


def _rejected(
    kind: Kind, definition: Field, profile: Profile, share: float, today: str
) -> Iterator[Problem]:
    """Say what a column holds that its heading does not lead to expect."""
    looks_like = ""
    if _is_sex(profile):
        looks_like = "sex"
    else:
        for other in kind.fields:
            if other.name == definition.name or other.codelist is None:
                continue
            if other.codelist == definition.codelist:
                continue
            form = field_format(other, Source(), profile, today)
            if fitting(converter(other, form), islice(profile.samples, 200)) > 0.8:
                looks_like = other.name
                break
    yield _warning(
        "content_contradicts_heading",
        profile,
        field=definition.name,
        evidence=f"{_evidence(profile)} ({share:.0%} fit)",
        looks_like=looks_like or "something else",
    )


def _swapped(found: list[Problem]) -> list[Problem]:
    """Name pairs of columns of which each holds what the other's heading says."""
    wants = {
        str(one.params["field"]): one for one in found if one.code == "content_contradicts_heading"
    }
    pairs = []
    for name, one in wants.items():
        other = wants.get(str(one.params["looks_like"]))
        if other is not None and other.params["looks_like"] == name:
            columns = sorted((str(one.params["column"]), str(other.params["column"])))
            problem = Problem(
                "headings_swapped",
                f"columns {columns[0]} and {columns[1]}",
                {"first": columns[0], "second": columns[1]},
            )
            if problem not in pairs:
                pairs.append(problem)
    return pairs


def _years(profile: Profile) -> Iterator[Problem]:
    """Years with a separator of thousands: a program took them for amounts."""
    grouped = [
        text
        for text in profile.numbers
        if len(text.strip()) == 5
        and text.strip()[1] in ",. "
        and text.strip()[0] in "12"
        and 1800
        <= int(digits if (digits := text.strip()[0] + text.strip()[2:]).isdecimal() else 0)
        <= 2199
    ]
    if grouped and len(grouped) >= 0.8 * len(profile.texts):
        yield _warning("thousands_in_years", profile, evidence=", ".join(sorted(grouped)[:4]))


def _lost_zeros(definition: Field, profile: Profile) -> Iterator[Problem]:
    """Codes of two lengths, one digit apart, none with a leading zero: a spreadsheet took it."""
    parts = set(pieces(profile.name))
    if definition.name == "local_id" and not parts & (_CODE_WORDS - {"id"}):
        return
    if not parts & _CODE_WORDS and definition.name not in {"place", "admin1"}:
        return
    codes = [latin_digits(plain(value)) for value in profile.samples]
    if len(codes) < 2 or not all(code.isdecimal() for code in codes):
        return
    lengths = sorted({len(code) for code in codes})
    if len(lengths) == 2 and lengths[1] == lengths[0] + 1 and lengths[1] >= 3:
        longer = sum(len(code) == lengths[1] for code in codes)
        if longer and not any(code.startswith("0") for code in codes):
            short = next(code for code in codes if len(code) == lengths[0])
            long = next(code for code in codes if len(code) == lengths[1])
            yield _warning("leading_zeros_lost", profile, evidence=f"{short} beside {long}")


def _numbers(profile: Profile, most: int = 2000) -> list[float]:
    """Sampled values as numbers, a comma read as decimal sign; others left out."""
    found = []
    for value in islice(profile.samples, most):
        try:
            found.append(float(latin_digits(plain(value)).strip().replace(",", ".")))
        except ValueError:
            continue
    return found


def _square_degrees(definition: Field, profile: Profile) -> Iterator[Problem]:
    """Areas below a thousandth throughout: computed in degrees by a program without projection."""
    values = [value for value in _numbers(profile) if value > 0]
    if len(values) >= 3 and max(values) < 0.01:
        yield _warning(
            "unit_contradicts",
            profile,
            field=definition.name,
            evidence=_evidence(profile),
            unit="square degrees",
            stated="m2",
        )


def _shallow(definition: Field, profile: Profile) -> Iterator[Problem]:
    """Depths all below three with decimals: metres under a heading of centimetres."""
    values = [value for value in _numbers(profile) if value > 0]
    if len(values) >= 3 and max(values) < 3 and any(value != int(value) for value in values):
        yield _warning(
            "unit_contradicts",
            profile,
            field=definition.name,
            evidence=_evidence(profile),
            unit="m",
            stated="cm",
        )


def _positions(position: Position, known: dict[str, Profile], crs: str) -> Iterator[Problem]:
    if position.style not in {"degrees", "plane"}:
        return
    first, second = (_numbers(known[column]) for column in position.columns)
    count = min(len(first), len(second))
    if not count:
        return
    where = f"columns {', '.join(position.columns)}"
    x, y = (second, first) if position.style == "degrees" else (first, second)
    xy = np.array([x[:count], y[:count]]).T
    system = position.crs or (crs if position.style == "plane" else "") or "EPSG:4326"
    problem = degrees_labelled_metres(xy, system, where)
    if problem is None and position.style == "degrees":
        problem = exchanged(xy, None, where)
    if problem is not None:
        yield problem


def _mojibake(profile: Profile) -> Iterator[Problem]:
    for text in islice(profile.texts, 500):
        if any(sign in text for sign in _MOJIBAKE):
            yield _warning("letters_garbled", profile, evidence=text[:60])
            return


_RATIOS = (("ha", 1e4, "m2"), ("km2", 1e6, "m2"), ("dunam", 1e3, "m2"))


def measured_contradictions(
    drafts: Sequence[Draft], mapping: Mapping, frame_centre: tuple[float, float] | None
) -> list[Problem]:
    """Warnings that need shapes: declared areas against drawn ones, axes against the operation.

    Parameters
    ----------
    drafts
        The first records.
    frame_centre
        Longitude and latitude of the operation, where it is known already.
    """
    found = []
    for name in ("declared_area_m2", "processed_area_m2"):
        source = mapping.fields.get(name)
        ratios = [
            one.area_m2 / float(one.fields[name])
            for one in drafts
            if not one.problems and one.area_m2 > 0 and float(one.fields.get(name, 0)) > 0
        ]
        if source is None or len(ratios) < 3:
            continue
        middle = median(ratios)
        for unit, factor, stated in _RATIOS:
            if 0.5 < middle / factor < 2:
                params: dict[str, Parameter] = {
                    "column": source.columns[0],
                    "field": name,
                    "unit": unit,
                    "stated": stated,
                    "evidence": f"drawn areas are {middle:,.0f} times as large",
                }
                found.append(Problem("unit_contradicts", f"column {source.columns[0]}", params))
    points = [xy for one in drafts if (xy := _first_position(one)) is not None]
    if frame_centre is not None and points:
        problem = _near_when_exchanged(np.array(points), frame_centre)
        if problem is not None:
            found.append(problem)
    return found


def _first_position(one: Draft) -> tuple[float, float] | None:
    for name in ("shape", "point"):
        coordinates = one.fields.get(name, {}).get("coordinates")
        while isinstance(coordinates, list) and isinstance(coordinates[0], list):
            coordinates = coordinates[0]
        if coordinates:
            return coordinates[0] / 1e9, coordinates[1] / 1e9
    return None


def _near_when_exchanged(
    lonlat: NDArray[np.float64], centre: tuple[float, float]
) -> Problem | None:
    """Compare with a box of ten degrees around the operation."""
    longitude, latitude = centre
    bounds = (longitude - 10, latitude - 10, longitude + 10, latitude + 10)
    return exchanged(lonlat, bounds, "shapes")


register(
    {
        "content_contradicts_heading": (
            "The column {column} is called like {field}, but holds what looks like {looks_like}: "
            "{evidence}.",
            "Check whether headings were exchanged, and say in a mapping what the column is.",
        ),
        "headings_swapped": (
            "The columns {first} and {second} hold what the other's heading says.",
            "Exchange the two headings, or map the columns in a mapping file.",
        ),
        "thousands_in_years": (
            "The years of the column {column} are written as amounts: {evidence}.",
            "They are read as years; format the column as text in the spreadsheet.",
        ),
        "leading_zeros_lost": (
            "Codes of the column {column} seem to have lost a leading zero: {evidence}.",
            "Format the column as text in the spreadsheet and enter the zeros again.",
        ),
        "unit_contradicts": (
            "The column {column} is read as {stated}, but its values look like {unit}: {evidence}.",
            'Say the unit in a mapping: {field} = {{ column = "{column}", unit = "{unit}" }}.',
        ),
        "letters_garbled": (
            "Letters of the column {column} were garbled before the file was saved: {evidence}.",
            "Ask for the file in UTF-8; the words are kept as they stand.",
        ),
    }
)
