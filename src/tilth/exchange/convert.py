"""Cells to canonical values: one function for each column, compiled from its field and format.

A function gives the value, None for a cell that says nothing, or `Bad` with a problem code.
Values of text cells are remembered, since columns repeat themselves.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tilth.core.kinds.model import Codelist, Field, FieldType
from tilth.core.problems import register
from tilth.exchange.dates import DateFormat, excel_day, read_date
from tilth.exchange.numbers import Bounds, NumberFormat, read_number
from tilth.exchange.table import Cell, Entered, plain
from tilth.exchange.units import Unit, convert, find_unit
from tilth.exchange.words import BLANK, UNKNOWN, fold

__all__ = ["Bad", "Convert", "Format", "bounds_of", "converter", "fitting", "words_of"]

_REMEMBERED = 50_000
_YES = {"yes", "y", "true", "1", "x", "si", "s", "oui", "o", "да", "д", "так", "نعم"}
_NO = {"no", "n", "false", "0", "non", "нет", "н", "ні", "لا"}


@dataclass(frozen=True, slots=True)
class Bad:
    """Why a cell gives no value."""

    code: str
    value: str


@dataclass(frozen=True, slots=True)
class Format:
    """How the cells of one column are written.

    Parameters
    ----------
    unit
        Unit of the cells; None for the field's own.
    words
        Word in the file → value, from the mapping; compared folded.
    """

    numbers: NumberFormat = dataclasses.field(default_factory=NumberFormat)
    dates: DateFormat = dataclasses.field(default_factory=DateFormat)
    unit: Unit | None = None
    words: Mapping[str, str] | None = None


Convert = Callable[[Cell], Any]


def bounds_of(field: Field) -> Bounds:
    """Bounds by which a field can rule out a reading of its numbers."""
    most = Decimal(field.most) if field.most else None
    if field.unit == "deg":
        most = Decimal(180)
    return Bounds(field.type is FieldType.INTEGER, most)


def words_of(codelist: Codelist) -> dict[str, str]:
    """Every folded word by which files call a code → the code."""
    words: dict[str, str] = {}
    for code in codelist.codes:
        for word in (code.value, code.label, *code.words):
            words.setdefault(fold(word), code.value)
    return words


def converter(field: Field, form: Format) -> Convert:
    """Compile the function from cell to canonical value for one column of a field."""
    make = _MAKERS.get(field.type, _text)
    inner = make(field, form)
    given = {fold(word): value for word, value in (form.words or {}).items()}
    if given:
        inner = _with_words(inner, given, field)
    return _remembering(inner)


def _remembering(inner: Convert) -> Convert:
    memory: dict[str, Any] = {}

    def remembered(cell: Cell) -> Any:
        if type(cell) is not str:
            return None if cell is None else inner(cell)
        try:
            return memory[cell]
        except KeyError:
            pass
        value = inner(cell) if cell and not cell.isspace() else None
        if len(memory) >= _REMEMBERED:
            memory.clear()
        memory[cell] = value
        return value

    return remembered


def _with_words(inner: Convert, given: dict[str, str], field: Field) -> Convert:
    many = field.type in {FieldType.CODES, FieldType.TEXTS, FieldType.RECORDS}

    def mapped(cell: Cell) -> Any:
        value = given.get(fold(plain(cell)))
        if value is None:
            return inner(cell)
        if value == "":
            return None
        return [value] if many else inner(value)

    return mapped


def _blank(text: str) -> bool:
    return text.lower() in BLANK


def _text(field: Field, _form: Format) -> Convert:
    placing = field.name in {"place", "country", "admin1"}

    def read(cell: Cell) -> str | None:
        text = plain(cell).replace("\N{NO-BREAK SPACE}", " ").strip()
        if _blank(text) or (placing and text.lower() in UNKNOWN):
            return None
        return text

    return read


def _texts(_field: Field, _form: Format) -> Convert:
    def read(cell: Cell) -> list[str] | None:
        return _pieces(cell) or None

    return read


def _pieces(cell: Cell) -> list[str]:
    """Entries of a cell with several: a JSON list, or text with semicolons, bars or lines."""
    if isinstance(cell, list):
        return [text for one in cell if (text := plain(one).strip())]  # type: ignore[arg-type]
    text = plain(cell)
    for sign in ("|", "\n"):
        text = text.replace(sign, ";")
    return [one for piece in text.split(";") if (one := piece.strip()) and not _blank(one)]


def _code(field: Field, _form: Format) -> Convert:
    words = words_of(field.codelist) if field.codelist else {}

    def read(cell: Cell) -> str | Bad | None:
        text = plain(cell).strip()
        if _blank(text):
            return None
        found = words.get(fold(text))
        return found if found is not None else Bad("unknown_word", text)

    return read


def _codes(field: Field, _form: Format) -> Convert:
    words = words_of(field.codelist) if field.codelist else {}

    def read(cell: Cell) -> list[str] | Bad | None:
        whole = plain(cell) if not isinstance(cell, list) else ""
        if whole and fold(whole) in words:
            return [words[fold(whole)]]
        found: list[str] = []
        entries = _pieces(cell)
        if len(entries) == 1 and fold(entries[0]) not in words:
            entries = [one for piece in entries[0].split(",") if (one := piece.strip())]
        for entry in entries:
            code = words.get(fold(entry))
            if code is None:
                return Bad("unknown_word", entry)
            if code not in found:
                found.append(code)
        return found or None

    return read


def _decimal(field: Field, form: Format) -> Convert:
    unit = form.unit

    same = unit is None or unit.factor == unit.divisor

    def read(cell: Cell) -> str | Bad | None:
        if same and type(cell) is Entered and "e" not in cell and "E" not in cell:
            return str(cell)  # the grammar of JSON numbers is ours, but for exponents
        number = _number(cell, form.numbers)
        if number is None or isinstance(number, Bad):
            return number
        digits, word = number
        own = unit
        if word:
            own = find_unit(word, field.unit) if field.unit else None
            if own is None:
                return Bad("not_a_number", plain(cell))
        return convert(digits, own) if own is not None else digits

    return read


def _number(cell: Cell, form: NumberFormat) -> tuple[str, str] | Bad | None:
    """Canonical digits and what follows them; typed numbers have one reading."""
    if isinstance(cell, bool | dt.date | list | dict):
        return Bad("not_a_number", plain(cell))
    if type(cell) is not str:
        text = plain(cell)
        if text in {"nan", "inf", "-inf"}:
            return None if text == "nan" else Bad("not_a_number", text)
        form = NumberFormat(".")
    else:
        text = cell.strip()
        if _blank(text):
            return None
    digits, rest = read_number(text, form)
    return (digits, rest) if digits else Bad(rest, text)


def _integer(_field: Field, form: Format) -> Convert:
    def read(cell: Cell) -> int | Bad | None:
        if type(cell) is int:
            return cell
        number = _number(cell, form.numbers)
        if number is None or isinstance(number, Bad):
            return number
        digits, word = number
        whole, _, fraction = digits.partition(".")
        if word or fraction.strip("0"):
            return Bad("not_a_number", plain(cell))
        return int(whole) if len(whole) < 19 else Bad("not_a_number", plain(cell))

    return read


def _boolean(_field: Field, _form: Format) -> Convert:
    def read(cell: Cell) -> bool | Bad | None:
        if isinstance(cell, bool):
            return cell
        text = fold(plain(cell))
        if text in _YES or text in _NO:
            return text in _YES
        return None if _blank(text) or text in UNKNOWN else Bad("not_yes_or_no", plain(cell))

    return read


def _day(_field: Field, form: Format) -> Convert:
    def read(cell: Cell) -> str | Bad | None:
        if isinstance(cell, dt.date):
            return cell.isoformat()[:10]
        if isinstance(cell, bool | list | dict):
            return Bad("not_a_date", plain(cell))
        if isinstance(cell, int | float | Entered):
            return _typed_day(cell)
        text = plain(cell).strip()
        if _blank(text) or text.lower() in UNKNOWN:
            return None
        day, why = read_date(text, form.dates)
        return day or Bad(why, text)

    return read


def _typed_day(cell: int | float | str) -> str | Bad:
    """Read a number in a column of dates: a year, ``20240318``, or a spreadsheet's serial day."""
    text = plain(cell)
    if text.isdecimal() and len(text) in {4, 8}:
        day, why = read_date(text, DateFormat(""))
        return day or Bad(why, text)
    try:
        return excel_day(float(text))
    except ValueError:
        return Bad("not_a_date", text)


