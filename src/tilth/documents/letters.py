"""Letters that the vendored fonts hold; what they do not hold is told by its code point."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from tilth.documents.svg import legible

__all__ = ["FONTS", "printable"]

FONTS = Path(__file__).parent / "fonts"


@lru_cache(maxsize=1)
def _others() -> re.Pattern[str]:
    """Any character without a glyph, from the list made with the fonts."""
    lines = (FONTS / "COVERED").read_text("ascii").split()
    pairs = (line.split("-") for line in lines)
    held = "".join(f"\\U{int(low, 16):08x}-\\U{int(high, 16):08x}" for low, high in pairs)
    return re.compile(f"[^\n{held}]")


def printable(text: str) -> str:
    r"""Text that can be printed with our fonts.

    Composed where it can be (NFC); controls become a replacement character, and a letter of a
    script that no font here holds its code point, so that nothing is lost in silence.

    Examples
    --------
    >>> printable("Mun\u0303oz \u0928\x07")
    'Muñoz [U+0928]�'
    """
    shown = legible(unicodedata.normalize("NFC", text))
    return _others().sub(lambda found: f"[U+{ord(found[0]):04X}]", shown)
