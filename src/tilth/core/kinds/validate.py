"""Whether canonical fields say something the kind can hold.

What is refused and what is only incomplete is a short list (see `check`): an act that is refused
leaves nothing behind, so that everything that can be said goes in and is noticed instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tilth.core.kinds import values
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.values import Trouble
from tilth.core.problems import Parameter, Problem, register

__all__ = ["MOST_PROBLEMS", "Checked", "Checker", "check", "checker"]

MOST_PROBLEMS = 100
"""Problems told of one record; a record with more is broken as a whole."""

Check = Callable[[Any, str], Trouble | None]
_MAX_INTEGER = 2**53 - 1
_MOST_REMEMBERED = 10_000  # depths and weights recur; areas fill the memory once and stay right


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found.

    Parameters
    ----------
    fields
        The fields as given.
    problems
        Reasons to refuse the record; empty when it goes in.
    missing
        Names of minimum-data fields it lacks; with any, it goes in as *incomplete*. A field of
        lines is named ``items.model`` when at least one line lacks it.
    """

    fields: Mapping[str, Any]
    problems: tuple[Problem, ...]
    missing: tuple[str, ...]


def check(
    kind: Kind,
    fields: Mapping[str, Any],
    *,
    today: str,
    where: str = "",
    partial: bool = False,
) -> Checked:
    """Check canonical fields against a kind.

    Refused is a field the kind does not have, a value that is not of its type, code list or
    bounds, a day after ``today``, a missing `Kind.required` field (the day, the type of a
    release), and a record that none of `Kind.placed_by` places. Everything else goes in.

    Parameters
    ----------
    today
        ``YYYY-MM-DD`` in the operation's time zone.
    where
        Row, feature or record that the problems name.
    partial
        The fields are those of a revision: only what it states, so nothing is missing.

    Examples
    --------
    >>> from tilth.core.kinds.catalogue import KINDS
    >>> found = check(KINDS["hazard_area"], {"happened_on": "2026-03"}, today="2026-03-09")
    >>> [problem.code for problem in found.problems]
    ['not_placed']
    """
    return checker(kind).check(fields, today=today, where=where, partial=partial)


_COMPILED: dict[int, tuple[Kind, Checker]] = {}
_MOST_COMPILED = 1000


def checker(kind: Kind) -> Checker:
    """Return the compiled checks of a kind; the same kind gives the same object.

    Kinds hold functions and are not hashable, so they are told apart by identity; the table keeps
    each kind alive, by which its identity stays its own.
    """
    known = _COMPILED.get(id(kind))
    if known is None:
        if len(_COMPILED) >= _MOST_COMPILED:
            _COMPILED.clear()  # someone extends the kinds again and again; compile anew
        known = _COMPILED[id(kind)] = (kind, Checker(kind))
    return known[1]


class Checker:
    """Checks of one kind, compiled once: a table from field name to a function of the value."""

    def __init__(self, kind: Kind) -> None:
        self._checks = _simple_checks(kind.fields)
        self._lines = {one.name: _Lines(one) for one in kind.fields if one.type is FieldType.LINES}
        self._minimum = tuple(one.name for one in kind.fields if one.minimum)
        self._required = kind.required
        self._placed_by = kind.placed_by

    def check(
        self, fields: Mapping[str, Any], *, today: str, where: str = "", partial: bool = False
    ) -> Checked:
        """Check fields, see `tilth.core.kinds.validate.check`."""
        problems: list[Problem] = []
        missing: list[str] = []
        for name, value in fields.items():
            one = self._checks.get(name)
            if one is not None:
                trouble = one(value, today)
                if trouble is not None:
                    problems.append(_problem(trouble, where, name))
            elif name in self._lines:
                missing += self._lines[name].check(value, today, where, problems)
            else:
                problems.append(_problem(_unknown(name), where, ""))
        if not partial:
            problems += self._absent(fields, where)
            missing = [name for name in self._minimum if name not in fields] + missing
        return Checked(fields, tuple(problems[:MOST_PROBLEMS]), tuple(missing))

    def _absent(self, fields: Mapping[str, Any], where: str) -> list[Problem]:
        absent = [
            Problem(_ABSENT.get(name, "required_missing"), where, {"field": name})
            for name in self._required
            if name not in fields
        ]
        if self._placed_by and not any(name in fields for name in self._placed_by):
            absent.append(Problem("not_placed", where, {"fields": ", ".join(self._placed_by)}))
        return absent


_ABSENT = {"happened_on": "no_day", "release_type": "no_release_type"}


