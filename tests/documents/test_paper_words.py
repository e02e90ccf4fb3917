"""Wording: no document says what the ground is, in any language; every document says SYNTHETIC.

Tilth says what was done, by whom, to what depth, at which level and on what evidence (design §7).
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec
import pytest
from operation import NAMES, Operation, make_operation

from tilth.documents.paper import Paper
from tilth.service import papers
from tilth.service.paper_values.registry import KINDS_OF_DOCUMENT
from tilth.text.extract import messages
from tilth.text.language import DOMAIN, LOCALE, languages

FORBIDDEN = {
    "en": r"\bsafe\b|\bharmless\b|mine[- ]free|free (?:of|from) (?:all )?(?:mines|danger|explosive)"
    r"|clear(?:ed)? of (?:all )?mines|no mines|no longer dangerous|100 % cleared|guarantee",
    "fr": r"\bsûre?s?\b|sans (?:danger|risque|mines)|exempte?s? de|libre de mines|inoffensi"
    r"|garanti",
    "es": r"\b(?:tierra|terreno|área|zona)s? segur[oa]s?|libres? de (?:minas|peligro)|sin (?:minas|"
    r"peligro|riesgo)|inofensiv|garantiz",
    "ru": r"безопасн(?:а|о|ый|ая|ое|ую|ой земл)\b|без (?:мин\b|опасности|риска)|свобод\w* от мин"
    r"|нет мин\b|гарантир",
    "uk": r"(?<!не)безпечн(?:а|о|ий|е|у)\b|без (?:мін\b|небезпеки|ризику)|вільн\w* від мін"
    r"|немає мін\b|гаранту",
    "ar": r"آمنة?|خالي?ة? من (?:الألغام|الخطر)|بلا (?:خطر|ألغام)|مضمون",
    "ko": r"안전(?:한|하다|합니다|함)|지뢰가? ?없|위험이? ?없|보장",
}
"""What would say that ground is safe; a distance or a plan may be."""
ALLOWED = {"Safety distances not kept", "Rendered safe, end still open"}

SUBJECTS = {
    "task_order": "T-1",
    "situation_report": "2026-03-01",
    "qa_visit_report": "QV-1",
    "completion_report": "T-1",
    "handover_certificate": "HO-1",
    "release_report": "RA-1",
    "operation_completion_report": "",
    "service_record": "P-01",
}


@pytest.fixture(scope="module")
def op(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operation]:
    made = make_operation(tmp_path_factory.mktemp("words") / "work")
    with made.session:
        yield made


@pytest.fixture(scope="module")
def values(op: Operation) -> dict[str, Any]:
    """Value of each kind of document, as if issued."""
    made = {kind: papers.value_of(op.session, kind, SUBJECTS[kind]) for kind in KINDS_OF_DOCUMENT}
    return {kind: {**value, "code": "X"} for kind, value in made.items()}


@lru_cache(maxsize=1)
def printed() -> list[str]:
    """Every message that documents print, whether this operation makes them print it or not."""
    return [
        message
        for message, places in messages().items()
        if any(place.startswith("tilth/documents/") for place in places)
    ]


def texts(value: Any) -> Iterator[str]:
    """Every text of a page value, pictures without their drawing."""
    if isinstance(value, str):
        yield re.sub(r"<[^>]*>", "\n", value) if value.startswith("<svg") else value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)


def said(paper: Paper) -> list[str]:
    return list(texts(msgspec.to_builtins(paper)))


def claims(language: str, text: str) -> str | None:
    found = re.search(FORBIDDEN[language], text, re.IGNORECASE)
    return found[0] if found else None


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", KINDS_OF_DOCUMENT)
def test_no_document_says_that_ground_is_safe(
    op: Operation, values: dict[str, Any], kind: str, language: str
) -> None:
    paper = papers.paper_of(op.session, values[kind], language)
    found = [(text, claim) for text in said(paper) if (claim := claims(language, text))]
    assert found == []
    if language != "en":
        english = [text for text in said(paper) if claims("en", text)]
        assert english == []


@pytest.mark.parametrize("language", languages())
def test_no_catalogue_can_make_a_document_say_so(language: str) -> None:
    words = gettext.translation(DOMAIN, str(LOCALE), [language], fallback=language == "en")
    found = {
        message: words.gettext(message)
        for message in printed()
        if message not in ALLOWED and claims(language, words.gettext(message))
    }
    assert found == {}
    assert len(printed()) > 300


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The ground is safe for farming."),
        ("en", "This field is free of mines."),
        ("fr", "Le terrain est sûr."),
        ("fr", "Terrain sans danger."),
        ("es", "El terreno seguro se entrega."),
        ("es", "Zona libre de minas."),
        ("ru", "Земля безопасна."),
        ("ru", "Земля свободна от мин."),
        ("uk", "Земля безпечна."),
        ("uk", "Землю вільно від мін."),
        ("ar", "الأرض آمنة."),
        ("ar", "الأرض خالية من الألغام."),
        ("ko", "이 땅은 안전하다."),
        ("ko", "지뢰가 없다."),
    ],
)
def test_such_a_sentence_would_be_found(language: str, text: str) -> None:
    assert claims(language, text)


@pytest.mark.parametrize("kind", KINDS_OF_DOCUMENT)
def test_every_document_of_synthetic_data_says_so_in_itself_and_in_its_files(
    op: Operation, values: dict[str, Any], kind: str
) -> None:
    paper = papers.paper_of(op.session, values[kind], "en")
    assert paper.synthetic
    for drawing in (text for text in texts(msgspec.to_builtins(paper)) if "Grid: metres" in text):
        assert "SYNTHETIC" in drawing
    for file in paper.attachments:
        if file.name.endswith(".geojson"):
            assert msgspec.json.decode(file.text)["synthetic"] is True


@pytest.mark.parametrize("kind", KINDS_OF_DOCUMENT)
def test_files_for_programs_hold_no_name_of_a_person(
    op: Operation, values: dict[str, Any], kind: str
) -> None:
    paper = papers.paper_of(op.session, values[kind], "en")
    for file in paper.attachments:
        assert not [name for name in NAMES.values() if name in file.text]


def test_the_certificate_says_level_depth_evidence_and_that_it_says_no_more(
    op: Operation,
    values: dict[str, Any],
) -> None:
    paper = papers.paper_of(op.session, values["handover_certificate"], "en")
    page = "\n".join(said(paper))
    for phrase in (
        "It says nothing of ground outside the turning points or deeper than the depth stated.",
        "15\N{NO-BREAK SPACE}cm",
        "Counted ●",
        "Items deeper than 15 cm may remain.",
        "Samples that passed after the work cover",
        "Hazard areas that remain nearby",
    ):
        assert phrase in page, phrase
