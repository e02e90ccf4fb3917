"""Units that files use, converted exactly to the unit that a field's name states.

Factors are definitions or the usual legal value; a unit whose size differs between countries
names the country, and the plain word takes the value most used in mine action, which is stated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from tilth.exchange.words import fold

__all__ = ["Unit", "convert", "find_unit", "unit_in_heading"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and its size in the unit of the field.

    Parameters
    ----------
    name
        Short name, as in a mapping file.
    measure
        ``m2``, ``cm``, ``kg``, ``h``, ``m`` or ``deg``: which fields it fits.
    factor, divisor
        Size of one of it in that measure is their quotient.
    note
        What must be stated when it is used.
    """

    name: str
    measure: str
    factor: Decimal
    divisor: Decimal = Decimal(1)
    note: str = ""


_TABLE = """
m2 | m2 | 1 | | sqm sq_m square_metres square_meters metros_cuadrados metros2 mts2 mt2 mq
   mètres_carrés кв_м м2 м_кв متر_مربع م2 مترمربع
km2 | m2 | 1000000 | | sq_km sqkm square_kilometres square_kilometers kilómetros_cuadrados км2 кв_км
   كم2 كيلومتر_مربع
ha | m2 | 10000 | | has hectare hectares hectárea hectáreas га гектар гектаров гектарів هكتار
are | m2 | 100 | | ares
dunam | m2 | 1000 | metric dunam, 1,000 m² | dunum dunums dunams donum donums dönüm دونم دونمات
donum_iraq | m2 | 2500 | Iraqi donum, 2,500 m² | mishara
donum_cyprus | m2 | 1337.803776 | Cypriot donum, 1,337.803776 m² |
jerib | m2 | 2000 | Afghan jerib, 2,000 m² | jeribs jirib جریب
acre | m2 | 4046.8564224 | international acre, 4,046.8564224 m² | acres
feddan | m2 | 12602.5/3 | Egyptian feddan, 4,200.833 m² | feddans فدان
manzana | m2 | 7000 | manzana of 7,000 m² | manzanas
rai | m2 | 1600 | |
sq_ft | m2 | 0.09290304 | | sqft ft2 square_feet
sq_yd | m2 | 0.83612736 | | yd2 square_yards
cm | cm | 1 | | centimetres centimeters centímetros см سم
mm | cm | 0.1 | | millimetres millimeters мм
m | cm | 100 | | metre metres meter meters metros mètres м метров метрів متر
inch | cm | 2.54 | | in inches pulgadas
ft | cm | 30.48 | | feet foot pies
kg | kg | 1 | | kgs kilogram kilograms kilos кг كغ كجم
g | kg | 0.001 | | gr gram grams gramos гр غرام
t | kg | 1000 | | tonne tonnes metric_tons тонн طن
lb | kg | 0.45359237 | | lbs pounds libras
short_ton | kg | 907.18474 | short ton of 2,000 lb | us_ton
h | h | 1 | | hr hrs hour hours horas heures час часов годин ساعة ساعات
min | h | 1/60 | | mins minutes minutos минут хвилин دقيقة
metre | m | 1 | | m metres meter meters metros mètres м метров متر
kilometre | m | 1000 | | km kilometres kilometers км كم
foot | m | 0.3048 | | ft feet pies
degree | deg | 1 | | deg ° degrees grados
"""


def _read_table() -> dict[tuple[str, str], Unit]:
    units = {}
    for row in re.sub(r"\n\s+", " ", _TABLE.strip()).splitlines():
        name, measure, factor, note, words = (cell.strip() for cell in row.split("|"))
        factor, _, divisor = factor.partition("/")
        unit = Unit(name, measure, Decimal(factor), Decimal(divisor or 1), note)
        for word in (name, *words.split()):
            units[measure, fold(word)] = unit
    return units


_UNITS = _read_table()
_BRACKETS = re.compile(r"[(\[]([^()\[\]]{1,30})[)\]]\s*$|,\s*([^\s,]{1,12})\s*$")


def find_unit(word: str, measure: str) -> Unit | None:
    """Find the unit that a word names, for a field of that measure.

    Examples
    --------
    >>> find_unit("га", "m2").factor
    Decimal('10000')
    """
    return _UNITS.get((measure, fold(word)))


def unit_in_heading(heading: str, measure: str) -> Unit | None:
    """Find a unit at the end of a heading: ``Área (ha)``, ``area_ha``, ``Площадь, га``.

    Examples
    --------
    >>> unit_in_heading("Площадь, га", "m2").name
    'ha'
    >>> unit_in_heading("area_sqm", "m2").name
    'm2'
    """
    if (match := _BRACKETS.search(heading)) and (
        unit := find_unit(match[1] or match[2], measure)
    ) is not None:
        return unit
    parts = fold(heading).split()
    for size in (2, 1):
        if len(parts) > size and (unit := _UNITS.get((measure, " ".join(parts[-size:])))):
            return unit
    return None


def convert(number: str, unit: Unit) -> str:
    """Convert canonical digits, exactly, to the measure of the unit.

    Examples
    --------
    >>> convert("5.20", find_unit("ha", "m2")), convert("5.20", find_unit("m2", "m2"))
    ('52000', '5.20')
    """
    if unit.factor == unit.divisor:
        return number
    text = format(Decimal(number) * unit.factor / unit.divisor, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
