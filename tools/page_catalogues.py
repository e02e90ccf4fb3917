"""Keep the catalogues of the pages: ``python tools/page_catalogues.py [--check]``.

Collects every message of the templates and of the pages' own modules, brings ``django.po`` of each
language up to date (what is translated stays; what is said nowhere any more goes), and compiles
``django.mo``. The same sources give the same bytes. With ``--check`` nothing is written: what is
missing, foreign, holds other places than the English, or is not compiled is listed, and the exit
status is 1.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

WEB = Path(__file__).resolve().parents[1] / "src" / "tilth" / "web"
LANGUAGES = ("ar", "es", "fr", "ko", "ru", "uk")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
HOLE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
NEVER = datetime(2026, 1, 1, tzinfo=UTC)
"""A date that does not move, so that the same words give the same bytes."""

Said = str | tuple[str, ...]


def sources() -> Iterator[tuple[str, str]]:
    """Text and name of every module and template; templates as Django makes Python of them."""
    for path in sorted([*WEB.rglob("*.py"), *(WEB / "templates").rglob("*.html")]):
        name = path.relative_to(WEB).as_posix()
        text = path.read_text("utf-8")
        yield (templatize(text, origin=name) if path.suffix == ".html" else text), name


def wanted() -> dict[tuple[str | None, Said], list[str]]:
    """Every message with its context, and where it is said."""
    found: dict[tuple[str | None, Said], list[str]] = {}
    for text, name in sources():
        file = io.BytesIO(text.encode())
        for _, function, said, _ in extract_python(file, list(KEYWORDS), (), {}):
            words = (said,) if isinstance(said, str) else tuple(one for one in said if one)
            if not words or not function:
                continue
            context = words[0] if "pgettext" in function else None
            rest = words[1:] if context else words
            key: Said = rest[:2] if function.endswith("ngettext") or "npg" in function else rest[0]
            places = found.setdefault((context, key), [])
            if name not in places:
                places.append(name)
    return found


def po_path(language: str) -> Path:
    """File that translators edit."""
    return WEB / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """Catalogue as it is, empty where there is none."""
    if not po_path(language).exists():
        return Catalog(language)
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """Messages that are wanted, in their order, with what is translated of them."""
    before = read(language)
    made = Catalog(
        language,
        project="tilth",
        version="1",
        creation_date=NEVER,
        revision_date=NEVER,
        last_translator="unreviewed",
        language_team=language,
        fuzzy=False,
        header_comment=f"# Words of Tilth's pages ({language}), not reviewed by a native speaker.",
    )
    for (context, words), places in wanted().items():
        known = before.get(words if isinstance(words, str) else words[0], context)
        said = known.string if isinstance(known, Message) else ""
        if isinstance(words, tuple) != isinstance(said, tuple):
            said = ""
        made.add(words, said, locations=[(place, None) for place in places], context=context)
    return made


def po_bytes(catalogue: Catalog) -> bytes:
    """Bytes of the file that translators edit."""
    file = io.BytesIO()
    write_po(file, catalogue, width=0, include_lineno=False)
    return file.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    """Bytes that gettext reads."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def wrong(language: str) -> Iterator[str]:
    """What is wrong with a catalogue as it is."""
    held = read(language)
    names = wanted()
    for context, words in names:
        first = words if isinstance(words, str) else words[0]
        known = held.get(first, context)
        said = known.string if isinstance(known, Message) else ""
        forms = said if isinstance(said, tuple) else (said,)
        if not all(forms):
            yield f"{language}: not translated: {first}"
            continue
        if isinstance(words, tuple) and len(forms) != held.num_plurals:
            yield f"{language}: {len(forms)} of {held.num_plurals} plural forms: {first}"
        holes = _holes(words if isinstance(words, str) else words[-1])
        for form in forms:  # the form for one may leave the number out
            if not _holes(form) <= holes or (len(forms) == 1 and _holes(form) != holes):
                yield f"{language}: other places than in English: {first}"
    for one in held:
        first = one.id if isinstance(one.id, str) else one.id[0]
        if first and not any(_first(words) == first for _, words in names):
            yield f"{language}: said nowhere: {first}"
    compiled = po_path(language).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != mo_bytes(held):
        yield f"{language}: django.mo is not made from django.po; run tools/page_catalogues.py"


def _first(words: Said) -> str:
    return words if isinstance(words, str) else words[0]


def _holes(text: str) -> set[str]:
    return {a or b for a, b in HOLE.findall(text)}


def main() -> int:
    """Update or check every catalogue."""
    if "--check" not in sys.argv:
        for language in LANGUAGES:
            path = po_path(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(po_bytes(updated(language)))
            path.with_suffix(".mo").write_bytes(mo_bytes(read(language)))
    faults = [fault for language in LANGUAGES for fault in wrong(language)]
    print("\n".join(faults[:200]) or f"{len(wanted())} messages in {len(LANGUAGES)} languages")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
