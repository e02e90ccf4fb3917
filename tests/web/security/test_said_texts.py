"""Texts that people said reach nobody but as text: in pages, data, pictures, tables and names.

Every text field of every kind of `canaries` holds markup, a template, a formula and a sign that
turns the line round; the authority's information manager, who reads them, opens everything.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from addresses import tried
from canaries import WORD, Told
from django.test import Client
from spider import Seen, walk
from strip_served import known

Reader = Callable[..., Client]
FORMULA = re.compile(r"\s*[=+\-@\t\r]")
NUMBER = re.compile(r"[+-]?[\d.,eE+\-]*")
TURNS = "\u202e"
SAFE = {"bdi", "textarea", "option", "title", "code"}
"""Elements that keep the direction of what stands in them to themselves."""


class Page(HTMLParser):
    """What a browser would make of a page: what runs in it, and which words are not kept apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, bool]] = []
        self.bad: list[str] = []
        self.apart: list[str] = []
        self.data: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if any(name.startswith("on") for name in given) or given.get("src") == "x":
            self.bad.append(f"<{tag} {given}")
        for name in ("href", "src", "action", "formaction"):
            if tag == "img" and (given.get(name) or "").startswith("data:image/"):
                continue  # a picture runs nothing; allauth shows the code of a factor so
            if re.match(r"\s*(javascript|data|vbscript):", given.get(name) or "", re.I):
                self.bad.append(f"{tag} {name}={given[name]}")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.bad.append("<script> inside a page")
        if tag not in ("img", "input", "br", "meta", "link", "hr", "wbr", "col", "source"):
            keeps = tag in SAFE or given.get("dir") in ("auto", "ltr", "rtl")
            self.open.append((tag, keeps and tag not in ("html", "body")))

    def handle_endtag(self, tag: str) -> None:
        while self.open and any(name == tag for name, _ in self.open):
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        inside = {name for name, _ in self.open}
        plain = re.sub("\u2068[^\u2069]*\u2069", "", data)  # isolates
        if "script" in inside:
            self.data.append(data)
        elif TURNS in plain and not any(keeps for _, keeps in self.open):
            self.apart.append(data.strip()[:90])


def as_page(seen: Seen) -> Page:
    """Read an answer as a browser does."""
    page = Page()
    page.feed(seen.body)
    page.close()
    return page


def check_page(seen: Seen) -> list[str]:
    """What is wrong with a page."""
    page = as_page(seen)
    wrong = [*page.bad, *(f"turns the line: {one}" for one in page.apart)]
    if re.search(r"1\+?zq[0-9a-z]{4}qzq[^<]{0,60}1337", seen.body):
        wrong.append("a template was filled in")
    for data in page.data:
        try:
            json.loads(data)
        except ValueError:
            wrong.append(f"broken data: {data[:60]}")
    return wrong


def check_table(seen: Seen) -> list[str]:
    """Cells of a table that a spreadsheet would reckon."""
    rows = csv.reader(io.StringIO(seen.body.lstrip("\ufeff")))
    return [
        f"formula: {cell[:60]}"
        for row in rows
        for cell in row
        if FORMULA.match(cell) and not NUMBER.fullmatch(cell)
    ]


def check_picture(seen: Seen) -> list[str]:
    """What may run in an SVG."""
    root = ElementTree.fromstring(seen.body)
    wrong = []
    for one in root.iter():
        tag = str(one.tag).rsplit("}", 1)[-1].lower()
        if tag in ("script", "foreignobject", "iframe", "img"):
            wrong.append(f"<{tag}>")
        wrong += [f"{tag} {name}" for name in one.attrib if name.lower().startswith("on")]
    if "sandbox" not in seen.response["Content-Security-Policy"]:
        wrong.append("a picture that is opened alone is not confined")
    return wrong


CHECKS = {"text/html": check_page, "text/csv": check_table, "image/svg+xml": check_picture}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_that_was_said_runs_reckons_or_turns_the_line(
    served_strip: Told, reader: Reader, language: str
) -> None:
    client = reader(served_strip.parties["Blue"], "information_manager")
    seen_kinds: dict[str, int] = {}
    wrong: dict[str, list[str]] = {}
    begin = []
    for one in tried():
        most = 147 if one.name == "record:show" else 4 if one.parts else 1
        begin += one.paths(known(served_strip), most)
    for seen in walk(client, begin if language == "en" else begin[::4], language=language):
        kind = seen.kind.split(";")[0]
        if WORD.search(seen.body):
            seen_kinds[kind] = seen_kinds.get(kind, 0) + 1
        if kind == "application/json":
            json.loads(seen.body)
        found = CHECKS[kind](seen) if kind in CHECKS and seen.status != 204 and seen.body else []
        if found:
            wrong[seen.path] = found[:3]
    if wrong:
        raise AssertionError("\n".join(f"{path}: {one}" for path, one in wrong.items()))
    assert {"text/html"} <= set(seen_kinds)


def test_the_reading_finds_what_it_looks_for() -> None:
    def page(text: str) -> list[str]:
        return check_page(Seen("/", 200, "", "text/html", None, text))

    assert page('<p><img src="x" onerror="zap()"></p>')
    assert page('<a href=" javascript:zap()">a</a>')
    assert page("<script>zap()</script>")
    assert page('<script type="application/json">{"a": "</script>')
    assert page(f"<p>a{TURNS}b</p>")
    assert not page(f"<p><bdi>a{TURNS}b</bdi> &lt;img src=x onerror=zap()&gt;</p>")
    assert check_table(Seen("/", 200, "", "text/csv", None, "a,=1+1\n"))
    assert not check_table(Seen("/", 200, "", "text/csv", None, "a,-12.5\nb,'=1+1\n"))
