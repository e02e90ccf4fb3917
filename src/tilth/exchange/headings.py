"""How near a column's heading is to a field: words in six languages, and words that lead away."""

from __future__ import annotations

from functools import lru_cache

from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.exchange.units import Unit, find_unit, unit_in_heading
from tilth.exchange.words import fold, pieces

__all__ = [
    "EASTING",
    "FAR",
    "LATITUDE",
    "LONGITUDE",
    "MONTH",
    "NEAR",
    "NORTHING",
    "YEAR",
    "ZONE",
    "destroyed_in",
    "heading_unit",
    "is_total",
    "nearness",
    "part_of",
]


def _folded(text: str) -> frozenset[str]:
    """Words of a text, folded; an underscore stands for the space within one."""
    return frozenset(map(fold, text.split()))


LATITUDE = _folded("latitude lat latitud широта y_lat خط_العرض lat_dd latitude_y")
LONGITUDE = _folded("longitude lon long lng longitud долгота довгота خط_الطول lon_dd")
EASTING = _folded("x easting east este e coord_x x_coord coordx восток схід")
NORTHING = _folded("y northing north norte n coord_y y_coord coordy север північ")
ZONE = _folded("zone utm_zone zona зона huso")
YEAR = _folded("year yr año ano anio année annee год рік سنة السنة عام")
MONTH = _folded("month mes mois месяц місяць شهر الشهر")

FAR = _folded(
    "takeoff take_off departure landing base headquarters hq office reporter contact hospital "
    "donor previous former camp home residence sede oficina contacto bureau штаб офис офіс "
    "entered modified edited created updated"
)
"""Words by which a column speaks of another place, person or time than the record itself."""

NEAR = _folded("target site accident incident hazard area field terrain sitio")
"""Words by which it speaks of the ground itself."""

_DESTROYED = ("destroyed", "destruid", "détruit", "detruit", "уничтож", "знищен", "دمر", "تدمير")
_TOTAL = _folded("total totals sum grand_total всего итого всього разом усього المجموع مجموع")
_MOMENTS = _folded("time timestamp date_time datetime")
_GENERIC = _folded("type name code number date value source area time")
_IDENTIFIERS = _folded("id code no number ref código codigo номер код رقم рег")
_OF_RECORD = _folded("record report task unique global local reporte informe rapport отчет звіт")


def part_of(heading: str, words: frozenset[str]) -> tuple[str, ...] | None:
    """Rest of a heading that holds one of the words, in pieces; None when it holds none.

    Examples
    --------
    >>> part_of("target_latitude", LATITUDE), part_of("LATITUD_Y", LATITUDE)
    (('target',), ())
    """
    whole = fold(heading)
    if whole in words:
        return ()
    parts = pieces(heading)
    for n, piece in enumerate(parts):
        if piece in words and len(piece) > 1:
            rest = parts[:n] + parts[n + 1 :]
            return tuple(one for one in rest if one not in {"x", "y", "dd", "deg", "wgs84", "wgs"})
    return None


def heading_unit(heading: str, measure: str) -> Unit | None:
    """Unit that a heading states for its numbers, or None."""
    if not measure:
        return None
    return unit_in_heading(heading, measure) or find_unit(heading, measure)


def destroyed_in(heading: str) -> bool:
    """Whether a heading says that what it counts was destroyed.

    Examples
    --------
    >>> destroyed_in("totalartefactosdestruidos"), destroyed_in("items found")
    (True, False)
    """
    return any(word in heading.casefold() for word in _DESTROYED)


def is_total(text: str) -> bool:
    """Whether a cell in a first column marks a row of totals."""
    return fold(text) in _TOTAL


@lru_cache(maxsize=4096)
def _heads(name: str, label: str, headings: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Folded headings with and without spaces, the field's own name first."""
    seen = dict.fromkeys(fold(one) for one in (name, *headings, label))
    return tuple((one, one.replace(" ", "")) for one in seen if one)


def nearness(column: str, field: Field, kind: Kind) -> float | None:
    """How far a heading is from a field: 0 is its very name, None has nothing to do with it.

    Below 1 the heading is one the field is known by; from 1 it only contains one.

    Examples
    --------
    >>> from tilth.core.kinds.catalogue import KINDS
    >>> kind = KINDS["clearance_summary"]
    >>> nearness("areadespejada", kind.field("declared_area_m2"), kind) < 1
    True
    >>> nearness("takeoff_location", kind.field("place"), kind) > 2
    True
    """
    folded = fold(column)
    joined = folded.replace(" ", "")
    parts = frozenset(folded.split())
    heads = _heads(field.name, field.label, field.headings)
    far = bool(parts & FAR) and folded != heads[0][0]  # a field's very name leads nowhere else
    away = (2.0 if far else 0.0) - (0.05 if parts & NEAR else 0.0)
    unit = unit_in_heading(column, field.unit) if field.unit else None
    for n, (head, bare) in enumerate(heads):
        if folded == head:
            return away + n * 0.001
        if joined == bare:
            return away + 0.1 + n * 0.001
    if unit is not None:
        stripped = " ".join(folded.split()[:-1])
        for n, (head, _) in enumerate(heads):
            if stripped == head:
                return away + 0.2 + n * 0.001
    if 8 <= len(column) <= 10 and column.isascii():  # dBASE cuts names at ten characters
        for n, (_, bare) in enumerate(heads):
            if bare.startswith(joined):
                return away + 0.3 + n * 0.001
    if field.name == "happened_on" and folded in _MOMENTS:
        return away + 0.9
    contained = _contained(folded, parts, field, kind, heads)
    if contained is None:
        return None
    return away + contained


def _contained(
    folded: str, parts: frozenset[str], field: Field, kind: Kind, heads: tuple[tuple[str, str], ...]
) -> float | None:
    """Nearness of a heading that contains one of the field's: more other words, further away."""
    if field.name == "local_id":
        known = _OF_RECORD | _IDENTIFIERS | frozenset(kind.name.split("_"))
        return 1.0 if parts & _IDENTIFIERS and parts <= known else None
    best: float | None = None
    padded = f" {folded} "
    for n, (head, bare) in enumerate(heads):
        short = len(bare) < (4 if bare.isascii() else 3)
        if short or bare in _GENERIC or f" {head} " not in padded:
            continue
        others = len(parts) - len(head.split())
        if field.type in {FieldType.TEXT, FieldType.RECORD} and others > 1:
            continue
        distance = 1.0 + 0.1 * others + n * 0.001
        best = distance if best is None else min(best, distance)
    return best
