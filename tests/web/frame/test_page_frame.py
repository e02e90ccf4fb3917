"""What every answer carries, what the address says, and what is vendored."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.test import Client
from django.utils import translation

import tilth.web
from tilth.core.problems import Problem
from tilth.web.frame.cut import Cut, cut_of

SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


VENDOR = Path(tilth.web.__file__).parent / "static" / "vendor"
ACCOUNT = {
    "level": "approved",
    "until": "2026-10-31",
    "known_at": "2026-11-01T10:00:00.000000Z",
    "position": [{"log": "tilth/a/b/1", "size": 12, "root": "0f" * 32}],
    "land": {"without_polygon": {"count": 2, "declared_m2": 40_000}},
    "left_out": {"returned": {"records": 3, "area_m2": 1200.0}},
}


def test_what_is_vendored_is_listed_with_its_hash_and_nothing_else_lies_there() -> None:
    listed = tomllib.loads((VENDOR / "VENDORED.toml").read_text("utf-8"))["package"]
    named = {
        f"{one['name']}/{file}": digest for one in listed for file, digest in one["sha256"].items()
    }
    there = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDORED.toml"
    }
    assert there == named
    assert all(one["licence"] and one["version"] and one["purpose"] for one in listed)


@pytest.mark.parametrize("address", ["/nothing-here", "/account/login/"])
def test_every_answer_carries_the_headers(
    read_only: Path, db: None, client: Client, address: str
) -> None:
    answer = client.get(address)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert "no-store" in answer["Cache-Control"]


def test_a_page_of_an_invented_operation_says_so(read_only: Path, sign_in: SignIn) -> None:
    assert "SYNTHETIC" in sign_in().get("/log").content.decode()


def test_the_language_is_the_readers_and_arabic_runs_from_right_to_left(
    read_only: Path, sign_in: SignIn
) -> None:
    page = sign_in().get("/log", headers={"accept-language": "ar"}).content.decode()
    assert '<html lang="ar" dir="rtl">' in page


def test_a_cut_survives_the_way_through_an_address() -> None:
    cut = Cut("verified", "2026-03-31", "position:7", ("RED", "BLU & co"), "Dagua/Upper")
    assert cut_of(QueryDict(cut.query())) == cut


@pytest.mark.parametrize(
    ("query", "wrong"),
    [("level=sure", ("level",)), ("until=tomorrow", ("until",)), ("until=2026-13-40", ("until",))],
)
def test_a_part_of_an_address_that_cannot_be_read_is_said_and_not_used(
    query: str, wrong: tuple[str, ...]
) -> None:
    cut = cut_of(QueryDict(query))
    assert (cut.level, cut.until, cut.wrong) == ("", "", wrong)


def test_a_figure_never_stands_alone() -> None:
    template = Template(
        "{% load tilth %}{% figure 'cleared' 21706.31 account=account how='/how' %}"
    )
    shown = template.render(Context({"account": ACCOUNT}))
    known = "2026-11-01 10:00 UTC"
    for part in ("●", "2.17", "21\u202f706.31", "2026-10-31", 'href="/how"', known):
        assert part in shown
    assert shown.count("<li>") == 2  # both things that it leaves out


def test_a_problem_says_what_where_and_how_to_put_it_right() -> None:
    template = Template("{% load tilth %}{% problem one %}")
    shown = template.render(
        Context({"one": Problem("bad_day", "row 7 <b>", {"text": "yesterday"})})
    )
    assert "yesterday is no day" in shown
    assert "row 7 &lt;b&gt;" in shown
    assert "Write a day as" in shown
    assert "<code" in shown
    assert "bad_day" in shown


def test_the_desk_serves_whichever_thread_answers(read_only: Path, sign_in: SignIn) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from tilth.web.ledger import public_desk

    def people() -> int:
        with public_desk() as session:
            return sum(1 for _ in session.workspace.vault.payloads())

    assert people() > 0
    with ThreadPoolExecutor(1) as other:
        assert other.submit(people).result() == people()
