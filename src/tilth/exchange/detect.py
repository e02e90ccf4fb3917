"""Encoding, delimiter and heading row of a text file, from its content; all of it is stated."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import charset_normalizer

from tilth.core.problems import Problem, Refused, register
from tilth.exchange.table import Cell, plain

__all__ = ["Encoding", "Header", "detect_delimiter", "detect_encoding", "find_header", "letters"]

_FREQUENT = {
    # The letters that make up most of running text, by which one-byte encodings tell apart.
    "cp1251": "оеаинтсрвлкОЕАИНТСРВЛКії",
    "cp1256": "اليمونرتبةسعد",
    "koi8-r": "оеаинтсрвлк",
    "cp866": "оеаинтсрвлк",
    "cp1252": "áéíóúñàâçèêëîïôùûüöäßãõÁÉÍÓÚÑÇÈÊÀÜÖ°²",
    "cp1250": "áéíóúščžćđöüäłńśźżąęăţşŠČŽĆĐ",
}
_CONFIDENT = 0.5


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes become text.

    Parameters
    ----------
    name
        Python's name of the codec.
    errors
        Error handler: ``strict``, or one that reads stray bytes in a second encoding.
    stray
        The second encoding, empty when the file has one only.
    """

    name: str
    errors: str = "strict"
    stray: str = ""


