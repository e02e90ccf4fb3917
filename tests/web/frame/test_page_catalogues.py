"""Catalogues of the pages: nothing missing, nothing left over, compiled, the same bytes again."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[3] / "tools" / "page_catalogues.py"


@pytest.fixture(scope="module")
def catalogues() -> ModuleType:
    spec = importlib.util.spec_from_file_location("page_catalogues", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", ["ar", "es", "fr", "ko", "ru", "uk"])
def test_every_word_of_the_pages_is_translated_and_compiled(
    catalogues: ModuleType, language: str
) -> None:
    assert len(catalogues.wanted()) > 1_000
    assert list(catalogues.wrong(language)) == []


def test_a_message_that_is_missing_is_told(catalogues: ModuleType, tmp_path: Path) -> None:
    held = catalogues.read("fr")
    del held[next(iter(one for one in held if one.id)).id]
    path = tmp_path / "fr" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_bytes(catalogues.po_bytes(held))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogues, "po_path", lambda _: path)
        assert any("not translated" in one for one in catalogues.wrong("fr"))