def _time(field: Field, form: Format) -> Convert:
    day = _day(field, form)

    def read(cell: Cell) -> Any:
        moment = None
        if isinstance(cell, dt.datetime):
            moment = cell
        elif isinstance(cell, str):
            try:
                moment = dt.datetime.fromisoformat(cell.strip())
            except ValueError:
                return Bad("not_a_time", cell)
        if moment is None:
            return day(cell)
        if moment.tzinfo is not None:
            moment = moment.astimezone(dt.UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    return read


_MAKERS: dict[FieldType, Callable[[Field, Format], Convert]] = {
    FieldType.TEXT: _text,
    FieldType.TEXTS: _texts,
    FieldType.CODE: _code,
    FieldType.CODES: _codes,
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _decimal,
    FieldType.BOOLEAN: _boolean,
    FieldType.DAY: _day,
    FieldType.TIME: _time,
    FieldType.RECORD: _text,
    FieldType.RECORDS: _texts,
}


def fitting(convert_cell: Convert, values: Iterable[Cell]) -> float:
    """Share of values that a column's function reads, 0 to 1; 1 for no values."""
    good = total = 0
    for value in values:
        result = convert_cell(value)
        if result is None:
            continue
        total += 1
        good += not isinstance(result, Bad) or result.code.startswith("ambiguous")
    return good / total if total else 1.0


register(
    {
        "unknown_word": (
            "{value} in column {column} is no known word for {field}.",
            "Say in a mapping what it means: [values.{field}] {value} = one of {codes}.",
        ),
        "not_yes_or_no": (
            "{value} in column {column} is neither yes nor no.",
            "Write yes or no, or leave the cell empty.",
        ),
        "not_a_time": (
            "{value} in column {column} is not a time.",
            "Write it as 2026-03-01T14:05:00Z.",
        ),
    }
)
