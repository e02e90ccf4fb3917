"""A paper becomes a PDF/A-3 with its data embedded, or pictures of its pages.

One template is shipped (``page.typ``); a paper goes into it as JSON and every text is set as text,
so that nothing a person entered is read as markup. Nothing here reads a clock: the file's date is
the position's time, and the same paper gives the same bytes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import typst

from tilth.documents.blocks import Checklist
from tilth.documents.direction import isolated, needs_direction
from tilth.documents.letters import FONTS, printable
from tilth.documents.paper import Attachment, Paper

__all__ = ["VALUE_NAME", "pdf", "pictures"]

VALUE_NAME = "value.json"
"""Name under which the document's whole value is embedded."""

_HERE = Path(__file__).parent
_TEMPLATE = _HERE / "page.typ"

_LONG_WORD = re.compile(r"[^\s\u200b\u1100-\uffff]{28,}")
_PIECE = 12
BREAK_HERE = "\N{ZERO WIDTH SPACE}"


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )


@lru_cache(maxsize=1)
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def _settable(text: str, right_to_left: bool) -> str:
    """Text that can be set: what no page may hold made visible, words beyond a line broken.

    Where scripts of both directions may meet, each line keeps to itself, and so does each number
    in it: the signs that say so have no width.
    """

    def broken(found: re.Match[str]) -> str:
        word = found[0]
        return BREAK_HERE.join(word[at : at + _PIECE] for at in range(0, len(word), _PIECE))

    lines = printable(text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")).split("\n")
    lines = [_LONG_WORD.sub(broken, line) for line in lines]
    if right_to_left or needs_direction(text):
        lines = [isolated(line) for line in lines]
    return "\n".join(lines)


_AS_THEY_ARE = frozenset(
    {"svg", "attachments", "kind", "moment", "language", "block", "align", "level", "tone", "name"}
    | {"amount", "answers"}
)
"""Keys of a paper whose texts are for the program."""


def _set(value: Any, right_to_left: bool) -> Any:
    """Every text of a paper as it can be set, what is for the program left as it is."""
    if isinstance(value, str):
        return _settable(value, right_to_left)
    if isinstance(value, list | tuple):
        return [_set(one, right_to_left) for one in value]
    if isinstance(value, dict):
        if value.get("block") == Checklist.__struct_config__.tag:
            value = {**value, "answers": [row[1] for row in value["rows"]]}
        return {
            key: one if key in _AS_THEY_ARE else _set(one, right_to_left)
            for key, one in value.items()
        }
    return value


def _inputs(paper: Paper, value: bytes) -> tuple[dict[str, str], datetime]:
    moment = datetime.fromisoformat(paper.moment).astimezone(UTC)
    plain = _set(msgspec.to_builtins(paper), paper.right_to_left)
    names = ("year", "month", "day", "hour", "minute", "second")
    plain["date"] = {name: getattr(moment, name) for name in names}
    plain["attachments"] = [
        {**msgspec.to_builtins(one), "relationship": relationship}
        for one, relationship in (
            *((one, "supplement") for one in paper.attachments),
            *([(_whole_value(paper, value), "data")] if value else []),
        )
    ]
    return {"paper": msgspec.json.encode(plain).decode("utf-8")}, moment


def _whole_value(paper: Paper, value: bytes) -> Attachment:
    return Attachment(
        name=VALUE_NAME,
        media_type="application/json",
        about=paper.words["whole value of this document"],
        text=value.decode("utf-8"),
    )


def _compiler(paper: Paper, value: bytes) -> tuple[typst.Compiler, datetime]:
    inputs, moment = _inputs(paper, value)
    compiler = typst.Compiler(
        _template(), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs
    )
    return compiler, moment


def pdf(paper: Paper, value: bytes = b"") -> bytes:
    """Set a paper as PDF/A-3b.

    Parameters
    ----------
    value
        Canonical bytes of the document's value, embedded beside the paper's own attachments.

    Returns
    -------
    bytes
        The file; the same for the same paper and value.
    """
    compiler, moment = _compiler(paper, value)
    made = compiler.compile(format="pdf", pdf_standards="a-3b", timestamp=moment)
    assert isinstance(made, bytes)  # noqa: S101 - without an output file the bytes come back
    return made


def pictures(paper: Paper, *, dots_per_inch: float = 96) -> list[bytes]:
    """Pages of a paper as PNG, for looking at them."""
    compiler, _ = _compiler(paper, b"")
    made = compiler.compile(format="png", ppi=dots_per_inch)
    return [made] if isinstance(made, bytes) else list(made or [])
