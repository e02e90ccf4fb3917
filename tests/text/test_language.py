"""Codes become sentences, in a language that has a catalogue and in English where it has not."""

import ast
import shutil
import string
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import tilth
from tilth.core.findings import FINDINGS, Finding
from tilth.core.kinds.catalogue import CODELISTS, KINDS, all_fields
from tilth.core.kinds.notice import notices
from tilth.core.problems import CATALOGUE, Problem, ProblemText
from tilth.text import extract
from tilth.text.language import languages, say_in
from tilth.text.messages import finding_text, help_text, label, problem_text

SOURCE = Path(tilth.__file__).parent
UKRAINIAN = {
    "Happened on": "Дата події",
    "Cleared": "Очищено",
    "Hazard area": "Небезпечна ділянка",
    "{value} is not a number.": "{value} — не число.",
    "Another program is writing to this workspace; waited {seconds} s.": "Чекали {секунд} {0} с.",
    "Minimum data are missing: {fields}.": "Бракує даних: {fields}.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of catalogues with a small Ukrainian one."""
    catalogue = Catalog(locale="uk")
    for message, text in UKRAINIAN.items():
        catalogue.add(message, text)
    path = tmp_path / "uk" / "LC_MESSAGES"
    path.mkdir(parents=True)
    with (path / "tilth.mo").open("wb") as file:
        write_mo(file, catalogue)
    yield tmp_path
    say_in.cache_clear()
    shutil.rmtree(path)


def test_labels_and_problems_in_another_language(folder: Path) -> None:
    field = KINDS["accident"].field("happened_on")
    assert label(field, "uk", folder=folder) == "Дата події"
    assert label(KINDS["hazard_area"], "uk-UA", folder=folder) == "Небезпечна ділянка"
    cleared = CODELISTS["release_type"].codes[-1]
    assert label(cleared, "uk", folder=folder) == "Очищено"
    said = problem_text(Problem("bad_number", "row 3", {"value": "x"}), "uk", folder=folder)
    assert said["what"] == "x — не число."
    assert said["fix"] == CATALOGUE["bad_number"].fix
    (finding,) = notices(KINDS["accident"], "a/b/c", {}, ["depth_cm"])
    assert finding_text(finding, "uk", folder=folder)["what"] == "Бракує даних: depth_cm."
    assert languages(folder) == ["en", "uk"]


def test_english_where_there_is_no_catalogue(folder: Path) -> None:
    field = KINDS["accident"].field("happened_on")
    for tag in ("en", "fr", "", "../uk", "x" * 300, "uk/../uk"):
        assert label(field, tag, folder=folder) == "Happened on"
    assert say_in("uk", folder)("") == ""
    assert help_text(field) == field.help


def test_a_broken_translation_falls_back_to_english(folder: Path) -> None:
    said = problem_text(Problem("workspace_busy", "", {"seconds": 30}), "uk", folder=folder)
    assert said["what"] == "Another program is writing to this workspace; waited 30 s."


def test_a_parameter_cannot_speak_as_a_message(folder: Path) -> None:
    said = problem_text(Problem("bad_number", "", {"value": "{value.__class__} {0}"}))
    assert said["what"] == "{value.__class__} {0} is not a number."


def test_unknown_codes_and_missing_parameters_still_speak() -> None:
    assert problem_text(Problem("from_the_future", "x")) == {
        "code": "from_the_future",
        "where": "x",
        "what": "from_the_future",
        "fix": "",
    }
    assert problem_text(Problem("bad_number"))["what"] == "{value} is not a number."
    assert finding_text(Finding("from_the_future", "r"))["what"] == "from_the_future"


def places_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_code_has_words_with_named_places() -> None:
    extract.load_all()
    for code, text in {**CATALOGUE, **FINDINGS}.items():
        assert text.what, code
        assert text.fix, code
        for name in places_of(text.what) | places_of(text.fix):
            assert name.isidentifier(), (code, name)


def registered() -> Iterator[tuple[str, str, str, ProblemText]]:
    """Codes as the sources register them: catalogue, code, module, words."""
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        catalogue = "findings" if "core.findings import" in path.read_text("utf-8") else "problems"
        for node in ast.walk(tree):
            called = getattr(node, "func", None)
            name = getattr(called, "id", getattr(called, "attr", ""))
            if not isinstance(node, ast.Call) or "register" not in name or not node.args:
                continue
            if isinstance(node.args[0], ast.Dict):
                entries = zip(node.args[0].keys, node.args[0].values, strict=True)
                for key, value in entries:
                    if not isinstance(key, ast.Constant) or not isinstance(value, ast.Tuple):
                        continue
                    texts = [getattr(part, "value", None) for part in value.elts]
                    if len(texts) == 2 and all(isinstance(text, str) for text in texts):
                        yield catalogue, str(key.value), path.name, ProblemText(*texts)


def test_no_two_modules_give_one_code_different_words() -> None:
    said: dict[tuple[str, str], tuple[str, ProblemText]] = {}
    for catalogue, code, module, text in registered():
        other, known = said.setdefault((catalogue, code), (module, text))
        assert known == text, f"{code} in {other} and {module}"
    assert len(said) > 50


def test_the_template_holds_every_message_and_can_be_compiled(folder: Path) -> None:
    found = extract.messages()
    for kind in KINDS.values():
        for _, one in all_fields(kind.fields):
            assert one.label in found
            assert not one.help or one.help in found
    for listed in CODELISTS.values():
        assert all(code.label in found for code in listed.codes)
    for text in (*CATALOGUE.values(), *FINDINGS.values()):
        assert {text.what, text.fix} <= set(found)
    assert {"closes exactly", "reported"} <= set(found)
    assert set(UKRAINIAN) <= set(found)

    template = read_po(BytesIO(extract.pot(found).encode()))
    assert {message.id for message in template if message.id} == set(found)
    assert extract.pot(extract.messages()) == extract.pot(found)


def test_the_command_writes_the_template(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extract.main([str(tmp_path / "new" / "tilth.pot")])
    assert 'msgid "Happened on"' in (tmp_path / "new" / "tilth.pot").read_text("utf-8")
    assert "messages written" in capsys.readouterr().out


def test_texts_with_quotes_and_newlines_survive() -> None:
    hard = 'a "b" \\ c\n\td'
    (message,) = [m for m in read_po(BytesIO(extract.pot({hard: ["x"]}).encode())) if m.id]
    assert message.id == hard