def _stray_bytes(encoding: str) -> str:
    """Register and name an error handler that reads bytes which are not UTF-8 in `encoding`."""
    name = f"tilth-stray-{encoding}"

    def read(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        return error.object[error.start : error.end].decode(encoding, "replace"), error.end

    codecs.register_error(name, read)
    return name


def detect_encoding(data: bytes) -> Encoding:
    r"""Encoding of a text file, from a sample of it or all of it.

    A byte-order mark decides; then whether it is UTF-8; then letter frequencies in the one-byte
    encodings of the region; then `charset_normalizer`. A file that is UTF-8 with a few stray bytes
    is read as UTF-8 with those bytes in the likeliest one-byte encoding: several offices, one file.

    Examples
    --------
    >>> detect_encoding("fecha;municipio\n1;Nariño".encode("cp1252")).name
    'cp1252'
    """
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"))
    for mark, name in (*marks, (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return Encoding(name)
    if (even := data[::2][:4096].count(0)) + (odd := data[1::2][:4096].count(0)) > 16:
        length = min(len(data), 8192) / 2
        if odd > 0.3 * length > 10 * even:
            return Encoding("utf-16-le")
        if even > 0.3 * length > 10 * odd:
            return Encoding("utf-16-be")
    text = data.decode("utf-8", "surrogateescape")
    strays = bytes(ord(c) - 0xDC00 for c in text if "\udc80" <= c <= "\udcff")
    if not strays:
        return Encoding("utf-8")
    proper = sum(c > "\x7f" and not "\udc80" <= c <= "\udcff" for c in text)
    if proper > len(strays):
        lines = b"\n".join(
            line.encode("utf-8", "surrogateescape")
            for line in text.splitlines()
            if re.search("[\udc80-\udcff]", line)
        )
        stray = _one_byte(lines)
        return Encoding("utf-8", _stray_bytes(stray), stray)
    # The few bytes that a one-byte encoding leaves undefined are control characters.
    return Encoding(_one_byte(data), _stray_bytes("latin-1"))


def _one_byte(data: bytes) -> str:
    """Likeliest one-byte encoding of bytes that are not UTF-8."""
    scores = {}
    high = bytes(byte for byte in data if byte > 0x7F)
    for name, frequent in _FREQUENT.items():
        decoded = high.decode(name, "replace")
        # Letters of a Latin alphabet stand alone among ASCII ones, the others in whole words.
        scores[name] = sum(letter in frequent for letter in decoded) / len(high)
    alone = len(re.findall(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])", data)) / len(high)
    for name in scores:
        scores[name] *= alone if name in {"cp1252", "cp1250"} else 1.01 - alone
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= _CONFIDENT:
        return best
    guess = charset_normalizer.from_bytes(data[:262_144], cp_isolation=list(_FREQUENT)).best()
    return guess.encoding if guess is not None else best


def detect_delimiter(text: str) -> str:
    r"""Comma, semicolon, tab or bar: the one that gives most lines the same number of cells.

    Examples
    --------
    >>> detect_delimiter("a;b\n1,5;2\n2,5;3\n")
    ';'
    """
    if match := re.match(r"sep=(.)\r?\n", text):
        return match[1]
    lines = text.splitlines()[:200]
    best, best_score = ",", 0.0
    for delimiter in ",;\t|":
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if any(row)]
        except csv.Error:
            continue
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        score = (count / len(widths)) * (1 - 1 / max(width, 1))
        if score > best_score:
            best, best_score = delimiter, score
    return best


@dataclass(frozen=True, slots=True)
class Header:
    """Where the headings stand and what they are.

    Parameters
    ----------
    first, last
        Index of the first heading row and of the last, from 0; data begin after the last.
    names
        One for each column, unique; a heading over several columns is set before theirs.
    """

    first: int
    last: int
    names: tuple[str, ...]


_NUMERIC = re.compile(r"[\d\s.,:/%+-]*\d[\d\s.,:/%+-]*")


def _is_word(cell: Cell) -> bool:
    return isinstance(cell, str) and bool(cell.strip()) and not _NUMERIC.fullmatch(cell.strip())


def _filled(row: Sequence[Cell]) -> int:
    return sum(cell is not None and cell != "" for cell in row)


Merge = tuple[tuple[int, int], tuple[int, int]]
"""Merged cells: (first row, first column), (last row, last column), from 0."""


def find_header(rows: Sequence[Sequence[Cell]], merged: Sequence[Merge] = ()) -> Header:
    """Find the heading row below titles and blank rows, and join headings of two rows.

    Parameters
    ----------
    rows
        The first rows of the sheet, some data rows included.

    Raises
    ------
    Refused
        ``header_missing`` when no row looks like headings.

    Examples
    --------
    >>> find_header([["Report 2014", None], [None, None], ["place", "area"], ["A", 12.0]]).names
    ('place', 'area')
    """
    widths = [_filled(row) for row in rows if _filled(row)]
    if not widths:
        raise Refused(Problem("header_missing"))
    usual = sorted(widths)[len(widths) // 2]
    enough = max(1, 0.6 * usual)
    first = next(
        (
            n
            for n, row in enumerate(rows)
            if _filled(row) >= enough and sum(map(_is_word, row)) >= 0.8 * _filled(row)
        ),
        None,
    )
    if first is None:
        raise Refused(Problem("header_missing"))
    last = first
    groups = {
        (top, column): label
        for (top, left), (bottom, right) in merged
        if top == bottom and right > left and top < len(rows) and left < len(rows[top])
        for label in [plain(rows[top][left])]
        for column in range(left, right + 1)
    }
    if first + 1 < len(rows) and _continues(rows[first], rows[first + 1], groups, first):
        last = first + 1
    elif first > 0 and _groups_above(rows[first - 1], rows[first], usual):
        first -= 1
    return Header(first, last, _names(rows, first, last, groups))


def _continues(upper: Sequence[Cell], lower: Sequence[Cell], groups: object, row: int) -> bool:
    """Whether the lower row holds sub-headings: only words, under merged or empty heading cells."""
    if not _filled(lower) or sum(map(_is_word, lower)) < _filled(lower):
        return False
    under_gap = any(
        _is_word(cell) and (n >= len(upper) or upper[n] in (None, ""))
        for n, cell in enumerate(lower)
    )
    beside_gap = any(
        lower[n] in (None, "") if n < len(lower) else True
        for n, cell in enumerate(upper)
        if cell not in (None, "")
    )
    merged_here = isinstance(groups, dict) and any(top == row for top, _ in groups)
    return under_gap and (beside_gap or merged_here)


def _groups_above(upper: Sequence[Cell], lower: Sequence[Cell], usual: int) -> bool:
    """Whether the row above holds headings over several columns, and not a title."""
    words = sum(map(_is_word, upper))
    return 2 <= words < usual and words == _filled(upper) and _filled(lower) > words


def _names(
    rows: Sequence[Sequence[Cell]], first: int, last: int, groups: dict[tuple[int, int], str]
) -> tuple[str, ...]:
    upper, lower = rows[first], rows[last]
    width = max(len(upper), len(lower))
    names: list[str] = []
    carried = ""
    for column in range(width):
        top = plain(upper[column]).strip() if column < len(upper) else ""
        under = plain(lower[column]).strip() if column < len(lower) else ""
        if first == last:
            names.append(" ".join(under.split()))
            continue
        carried = top or (carried if under else "")
        label = groups.get((first, column), top or carried).strip()
        names.append(" ".join(" ".join(filter(None, (label, under))).split()))
    while (
        names
        and not names[-1]
        and not any(
            len(r) >= len(names) and r[len(names) - 1] not in (None, "") for r in rows[last + 1 :]
        )
    ):
        names.pop()
    seen: Counter[str] = Counter()
    unique = []
    for column, name in enumerate(names):
        base = name or f"column {letters(column)}"
        seen[base] += 1
        unique.append(base if seen[base] == 1 else f"{base} ({seen[base]})")
    return tuple(unique)


def letters(column: int) -> str:
    """Name of a column as a spreadsheet shows it, from 0.

    Examples
    --------
    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


register(
    {
        "header_missing": (
            "No row looks like column headings.",
            "Put one row with the names of the columns above the data.",
        ),
    }
)