class _Lines:
    """Checks of a field of lines.

    A report may hold thousands of lines, so values of code lists are looked up here without a
    call; all other fields, and every value that is wrong, go to the field's own check.
    """

    def __init__(self, definition: Field) -> None:
        self._name = definition.name
        self._longest = definition.longest
        checks = _simple_checks(definition.fields)
        self._checks = {
            one.name: (_allowed(one) if one.type is FieldType.CODE else _NONE, checks[one.name])
            for one in definition.fields
        }
        self._minimum = frozenset(one.name for one in definition.fields if one.minimum)

    def check(self, lines: object, today: str, where: str, problems: list[Problem]) -> list[str]:
        """Add the problems of the lines; return the dotted names of minimum fields they lack."""
        if not isinstance(lines, list) or not lines:
            trouble = Trouble("bad_lines", {"value": values.shown(lines)})
            problems.append(_problem(trouble, where, self._name))
            return []
        if len(lines) > self._longest:
            trouble = Trouble("too_long", {"length": len(lines), "longest": self._longest})
            problems.append(_problem(trouble, where, self._name))
            return []
        lacked: set[str] = set()
        minimum = self._minimum
        for number, line in enumerate(lines, 1):
            if type(line) is not dict or not line:
                trouble = Trouble("bad_lines", {"value": values.shown(line)})
                problems.append(_problem(trouble, where, f"{self._name} {number}"))
                continue
            if not minimum <= line.keys():
                lacked |= minimum - line.keys()
            for name, trouble in self._troubles(line, today):
                problems.append(_problem(trouble, where, f"{self._name} {number}, {name}"))
            if len(problems) > MOST_PROBLEMS:
                break
        return [f"{self._name}.{name}" for name in sorted(lacked)]

    def _troubles(self, line: dict[str, Any], today: str) -> Sequence[tuple[str, Trouble]]:
        found: list[tuple[str, Trouble]] | None = None
        checks = self._checks
        for name, value in line.items():
            known = checks.get(name)
            if known is None:
                trouble: Trouble | None = _unknown(name)
            else:
                codes, one = known
                if type(value) is str and value in codes:
                    continue
                trouble = one(value, today)
            if trouble is not None:
                found = [*(found or ()), (name, trouble)]
        return found or ()


_NONE: frozenset[str] = frozenset()


def _unknown(name: object) -> Trouble:
    return Trouble("no_such_field", {"field": values.shown(name)})


def _problem(trouble: Trouble, where: str, name: str) -> Problem:
    parts = [part for part in (where, name, trouble.inside) if part]
    params: dict[str, Parameter] = dict(trouble.params)
    return Problem(trouble.code, ", ".join(parts), params)


def _simple_checks(fields: Sequence[Field]) -> dict[str, Check]:
    return {one.name: _BUILDERS[one.type](one) for one in fields if one.type is not FieldType.LINES}


def _text(definition: Field) -> Check:
    longest = definition.longest

    def check_text(value: Any, _today: str) -> Trouble | None:
        # The way through for nearly every text; `bad_text` says what is wrong with the others.
        if (
            type(value) is str
            and 0 < len(value) <= longest
            and value.isascii()
            and value.isprintable()
            and value[0] != " "
        ):
            return None
        return values.bad_text(value, longest)

    return check_text


def _list_of(definition: Field, one: Callable[[Any], Trouble | None]) -> Check:
    longest = definition.longest

    def check_list(value: Any, _today: str) -> Trouble | None:
        if type(value) is not list or not value:
            return Trouble("bad_list", {"value": values.shown(value)})
        if len(value) > longest:
            return Trouble("too_long", {"length": len(value), "longest": longest})
        for entry in value:
            trouble = one(entry)
            if trouble is not None:
                return trouble
        return None

    return check_list


def _texts(definition: Field) -> Check:
    return _list_of(definition, lambda entry: values.bad_text(entry, 500))


def _allowed(definition: Field) -> frozenset[str]:
    if definition.codelist is None:
        msg = f"field {definition.name!r} of codes has no code list"
        raise ValueError(msg)
    return frozenset(code.value for code in definition.codelist.codes)


def _code_trouble(definition: Field) -> Callable[[Any], Trouble | None]:
    allowed = _allowed(definition)
    known_as = definition.codelist.name if definition.codelist else ""

    def check_code(value: Any) -> Trouble | None:
        if type(value) is str and value in allowed:
            return None
        return Trouble("bad_code", {"value": values.shown(value), "codelist": known_as})

    return check_code


def _code(definition: Field) -> Check:
    trouble_of = _code_trouble(definition)

    def check_one(value: Any, _today: str) -> Trouble | None:
        return trouble_of(value)

    return check_one


def _codes(definition: Field) -> Check:
    return _list_of(definition, _code_trouble(definition))


def _bounds(definition: Field) -> Callable[[Any, Decimal | int], Trouble | None]:
    """Check inclusive bounds; the second argument is the number that the value writes."""
    least = None if definition.least is None else Decimal(definition.least)
    most = None if definition.most is None else Decimal(definition.most)

    def check_bounds(value: Any, number: Decimal | int) -> Trouble | None:
        if least is not None and number < least:
            return Trouble("below_least", {"value": values.shown(value), "least": str(least)})
        if most is not None and number > most:
            return Trouble("above_most", {"value": values.shown(value), "most": str(most)})
        return None

    return check_bounds


def _integer(definition: Field) -> Check:
    bounds = _bounds(definition)
    least = -_MAX_INTEGER if definition.least is None else int(definition.least)
    most = _MAX_INTEGER if definition.most is None else int(definition.most)

    def check_integer(value: Any, _today: str) -> Trouble | None:
        if type(value) is int and least <= value <= most:
            return None
        if type(value) is not int or abs(value) > _MAX_INTEGER:
            return Trouble("bad_integer", {"value": values.shown(value)})
        return bounds(value, value)

    return check_integer


