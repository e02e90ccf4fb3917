"""Keep the catalogues of documents and records: ``python tools/catalogues.py [--check]``.

Collects every message that documents print and every word of kinds, fields, codes, problems and
findings, brings ``tilth.po`` of each language up to date (what
is translated stays; what is said nowhere any more goes), and compiles ``tilth.mo``. The same
sources give the same bytes. With ``--check`` nothing is written: what is missing, foreign or not
compiled is listed, and the exit status is 1.
"""

from __future__ import annotations

import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.pofile import read_po

from tilth.text.extract import messages
from tilth.text.language import DOMAIN, LOCALE

LANGUAGES = {
    "ar": "Arabic",
    "es": "Spanish",
    "fr": "French",
    "ko": "Korean",
    "ru": "Russian",
    "uk": "Ukrainian",
}
SOURCE = "source: common usage of the field; official translations of IMAS 04.10 were not at hand"
"""Where a term of the field comes from, as translators see it."""

_PLACES = (
    *("tilth/documents/", "tilth/text/accounts.py", "level ", "left out ", "document "),
    *("kind ", "field ", "code ", "problem ", "finding "),
)
_HOLE = re.compile(r"\{\w+\}")


def printed() -> dict[str, bool]:
    """Every message that documents and pages show, and whether it is a term of the field."""
    found = {}
    for message, places in messages().items():
        if any(place.startswith(_PLACES) for place in places):
            found[message] = any(place.startswith(("code ", "field ", "kind ")) for place in places)
    return found


def po_path(language: str) -> Path:
    """File that translators edit."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@dataclass
class Entry:
    """One message in a language."""

    said: str = ""
    comments: list[str] = field(default_factory=list)


def read(language: str) -> tuple[dict[str, Entry], str]:
    """Messages of a catalogue as it is, and whether a native speaker looked at it."""
    if not po_path(language).exists():
        return {}, "no"
    with po_path(language).open("rb") as file:
        held = read_po(file, locale=language)
    entries = {str(one.id): Entry(str(one.string), one.user_comments) for one in held if one.id}
    return entries, dict(held.mime_headers).get("X-Reviewed", "no")


def header(language: str, reviewed: str) -> str:
    """What gettext reads of a catalogue itself."""
    lines = {
        "Project-Id-Version": "tilth",
        "Language": language,
        "X-Reviewed": reviewed,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    return "".join(f"{name}: {text}\n" for name, text in lines.items())


def updated(language: str, wanted: dict[str, bool]) -> dict[str, Entry]:
    """Messages that are wanted, in their order, with what is translated of them."""
    before, _ = read(language)
    made = {}
    for message, is_term in wanted.items():
        known = before.get(message, Entry())
        named = any(one.startswith("source: ") for one in known.comments)
        more = [SOURCE] if is_term and not named else []
        made[message] = Entry(known.said, [*known.comments, *more])
    return made


def po_bytes(language: str, entries: dict[str, Entry], reviewed: str) -> bytes:
    """Bytes of the file that translators edit."""
    lines = [f"# {LANGUAGES[language]} words of Tilth's documents and records."]
    lines += ['msgid ""', f"msgstr {_quoted(header(language, reviewed))}", ""]
    for message, one in entries.items():
        lines += [f"# {comment}" for comment in one.comments]
        lines += ["#, python-brace-format"] if "{" in message else []
        lines += [f"msgid {_quoted(message)}", f"msgstr {_quoted(one.said)}", ""]
    return "\n".join(lines).encode("utf-8")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    lines = escaped.split("\n")
    ended = [f"{line}\\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    return "\n".join(f'"{line}"' for line in (["", *ended] if len(ended) > 1 else ended or [""]))


def mo_bytes(language: str, entries: dict[str, Entry], reviewed: str) -> bytes:
    """Bytes that gettext reads: sorted messages, their lengths and places, the texts."""
    said = {"": header(language, reviewed), **{m: one.said for m, one in entries.items()}}
    pairs = sorted((m.encode(), text.encode()) for m, text in said.items() if text)
    start = 28 + 16 * len(pairs)
    tables: list[list[tuple[int, int]]] = [[], []]
    data = b""
    for side in (0, 1):
        for pair in pairs:
            tables[side].append((len(pair[side]), start + len(data)))
            data += pair[side] + b"\0"
    head = struct.pack(
        "<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 28 + 16 * len(pairs)
    )
    return head + b"".join(struct.pack("<2I", *one) for side in tables for one in side) + data


def wrong(language: str, wanted: dict[str, bool]) -> Iterator[str]:
    """What is wrong with a catalogue as it is."""
    entries, reviewed = read(language)
    translated = {message: one.said for message, one in entries.items()}
    for message in wanted:
        if not translated.get(message):
            yield f"{language}: not translated: {message}"
    for message, said in translated.items():
        if message not in wanted:
            yield f"{language}: printed nowhere: {message}"
        if said and sorted(_HOLE.findall(message)) != sorted(_HOLE.findall(said)):
            yield f"{language}: other places than in English: {message}"
    compiled = po_path(language).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != mo_bytes(language, entries, reviewed):
        yield f"{language}: tilth.mo is not made from tilth.po; run tools/catalogues.py"


def main() -> int:
    """Update or check every catalogue."""
    wanted = printed()
    if "--check" not in sys.argv:
        for language in LANGUAGES:
            path = po_path(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            reviewed = read(language)[1]
            entries = updated(language, wanted)
            path.write_bytes(po_bytes(language, entries, reviewed))
            path.with_suffix(".mo").write_bytes(mo_bytes(language, entries, reviewed))
    faults = [fault for language in LANGUAGES for fault in wrong(language, wanted)]
    print("\n".join(faults[:200]) or f"{len(wanted)} messages in {len(LANGUAGES)} languages")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
