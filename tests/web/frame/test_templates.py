"""What no template may hold: scripts and styles inside the page, and words nobody can translate."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import tilth.web

TEMPLATES = Path(tilth.web.__file__).parent / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))
TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.S)
COMMENT = re.compile(r"\{% comment.*?endcomment %\}", re.S)
CLASSES = re.compile(r"\{% block \w*class %\}.*?\{% endblock %\}", re.S)
TRANSLATED = re.compile(r"\{% blocktrans(?:late)?\b.*?\{% endblocktrans(?:late)? %\}", re.S)
SAID_AS_IT_IS = {
    *("SYNTHETIC", "Tilth", "TOML", "WKT", "GeoJSON", "CSV", "UTM", "MGRS", "SHA", "PDF", "EPSG"),
    *("CHA", "UTC", "min"),
}
"""Words that are the same in every language."""
SPOKEN = ("title", "alt", "placeholder", "aria-label")


class Reading(HTMLParser):
    """Finds what a strict policy would stop, and words outside translation."""

    def __init__(self) -> None:
        super().__init__()
        self.stopped: list[str] = []
        self.words: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "style" or "style" in known:
            self.stopped.append(f"<{tag}> with a style of its own")
        if tag == "script" and "src" not in known and "json" not in (known.get("type") or ""):
            self.stopped.append("a script inside the page")
        self.stopped += [f"{tag} {name}" for name in known if name.startswith(("on", "hx-on"))]
        for name in ("src", "href", "action"):
            if re.match(r"(?:https?:)?//", known.get(name) or ""):
                self.stopped.append(f"{tag} {name}={known[name]}")
        self.words += [known[name] or "" for name in SPOKEN if name in known]
        if tag in ("script", "style", "code", "pre", "kbd"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside and '="' not in data:  # a template may be part of a tag
            self.words.append(data)


def read(path: Path) -> Reading:
    text = TRANSLATED.sub(" ", CLASSES.sub(" ", COMMENT.sub("", path.read_text("utf-8"))))
    reading = Reading()
    reading.feed(TAGS.sub(" ", text))
    return reading


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_nothing_runs_or_styles_inside_a_page(path: Path) -> None:
    assert read(path).stopped == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_every_word_of_a_page_can_be_translated(path: Path) -> None:
    words = {word for text in read(path).words for word in re.findall(r"[A-Za-z]{3,}", text)}
    assert words - SAID_AS_IT_IS == set()


def test_the_reading_finds_what_it_looks_for(tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(
        '<p style="color:red" onclick="go()">Plain words</p><script>go()</script>'
        '<img alt="seen" src="//elsewhere.test/x.png"><p>{% translate "fine" %}</p>',
        "utf-8",
    )
    found = read(bad)
    assert len(found.stopped) == 4
    assert {"Plain", "words", "seen"} <= set(" ".join(found.words).split())
