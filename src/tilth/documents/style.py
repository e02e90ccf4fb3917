"""Colours, type and patterns of pictures, as CSS tokens for light and dark readers.

Land is told apart by pattern as well as by colour: remaining is hatched, reduced is lined,
cancelled and cleared are plain but differ in lightness, re-processed land is dotted.
"""

from __future__ import annotations

__all__ = ["STYLE", "patterns"]

_LIGHT = (
    "--paper:#ffffff;--ink:#17211c;--quiet:#55635b;--line:#d5ddd8;--track:#e6ebe8;"
    "--remaining:#b45f06;--remaining-ground:#fde9c8;--cancelled:#64748b;--reduced:#0f8a8a;"
    "--reduced-line:#bfe6e3;--cleared:#2e7d4f;--items:#2b5e49;--bad:#b3261e;--stamp:#b3261e"
)
_DARK = (
    "--paper:#121815;--ink:#e8eeea;--quiet:#a3b1a9;--line:#37433d;--track:#27312c;"
    "--remaining:#f0a53c;--remaining-ground:#3a2a10;--cancelled:#8b9bb0;--reduced:#35b3ad;"
    "--reduced-line:#0c4a48;--cleared:#58b57f;--items:#8fcbb0;--bad:#ff8a80;--stamp:#ff8a80"
)

STYLE = (
    f".KEY{{{_LIGHT};font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',"
    "'Noto Naskh Arabic','DejaVu Sans',sans-serif;font-variant-numeric:tabular-nums}"
    f"@media (prefers-color-scheme:dark){{.KEY{{{_DARK}}}}}"
    ".KEY text{fill:var(--ink);font-size:14px}"
    ".KEY .paper{fill:var(--paper)}"
    ".KEY .level{font-size:17px;font-weight:600}"
    ".KEY .figure{font-size:30px;font-weight:650}"
    ".KEY .figure.lesser{font-size:22px}"
    ".KEY .quiet{fill:var(--quiet)}"
    ".KEY .small{font-size:12px}"
    ".KEY .cap{font-size:12px;font-weight:600;fill:var(--quiet)}"
    ".KEY .label{font-size:13px}"
    ".KEY .value{font-size:14px;font-weight:600}"
    ".KEY .bad{fill:var(--bad);font-weight:700}"
    ".KEY .empty{fill:none;stroke:var(--line)}"
    ".KEY .land{stroke:var(--paper);stroke-width:1}"
    ".KEY .cleared{fill:var(--cleared)}"
    ".KEY .cancelled{fill:var(--cancelled)}"
    ".KEY .reduced{fill:url(#KEY-reduced)}"
    ".KEY .remaining{fill:url(#KEY-remaining);stroke:var(--remaining)}"
    ".KEY .again{fill:url(#KEY-again)}"
    ".KEY .processed{fill:var(--remaining-ground);stroke:var(--remaining)}"
    ".KEY .outside{fill:none;stroke:var(--quiet);stroke-dasharray:1 2}"
    ".KEY .declared{fill:none;stroke:var(--quiet)}"
    ".KEY .extension{fill:none;stroke:var(--ink);stroke-width:1.5;stroke-dasharray:4 3}"
    ".KEY .lead{fill:none;stroke:var(--quiet);stroke-width:1}"
    ".KEY .track{fill:var(--track)}"
    ".KEY .pieces{fill:var(--items)}"
    ".KEY .pieces.open{fill:var(--remaining)}"
    ".KEY .stamp{fill:var(--stamp);fill-opacity:.13;font-weight:800;letter-spacing:.06em}"
)
"""``KEY`` stands for the picture's own class, so that pictures on one page do not mix."""


def patterns(key: str) -> str:
    """Fill patterns of one picture; they take their colours from its tokens."""
    return (
        f'<pattern id="{key}-remaining" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)">'
        '<rect width="7" height="7" style="fill:var(--remaining-ground)"/>'
        '<rect width="2.4" height="7" style="fill:var(--remaining)"/></pattern>'
        f'<pattern id="{key}-reduced" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<rect width="6" height="6" style="fill:var(--reduced)"/>'
        '<rect width="6" height="1" style="fill:var(--reduced-line)"/></pattern>'
        f'<pattern id="{key}-again" width="5" height="5" patternUnits="userSpaceOnUse">'
        '<rect width="5" height="5" style="fill:var(--paper)"/>'
        '<circle cx="2.5" cy="2.5" r="1.6" style="fill:var(--cleared)"/></pattern>'
    )