def _decimal(definition: Field) -> Check:
    bounds = _bounds(definition)
    only_positive = definition.least == "0" and definition.most is None

    seen: set[str] = set()

    def check_decimal(value: Any, _today: str) -> Trouble | None:
        if type(value) is str and value in seen:
            return None
        trouble = values.bad_decimal(value)
        if trouble is None and not (only_positive and value[0] != "-"):
            trouble = bounds(value, Decimal(value))
        if trouble is None and len(seen) < _MOST_REMEMBERED:
            seen.add(value)
        return trouble

    return check_decimal


def _boolean(_definition: Field) -> Check:
    def check_boolean(value: Any, _today: str) -> Trouble | None:
        if type(value) is bool:
            return None
        return Trouble("bad_boolean", {"value": values.shown(value)})

    return check_boolean


def _day(definition: Field) -> Check:
    future = definition.future

    def check_day(value: Any, today: str) -> Trouble | None:
        return values.bad_day(value, today, future=future)

    return check_day


def _time(_definition: Field) -> Check:
    def check_time(value: Any, _today: str) -> Trouble | None:
        return values.bad_time(value)

    return check_time


def _shape(definition: Field) -> Check:
    allowed = frozenset(definition.shapes) | {f"Multi{name}" for name in definition.shapes}

    def check_shape(value: Any, _today: str) -> Trouble | None:
        return values.bad_shape(value, allowed)

    return check_shape


_BUILDERS: dict[FieldType, Callable[[Field], Check]] = {
    FieldType.TEXT: _text,
    FieldType.TEXTS: _texts,
    FieldType.CODE: _code,
    FieldType.CODES: _codes,
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _decimal,
    FieldType.BOOLEAN: _boolean,
    FieldType.DAY: _day,
    FieldType.TIME: _time,
    FieldType.SHAPE: _shape,
    FieldType.RECORD: _text,
    FieldType.RECORDS: _texts,
}

register(
    {
        "no_such_field": (
            "The kind has no field called {field}.",
            "Use a field of the kind's reference page, or define it as a national extra field.",
        ),
        "empty_value": (
            "The value is empty.",
            "Leave the field out when the value is not known.",
        ),
        "too_long": (
            "{length} characters or entries are more than the {longest} that are allowed.",
            "Shorten it, or attach a document.",
        ),
        "bad_text": (
            "{value} is not a text that can be kept.",
            "Write it as text, without control characters.",
        ),
        "bad_list": (
            "{value} is not a list of at least one entry.",
            "Give a list, or leave the field out.",
        ),
        "bad_lines": (
            "{value} is not a line with fields of its own.",
            "Give a list of lines, or leave the field out.",
        ),
        "bad_code": (
            "{value} is not in the code list {codelist}.",
            "Use one of its codes, or map the word to a code in the mapping file.",
        ),
        "bad_number": (
            "{value} is not a number.",
            "Write digits with a point for decimals and no separator of thousands.",
        ),
        "bad_integer": (
            "{value} is not a whole number.",
            "Write a whole number in digits.",
        ),
        "below_least": (
            "{value} is less than {least}, the least that is possible.",
            "Check the number, its sign and its unit.",
        ),
        "above_most": (
            "{value} is more than {most}, the most that is possible.",
            "Check the number, its decimal separator and its unit.",
        ),
        "bad_boolean": (
            "{value} is neither true nor false.",
            "Give true or false.",
        ),
        "bad_date": (
            "{value} is not a day, month or year of the calendar since 1800.",
            "Write it as 2026-03-01, 2026-03 or 2026.",
        ),
        "day_after_today": (
            "{value} lies after today, {today}.",
            "Correct the day; what is planned is not yet a record.",
        ),
        "bad_time": (
            "{value} is not a time in UTC.",
            "Write it as 2026-03-01T14:05:00Z.",
        ),
        "bad_shape": (
            "{value} is not the form of a shape.",
            "Give a GeoJSON geometry with [longitude, latitude] in integer 1e-9 degrees.",
        ),
        "wrong_shape_type": (
            "A shape of type {value} does not fit here; wanted: {wanted}.",
            "Give a shape of the wanted type, or put this one into another field.",
        ),
        "too_few_positions": (
            "{count} positions are too few; at least {least} are needed.",
            "Digitise the shape again, or place the record by a point.",
        ),
        "ring_not_closed": (
            "The ring does not end where it begins.",
            "Repeat the first position as the last one.",
        ),
        "required_missing": (
            "The record has no {field}.",
            "Fill in the field; in an import, map a column to it or set it for the whole file.",
        ),
        "no_day": (
            "The record has no day, month or year.",
            "Give at least the year in happened_on, if need be for the whole file.",
        ),
        "no_release_type": (
            "The release does not say whether ground was cancelled, reduced or cleared.",
            "Give release_type, if need be for the whole file.",
        ),
        "not_placed": (
            "Nothing places the area.",
            "Give at least one of: {fields}.",
        ),
    }
)
