"""Reference pages of kinds, code lists and statuses, made from the definitions.

Pages are MyST Markdown; beside each kind's page lie its JSON schema and its import template.
``python -m tilth.text.reference FOLDER`` writes them; the documentation build does the same.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from tilth.core.kinds.catalogue import KINDS, codelists_of
from tilth.core.kinds.model import Codelist, Field, FieldType, Kind
from tilth.core.kinds.schema import json_schema
from tilth.core.kinds.status import VOCABULARIES
from tilth.text.templates import template_csv, template_mapping

__all__ = ["codelists_page", "kind_page", "main", "pages", "statuses_page"]

_TYPES = {
    FieldType.TEXT: "text",
    FieldType.TEXTS: "list of texts",
    FieldType.CODE: "code",
    FieldType.CODES: "list of codes",
    FieldType.INTEGER: "whole number",
    FieldType.DECIMAL: "decimal",
    FieldType.BOOLEAN: "true or false",
    FieldType.DAY: "day, month or year",
    FieldType.TIME: "time (UTC)",
    FieldType.SHAPE: "shape",
    FieldType.RECORD: "record",
    FieldType.RECORDS: "list of records",
    FieldType.LINES: "lines",
}


def pages(kinds: Mapping[str, Kind] = KINDS) -> dict[str, str]:
    """Text of every file by name: pages, and for each kind what its page offers to download."""
    made = {f"kind-{name}.md": kind_page(kind) for name, kind in kinds.items()}
    for name, kind in kinds.items():
        schemas = {"schema": json_schema(kind), "revision.schema": json_schema(kind, partial=True)}
        for ending, schema in schemas.items():
            text = json.dumps(schema, ensure_ascii=False, indent=1)
            made[f"{name}.{ending}.json"] = text + "\n"
        made[f"{name}.csv"] = template_csv(kind)
        made[f"{name}.toml"] = template_mapping(kind)
    made["codelists.md"] = codelists_page(codelists_of(kinds).values())
    made["statuses.md"] = statuses_page()
    made["kinds.md"] = _index(kinds.values())
    return made


def kind_page(kind: Kind) -> str:
    """Page of one kind: rules of what is refused, a table of fields, headings that are known."""
    parts = [f"# {kind.label} (`{kind.name}`)", kind.help, f"Version {kind.version}."]
    if kind.protected:
        parts.append(
            "**Protected.** The log holds a salted commitment; content stays in the vault and "
            "can be erased."
        )
    if kind.required:
        parts.append(f"Refused without {_names(kind.required)}.")
    if kind.placed_by:
        parts.append(f"Refused unless at least one of these places it: {_names(kind.placed_by)}.")
    parts.append(
        "● marks the minimum data and what a record is refused without; a record that lacks other "
        "minimum data goes in as *incomplete*, with a finding. ○ marks the rest."
    )
    parts += ["## Fields", _fields_table(kind.fields, kind.required)]
    for one in kind.fields:
        if one.fields:
            parts += [f"## Fields of a line of `{one.name}`", _fields_table(one.fields)]
    parts += [
        "## Files",
        f"To fill in: {{download}}`table <{kind.name}.csv>` and the "
        f"{{download}}`mapping <{kind.name}.toml>` that explains its columns. For programs: JSON "
        f"schema of {{download}}`a record <{kind.name}.schema.json>` and of "
        f"{{download}}`a revision <{kind.name}.revision.schema.json>`.",
        "## Headings that are known",
        "By these an import suggests which column holds which field.",
        _headings_table(kind.fields),
    ]
    return "\n\n".join(part.rstrip() for part in parts if part) + "\n"


def codelists_page(lists: Iterable[Codelist]) -> str:
    """Page of every code list with its source, its codes and the words files use for them."""
    parts = [
        "# Code lists",
        "A national programme may add codes to an *open* list and lists of its own; rules read "
        "the others.",
    ]
    for listed in sorted(lists, key=lambda one: one.name):
        parts.append(f"({_anchor(listed)})=\n## `{listed.name}`{' (open)' if listed.open else ''}")
        if listed.source:
            parts.append(f"Source: {_cell(listed.source)}.")
        rows = (
            (f"`{code.value}`", _cell(code.label), _cell(", ".join(code.words)))
            for code in listed.codes
        )
        parts.append(_table(("code", "meaning", "words in files"), rows))
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def statuses_page() -> str:
    """Page of the vocabularies of status and what each word says on the three axes."""
    parts = [
        "# Vocabularies of status",
        "The word as entered is kept; beside it stands what it says of work and of release. No "
        "word releases ground.",
    ]
    for one in VOCABULARIES.values():
        rows = (
            (
                _cell(word),
                _code(axes.classification),
                _code(axes.work_status),
                _code(axes.release_claim),
            )
            for word, axes in one.words.items()
        )
        parts += [f"## `{one.name}`", f"Source: {_cell(one.source)}."]
        parts.append(_table(("word", "classification", "work_status", "release_claim"), rows))
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _index(kinds: Iterable[Kind]) -> str:
    listed = list(kinds)
    rows = ((f"[`{one.name}`](kind-{one.name}.md)", _cell(one.help)) for one in listed)
    names = "\n".join(f"kind-{one.name}" for one in listed)
    return (
        "# Kinds of record\n\n"
        f"{_table(('kind', 'what it records'), rows)}\n"
        f"```{{toctree}}\n:hidden:\n\n{names}\ncodelists\nstatuses\n```\n"
    )


def _fields_table(fields: Iterable[Field], required: Collection[str] = ()) -> str:
    rows = (
        (
            f"{'●' if one.minimum or one.name in required else '○'} `{one.name}`",
            _said(one),
            _type(one),
            _cell(one.clause),
        )
        for one in fields
    )
    return _table(("field", "meaning", "value", "source"), rows)


def _said(one: Field) -> str:
    return _cell(f"{one.label}. {one.help}" if one.help else f"{one.label}.")


def _type(one: Field) -> str:
    """Type of the value with its code list, unit, bounds, shapes and referred kind."""
    said = _TYPES[one.type]
    if one.codelist:
        said += f" of [`{one.codelist.name}`](#{_anchor(one.codelist)})"
    if one.shapes:
        said += f": {' or '.join(one.shapes)}"
    if one.refers_to:
        said += f" of kind [`{one.refers_to}`](kind-{one.refers_to}.md)"
    if one.unit:
        said += f", in {one.unit}"
    if one.least is not None:
        said += f", at least {one.least}"
    if one.most is not None:
        said += f", at most {one.most}"
    if one.future:
        said += ", may lie after today"
    return said


def _headings_table(fields: Iterable[Field]) -> str:
    rows: list[tuple[str, str]] = []
    for one in fields:
        rows += _heading_rows(one, "")
        for inner in one.fields:
            rows += _heading_rows(inner, f"{one.name}.")
    return _table(("field", "headings"), iter(rows))


def _heading_rows(one: Field, path: str) -> Iterator[tuple[str, str]]:
    if one.headings:
        yield f"`{path}{one.name}`", _cell(", ".join(one.headings))


def _anchor(listed: Codelist) -> str:
    return f"codelist-{listed.name.replace('_', '-')}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _code(value: str) -> str:
    return f"`{value}`" if value else ""


def _cell(text: str) -> str:
    """Text for a cell of a table: one line, no column breaks, no markup by accident."""
    escaped = " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")
    for sign in "<>*_`{}[]$#":
        escaped = escaped.replace(sign, f"\\{sign}")
    return escaped


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [" | ".join(headings), " | ".join("---" for _ in headings)]
    lines += [" | ".join(row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def main(arguments: list[str]) -> None:
    """Write the pages into the folder named, those that differ from what is there."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
