r"""Make the fonts of the documents from the npm packages they are published in.

    npm install --prefix build/fonts @fontsource/noto-sans@5.3.0 \
        @fontsource/noto-sans-arabic@5.3.0 @fontsource/noto-sans-kr@5.3.0 \
        @fontsource/noto-sans-math@5.3.0 @fontsource/noto-sans-symbols-2@5.3.0
    python tools/make_fonts.py build/fonts/node_modules/@fontsource

The packages hold subsets made for web pages, of which a typesetter takes one and misses the rest;
and a picture's text in two fonts loses letters where the scripts meet. So all become one font in
two weights:

- Noto Sans: Latin, extended Latin, Cyrillic and Greek; Noto Sans Arabic.
- Noto Sans KR: the 2,350 syllables of KS X 1001 and the punctuation around them.
- The marks of the interface, from Noto Sans Math and Noto Sans Symbols 2.
- Controls of the reading direction, as nothing.

Hinting is left out. The same packages give the same bytes; ``VENDORED`` lists both by SHA-256,
``COVERED`` the characters that the fonts hold.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

TARGET = Path(__file__).resolve().parents[1] / "src" / "tilth" / "documents" / "fonts"
PACKAGES = (
    "noto-sans",
    "noto-sans-arabic",
    "noto-sans-kr",
    "noto-sans-math",
    "noto-sans-symbols-2",
)
WEIGHTS = {400: "Regular", 700: "Bold"}
MARKS = {
    "noto-sans-math/files/noto-sans-math-latin-400-normal.woff2": "○◐●◆◌⊘✓→←≤≥▸≈\u202f",
    "noto-sans-symbols-2/files/noto-sans-symbols-2-symbols-400-normal.woff2": "⚠✗☐☑☒",
}
DIRECTION_CONTROLS = (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))


def syllables() -> str:
    """Hangul of KS X 1001: rows 16 to 40 of its table."""
    rows = (bytes((row, cell)) for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF))
    return "".join(pair.decode("euc_kr") for pair in rows)


def plain(path: Path) -> TTFont:
    """Font without the compression of the web."""
    font = TTFont(path, recalcTimestamp=False)
    font.flavor = None
    return font


def reduced(font: TTFont, characters: str, *, layout: bool = True) -> TTFont:
    """Font of these characters alone, with or without its layout rules."""
    features = ["*"] if layout else []
    options = subset.Options(hinting=False, notdef_outline=True, layout_features=features)
    options.recalc_timestamp = False
    options.drop_tables += ["vhea", "vmtx", "STAT", "MATH", "BASE", "gasp", "prep"]
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=[ord(one) for one in characters])
    chosen.subset(font)
    return font


def unhinted(font: TTFont) -> TTFont:
    """Font with all its characters and layout rules, without hints."""
    return reduced(font, "".join(map(chr, font.getBestCmap())))


def merged(parts: list[TTFont], folder: Path) -> TTFont:
    """One font of several; a character that two hold is the first one's."""
    paths = []
    for number, part in enumerate(parts):
        paths.append(str(folder / f"{number}.ttf"))
        part.save(paths[-1])
    font = Merger().merge(paths)
    font.recalcTimestamp = False
    for name in ("created", "modified"):
        setattr(font["head"], name, getattr(parts[0]["head"], name))
    return font


def with_controls(font: TTFont) -> TTFont:
    """Font that shows controls of the reading direction as nothing, not as a missing letter.

    The narrow space between groups of digits becomes as wide as a thin space: one that is seen.
    """
    names = font.getBestCmap()
    font["hmtx"][names[0x202F]] = (font["hmtx"][names[0x2009]][0], 0)
    font.setGlyphOrder([*font.getGlyphOrder(), "nothing"])
    font["glyf"]["nothing"] = Glyph()
    font["hmtx"]["nothing"] = (0, 0)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap |= dict.fromkeys(DIRECTION_CONTROLS, "nothing")
    return font


def noto_sans(source: Path, weight: int) -> TTFont:
    """All scripts and the marks in one font; of a letter that two hold the first counts."""
    scripts = ("latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek")
    files = [f"noto-sans/files/noto-sans-{script}-{weight}-normal.woff2" for script in scripts]
    files.append(f"noto-sans-arabic/files/noto-sans-arabic-arabic-{weight}-normal.woff2")
    parts = [unhinted(plain(source / path)) for path in files]
    korean = f"noto-sans-kr/files/noto-sans-kr-korean-{weight}-normal.woff2"
    punctuation = "".join(map(chr, range(0x3000, 0x3020)))
    parts.append(reduced(plain(source / korean), syllables() + punctuation, layout=False))
    parts += [reduced(plain(source / path), marks, layout=False) for path, marks in MARKS.items()]
    with tempfile.TemporaryDirectory() as folder:
        return with_controls(merged(parts, Path(folder)))


def named(font: TTFont, family: str, style: str) -> TTFont:
    """Font under the names a typesetter looks for; width and weight as they are."""
    table = font["name"]
    kept = [one for one in table.names if one.nameID in (0, 5, 13, 14)]
    table.names = kept
    full = f"{family} {style}"
    for number, text in ((1, family), (2, style), (3, full), (4, full), (6, full.replace(" ", ""))):
        table.setName(text, number, 3, 1, 0x409)
    bold = style == "Bold"
    font["OS/2"].usWeightClass = 700 if bold else 400
    font["OS/2"].fsSelection = 0x20 if bold else 0x40
    font["head"].macStyle = 1 if bold else 0
    return font


def sha256(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def ranges(numbers: set[int]) -> str:
    """Numbers as ranges in hexadecimal, one a line."""
    ordered = sorted(numbers)
    starts = [one for one in ordered if one - 1 not in numbers]
    ends = [one for one in ordered if one + 1 not in numbers]
    return "".join(f"{start:04X}-{end:04X}\n" for start, end in zip(starts, ends, strict=True))


def licence(source: Path) -> str:
    """Copyright line of each package, then the text that they share."""
    texts = [(source / package / "LICENSE").read_text("utf-8") for package in PACKAGES]
    owners = dict.fromkeys(text.split("\n", 1)[0].strip() for text in texts)
    return "\n".join([*owners, texts[0].split("\n", 1)[1]])


def main() -> None:
    """Write the fonts, their licence and their list."""
    source = Path(sys.argv[1])
    TARGET.mkdir(parents=True, exist_ok=True)
    lines = ["# Made by tools/make_fonts.py from these npm packages, under the licence OFL.txt."]
    for package in PACKAGES:
        version = json.loads((source / package / "package.json").read_text("utf-8"))["version"]
        lines.append(f"package @fontsource/{package} {version}")
    covered: set[int] = set()
    for weight, style in WEIGHTS.items():
        path = TARGET / f"NotoSans-{style}.ttf"
        font = named(noto_sans(source, weight), "Noto Sans", style)
        font.save(path, reorderTables=True)
        covered |= set(font.getBestCmap())
        lines.append(f"sha256 {sha256(path)} {path.name}")
        print(f"{path.stat().st_size:9,d} bytes  {path.name}")
    (TARGET / "OFL.txt").write_text(licence(source), encoding="utf-8")
    covered -= set(range(0x20))
    (TARGET / "COVERED").write_text(ranges(covered), encoding="ascii")
    (TARGET / "VENDORED").write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
