"""Catalogues: complete for everything documents print, compiled, and honest about reviews."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tilth.text.language import languages, reviewed, say_in

TOOL = Path(__file__).resolve().parents[2] / "tools" / "catalogues.py"


@pytest.fixture(scope="module")
def catalogues() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogues", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def printed(catalogues: ModuleType) -> dict[str, bool]:
    found: dict[str, bool] = catalogues.printed()
    return found


LANGUAGES = [one for one in languages() if one != "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_a_document_prints_is_translated_and_compiled(
    catalogues: ModuleType, printed: dict[str, bool], language: str
) -> None:
    assert len(printed) > 600
    assert list(catalogues.wrong(language, printed)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_writing_a_catalogue_again_changes_nothing(
    catalogues: ModuleType, printed: dict[str, bool], language: str
) -> None:
    path = catalogues.po_path(language)
    entries = catalogues.updated(language, printed)
    again = catalogues.po_bytes(language, entries, catalogues.read(language)[1])
    assert again == path.read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_terms_of_the_field_name_their_source(
    catalogues: ModuleType, printed: dict[str, bool], language: str
) -> None:
    entries, _ = catalogues.read(language)
    terms = [message for message, is_term in printed.items() if is_term]
    assert terms
    for message in terms:
        assert any(one.startswith("source: ") for one in entries[message].comments), message


def test_a_gap_a_stranger_and_a_broken_place_are_found(
    catalogues: ModuleType, printed: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    entries, told = catalogues.read("fr")
    wanted = {**printed, "A new sentence.": False}
    entries["Printed nowhere."] = catalogues.Entry("Nulle part.")
    entries["until {day}"] = catalogues.Entry("jusqu’au {jour}")
    monkeypatch.setattr(catalogues, "read", lambda language: (entries, told))
    found = list(catalogues.wrong("fr", wanted))
    assert "fr: not translated: A new sentence." in found
    assert "fr: printed nowhere: Printed nowhere." in found
    assert "fr: other places than in English: until {day}" in found
    assert any("not made from tilth.po" in one for one in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalogue_claims_a_review_it_has_not_had(language: str) -> None:
    assert not reviewed(language)
    words = "not reviewed by a native speaker"
    assert say_in(language)(words) != words
