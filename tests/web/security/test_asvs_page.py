"""The page on OWASP ASVS names tests that exist, and what it says of settings holds."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from addresses import NOWHERE, tried
from django.conf import settings as django_settings
from django.test import Client

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reference" / "asvs.md"
_COUNTS = (27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7)
CHAPTERS = {str(number): count for number, count in enumerate(_COUNTS, 1)}
"""Requirements of levels 1 and 2 in each chapter of ASVS 5.0.0."""
STANDS = {"met", "not applicable", "not met"}


def rows() -> list[list[str]]:
    """Number, level, what is asked, how it stands, why."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    found = [re.split(r" ?\| ?", line.strip("| ")) for line in lines if re.match(r"\| \d", line)]
    return [one for one in found if re.fullmatch(r"\d+\.\d+\.\d+", one[0])]


@cache
def functions(path: Path) -> frozenset[str]:
    """Names of the test functions of a file, those of classes, too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))


def test_every_requirement_of_levels_1_and_2_has_one_line() -> None:
    numbers = [one[0] for one in rows()]
    assert len(numbers) == len(set(numbers)) == 253
    assert Counter(one.split(".")[0] for one in numbers) == CHAPTERS
    assert numbers == sorted(numbers, key=lambda one: [int(part) for part in one.split(".")])
    for number, level, asked, stands, why in rows():
        assert level in ("1", "2"), number
        assert stands in STANDS, number
        assert len(asked) > 5, number
        assert len(why) > 3, number


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+(?:\.py)?)(?:::(\w+))?`", PAGE.read_text(encoding="utf-8"))
    assert len(named) > 100
    for name, function in named:
        path = ROOT / name
        assert path.exists(), name
        if function:
            assert function in functions(path), f"{name}::{function}"


def test_the_sums_are_those_of_the_lines() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for level, head in (("1", "level 1"), ("2", "level 2, above that")):
        counted = Counter(one[3] for one in rows() if one[1] == level)
        figures = " | ".join(str(counted[name]) for name in ("met", "not applicable", "not met"))
        assert f"| {head} | {figures} |" in text


def test_every_page_that_is_linked_exists() -> None:
    for target in re.findall(r"\]\(([\w./-]+\.md)\)", PAGE.read_text(encoding="utf-8")):
        if not target.startswith("generated/"):
            assert (PAGE.parent / target).is_file(), target


# -- settings --------------------------------------------------------------------------------------


def settings_at(address: str, *names: str) -> list[str]:
    """Settings of a server that is reached at an address."""
    read = "; ".join(f"print(repr(s.{name}))" for name in names)
    code = f"from tilth.web import settings as s; {read}"
    known = {**os.environ, "TILTH_PUBLIC_URL": address}
    done = subprocess.run(
        [sys.executable, "-c", code], env=known, capture_output=True, text=True, check=True
    )
    return done.stdout.split("\n")[: len(names)]


def test_over_https_a_browser_is_told_to_stay_there(settings: Any, db: None) -> None:
    names = ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "DEBUG", "ALLOWED_HOSTS")
    seconds, below, debug, hosts = settings_at("https://tilth.example.org", *names)
    assert int(seconds) >= 31_536_000
    assert (below, debug) == ("True", "False")
    assert "'*'" not in hosts
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = int(seconds), True
    answer = Client().get("/health", secure=True)
    assert answer["Strict-Transport-Security"] == f"max-age={seconds}; includeSubDomains"


def test_nothing_is_served_for_debugging() -> None:
    assert django_settings.DEBUG is False
    assert not [one for one in django_settings.INSTALLED_APPS if "debug" in one or "admin" in one]


def test_no_answer_lets_another_site_read_it(read_only: Path, db: None) -> None:
    client = Client(HTTP_ORIGIN="https://elsewhere.example")
    for one in tried():
        for path in one.paths(NOWHERE, 1):
            for method in (client.get, client.options):
                answer = method(path)
                assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_scripts_keep_nothing_in_the_browser() -> None:
    scripts = [
        path
        for path in (ROOT / "src" / "tilth" / "web" / "static").rglob("*.js")
        if "vendor" not in path.parts
    ]
    assert scripts
    for path in scripts:
        found = re.findall(
            r"localStorage|sessionStorage|indexedDB|document\.cookie|\beval\(|innerHTML\s*=",
            path.read_text(encoding="utf-8"),
        )
        assert not found, (path.name, found)
