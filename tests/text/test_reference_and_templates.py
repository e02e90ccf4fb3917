"""Reference pages and templates leave nothing out, and the import reads the templates."""

import csv
import io
import json
import re
import tomllib
from pathlib import Path

import pytest

from tilth.core.kinds.catalogue import CODELISTS, KINDS, all_fields
from tilth.core.kinds.model import FieldType, Kind
from tilth.core.kinds.schema import json_schema
from tilth.core.kinds.status import VOCABULARIES
from tilth.exchange.mapping_file import check_columns, read_mapping
from tilth.text.reference import main, pages
from tilth.text.templates import template_columns, template_csv, template_mapping

PAGES = pages()


def rows(page: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith("|")]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_field_of_a_kind_is_on_its_page(kind: Kind) -> None:
    page = PAGES[f"kind-{kind.name}.md"]
    for path, one in all_fields(kind.fields):
        (row, *_) = [line for line in rows(page) if f" `{one.name}` |" in line]
        if "." not in path:
            assert one.label in row
        if one.codelist and "." not in path:
            assert f"(#codelist-{one.codelist.name.replace('_', '-')})" in row
    for line in kind.fields:
        for one in line.fields:
            section = page.split(f"## Fields of a line of `{line.name}`")[1].split("\n## ")[0]
            assert f"`{one.name}`" in section
            assert one.clause in section
    assert kind.help in page


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_units_bounds_and_minimum_data_are_said(kind: Kind) -> None:
    for one in kind.fields:
        (row, *_) = [
            line for line in rows(PAGES[f"kind-{kind.name}.md"]) if f" `{one.name}` |" in line
        ]
        value = re.split(r"(?<!\\)\|", row)[3]
        assert (f", in {one.unit}" in value) == bool(one.unit)
        assert (f"at least {one.least}" in value) == (one.least is not None)
        assert ("●" in row) == (one.minimum or one.name in kind.required)


def test_every_kind_code_and_status_word_has_its_place() -> None:
    for name in KINDS:
        assert f"`{name}`" in PAGES["kinds.md"]
    sections = dict(re.findall(r"## `(\w+)`[^\n]*\n(.*?)(?=\n## |\Z)", PAGES["codelists.md"], re.S))
    assert set(sections) == set(CODELISTS)
    for listed in CODELISTS.values():
        for code in listed.codes:
            assert f"| `{code.value}` |" in sections[listed.name]
    for one in VOCABULARIES.values():
        section = PAGES["statuses.md"].split(f"## `{one.name}`")[1].split("\n## ")[0]
        for word in one.words:
            assert f"| {word} |" in section


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_a_page_offers_to_download_is_there(kind: Kind) -> None:
    offered = re.findall(r"\{download\}`[^<]*<([^>]*)>`", PAGES[f"kind-{kind.name}.md"])
    assert len(offered) == 4
    assert set(offered) <= set(PAGES)
    assert json.loads(PAGES[f"{kind.name}.schema.json"]) == json_schema(kind)
    revision = json.loads(PAGES[f"{kind.name}.revision.schema.json"])
    assert "required" not in revision
    assert tomllib.loads(PAGES[f"{kind.name}.toml"])["kind"] == kind.name


def test_tables_are_whole() -> None:
    for name, page in PAGES.items():
        if not name.endswith(".md"):
            continue
        for line in rows(page):
            cells = re.split(r"(?<!\\)\|", line)
            assert len(cells) in {4, 5, 6}, (name, line)


def test_pages_are_written_once(tmp_path: Path) -> None:
    main([str(tmp_path / "made")])
    assert {path.name for path in (tmp_path / "made").iterdir()} == set(PAGES)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "made").iterdir()}
    main([str(tmp_path / "made")])
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_import_reads_the_template_of_every_kind(kind: Kind) -> None:
    columns = next(csv.reader(io.StringIO(template_csv(kind))))
    assert columns == template_columns(kind)
    assert len(set(columns)) == len(columns)
    mapping = read_mapping(template_mapping(kind), kind)
    check_columns(mapping, columns)
    assert mapping.used() == set(columns)
    simple = {FieldType.SHAPE, FieldType.LINES}
    assert set(mapping.fields) == {one.name for one in kind.fields if one.type not in simple}
    assert set(mapping.positions) == {
        one.name for one in kind.fields if one.type is FieldType.SHAPE
    }
    assert set(mapping.lines) == {one.name for one in kind.fields if one.fields}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_mapping_explains_every_field_and_code(kind: Kind) -> None:
    text = template_mapping(kind)
    assert tomllib.loads(text)["kind"] == kind.name
    for _, one in all_fields(kind.fields):
        assert one.label in text
        for code in one.codelist.codes if one.codelist else ():
            assert f"{code.value} = {code.label}" in text


def test_templates_speak_the_readers_language() -> None:
    text = template_mapping(KINDS["accident"], lambda message: f"«{message}»")
    assert "# «Location» («minimum data»)." in text
    assert tomllib.loads(text) == tomllib.loads(template_mapping(KINDS["accident"]))
