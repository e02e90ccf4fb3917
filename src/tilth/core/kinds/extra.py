"""National extra fields: a programme's own fields and codes, from a TOML text.

::

    [[field]]
    kind = "hazard_area"          # or "clearance_report.items" for a field of its lines
    name = "x_parcel"             # always x_…, so that no later field of Tilth's own can collide
    type = "text"                 # any type but lines
    label = "Cadastral parcel"
    headings = ["parcela", "кадастровий номер"]

    [[codelist]]                  # a list of its own, for fields of type code or codes
    name = "x_tenure"
    codes = [{ value = "private", label = "Private" }, { value = "common", label = "Common" }]

    [[code]]                      # one more code in an open list of Tilth's
    codelist = "method"
    value = "x_rake_machine"
    label = "Raking machine"

Such fields are checked, stored, templated and documented like the built-in ones. They can be
part of the minimum data; they can never make a record refused for lacking them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Literal

import msgspec

from tilth.core.kinds.catalogue import codelists_of
from tilth.core.kinds.model import Code, Codelist, Field, FieldType, Kind
from tilth.core.problems import Problem, Refused, register

__all__ = ["extend"]

_NAME = re.compile(r"x_[a-z0-9_]{1,58}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9_]{1,60}", re.ASCII)


class _NewCode(msgspec.Struct, forbid_unknown_fields=True):
    value: str
    label: str
    words: tuple[str, ...] = ()
    codelist: str = ""


class _NewList(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    codes: tuple[_NewCode, ...]
    source: str = ""


class _NewField(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    name: str
    type: FieldType
    label: str
    help: str = ""
    clause: str = ""
    minimum: bool = False
    headings: tuple[str, ...] = ()
    codelist: str = ""
    unit: str = ""
    least: str | int | None = None
    most: str | int | None = None
    shapes: tuple[Literal["Point", "LineString", "Polygon"], ...] = ()
    refers_to: str = ""
    future: bool = False


class _Definitions(msgspec.Struct, forbid_unknown_fields=True):
    field: tuple[_NewField, ...] = ()
    codelist: tuple[_NewList, ...] = ()
    code: tuple[_NewCode, ...] = ()


def extend(kinds: Mapping[str, Kind], toml_text: str) -> dict[str, Kind]:
    """Kinds with the extra fields and codes of a TOML text; ``kinds`` itself stays as it is.

    Raises
    ------
    Refused
        With every problem found: not TOML, a key that has no meaning, a name without ``x_`` or
        taken already, an unknown kind, type, code list or referred kind, a code added to a list
        that rules read, bounds that are no numbers.
    """
    definitions = _parsed(toml_text)
    lists = codelists_of(kinds)
    problems = list(_list_problems(definitions, lists))
    if not problems:
        lists |= {one.name: _new_list(one) for one in definitions.codelist}
        lists = _with_codes(lists, definitions.code)
        problems = list(_field_problems(definitions, kinds, lists))
    if problems:
        raise Refused(*problems)
    grown: dict[str, Kind] = {}
    for name, kind in kinds.items():
        new = [one for one in definitions.field if one.kind.split(".")[0] == name]
        grown[name] = replace(kind, fields=_grown(kind.fields, name, new, lists))
    return grown


def _parsed(toml_text: str) -> _Definitions:
    try:
        return msgspec.convert(tomllib.loads(toml_text), _Definitions)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Refused(Problem("extra_malformed", "", {"reason": str(error)})) from error


def _list_problems(definitions: _Definitions, lists: Mapping[str, Codelist]) -> Iterator[Problem]:
    seen = set(lists)
    for one in definitions.codelist:
        where = f"code list {one.name}"
        yield from _name_problems(one.name, where, taken=one.name in seen)
        seen.add(one.name)
        values = [code.value for code in one.codes]
        if not values:
            yield Problem("extra_value", where, {"key": "codes", "value": "[]"})
        yield from _code_problems(values, where)
    for code in definitions.code:
        where = f"code {code.value}"
        target = lists.get(code.codelist)
        if target is None:
            yield Problem("extra_unknown", where, {"key": "codelist", "value": code.codelist})
        elif not target.open:
            yield Problem("extra_list_closed", where, {"codelist": code.codelist})
        yield from _name_problems(
            code.value, where, taken=target is not None and code.value in target
        )
    added = [f"{code.codelist} {code.value}" for code in definitions.code]
    for name in sorted({name for name in added if added.count(name) > 1}):
        yield Problem("extra_taken", f"code {name}", {"name": name})


def _name_problems(name: str, where: str, *, taken: bool) -> Iterator[Problem]:
    if not _NAME.fullmatch(name):
        yield Problem("extra_name", where, {"name": name})
    if taken:
        yield Problem("extra_taken", where, {"name": name})


def _code_problems(values: list[str], where: str) -> Iterator[Problem]:
    for value in values:
        if not _CODE.fullmatch(value):
            yield Problem("extra_value", where, {"key": "value", "value": value})
    for value in sorted({value for value in values if values.count(value) > 1}):
        yield Problem("extra_taken", where, {"name": value})


def _field_problems(
    definitions: _Definitions, kinds: Mapping[str, Kind], lists: Mapping[str, Codelist]
) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for one in definitions.field:
        where = f"field {one.kind}.{one.name}"
        home = _home(one.kind, kinds)
        if home is None:
            yield Problem("extra_unknown", where, {"key": "kind", "value": one.kind})
            continue
        taken = (one.kind, one.name) in seen or any(old.name == one.name for old in home)
        yield from _name_problems(one.name, where, taken=taken)
        seen.add((one.kind, one.name))
        yield from _type_problems(one, where, kinds, lists)


def _home(kind: str, kinds: Mapping[str, Kind]) -> tuple[Field, ...] | None:
    """Return the fields among which ``kind`` or ``kind.lines`` puts a new one."""
    name, _, lines = kind.partition(".")
    if name not in kinds:
        return None
    if not lines:
        return kinds[name].fields
    for one in kinds[name].fields:
        if one.name == lines and one.type is FieldType.LINES:
            return one.fields
    return None


def _type_problems(
    one: _NewField, where: str, kinds: Mapping[str, Kind], lists: Mapping[str, Codelist]
) -> Iterator[Problem]:
    coded = one.type in {FieldType.CODE, FieldType.CODES}
    if one.type is FieldType.LINES:
        yield Problem("extra_value", where, {"key": "type", "value": "lines"})
    if coded and one.codelist not in lists:
        yield Problem("extra_unknown", where, {"key": "codelist", "value": one.codelist})
    if not coded and one.codelist:
        yield Problem("extra_value", where, {"key": "codelist", "value": one.codelist})
    if (one.type is FieldType.SHAPE) != bool(one.shapes):
        yield Problem("extra_value", where, {"key": "shapes", "value": ", ".join(one.shapes)})
    if one.refers_to and one.refers_to not in kinds:
        yield Problem("extra_unknown", where, {"key": "refers_to", "value": one.refers_to})
    numeric = one.type in {FieldType.INTEGER, FieldType.DECIMAL}
    for key, bound in (("least", one.least), ("most", one.most)):
        if bound is not None and not (numeric and _is_number(bound)):
            yield Problem("extra_value", where, {"key": key, "value": bound})


def _is_number(bound: str | int) -> bool:
    try:
        return Decimal(bound).is_finite()
    except InvalidOperation:
        return False


def _new_list(one: _NewList) -> Codelist:
    codes = tuple(Code(code.value, code.label, code.words) for code in one.codes)
    return Codelist(one.name, codes, one.source, open=True)


def _with_codes(lists: Mapping[str, Codelist], codes: tuple[_NewCode, ...]) -> dict[str, Codelist]:
    grown = dict(lists)
    for code in codes:
        old = grown[code.codelist]
        new = Code(code.value, code.label, code.words)
        grown[code.codelist] = replace(old, codes=(*old.codes, new))
    return grown


def _grown(
    fields: tuple[Field, ...], path: str, new: list[_NewField], lists: Mapping[str, Codelist]
) -> tuple[Field, ...]:
    """Fields with their lists grown and the new fields of this path at the end."""
    old = tuple(
        replace(
            one,
            codelist=lists[one.codelist.name] if one.codelist else None,
            fields=_grown(one.fields, f"{path}.{one.name}", new, lists) if one.fields else (),
        )
        for one in fields
    )
    return old + tuple(_new_field(one, lists) for one in new if one.kind == path)


def _new_field(one: _NewField, lists: Mapping[str, Codelist]) -> Field:
    return Field(
        one.name,
        one.type,
        one.label,
        one.help,
        one.clause or "national",
        one.minimum,
        tuple(heading.casefold() for heading in one.headings),
        lists.get(one.codelist),
        one.unit,
        None if one.least is None else str(one.least),
        None if one.most is None else str(one.most),
        tuple(one.shapes),
        refers_to=one.refers_to,
        future=one.future,
    )


register(
    {
        "extra_malformed": (
            "The definitions of extra fields cannot be read: {reason}.",
            "Correct the TOML text; the page on extra fields shows the keys it may hold.",
        ),
        "extra_name": (
            "{name} cannot be the name of something national.",
            "Begin it with x_ and use lower-case letters, digits and underscores.",
        ),
        "extra_taken": (
            "There is already something called {name} here.",
            "Choose another name.",
        ),
        "extra_unknown": (
            "{value} is not known as {key}.",
            "Correct the name; the reference pages list kinds, types and code lists.",
        ),
        "extra_list_closed": (
            "Rules read the code list {codelist}, so no code can be added to it.",
            "Define a field and a code list of your own instead.",
        ),
        "extra_value": (
            "{value} does not fit as {key}.",
            "Correct or remove it; the page on extra fields says what each key may hold.",
        ),
    }
)
