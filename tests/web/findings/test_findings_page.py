"""The work list of findings: what each person sees of it, says of it and takes away."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tilth.core.land import engines
from tilth.service.current import publish_now, read_face
from tilth.service.findings import findings
from tilth.service.lens import Lens
from tilth.service.session import Session, open_session

SignIn = Callable[..., Client]


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    engines.compile_now()


def rows(text: str) -> list[str]:
    return re.findall(r'<li class="finding [^"]*">.*?</li>', text, re.DOTALL)


def page(client: Client, query: str = "", **headers: str) -> str:
    answer = client.get(f"/findings{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_authority_sees_every_finding_fifty_at_a_time(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    text = page(sign_in())
    assert len(rows(text)) == 50
    assert f'value="{len(findings(ledger))}"' in text
    assert 'rel="next"' in text
    assert "too_shallow" in text or "items_in_cancelled_land" in text
    assert not set(rows(text)) & set(rows(page(sign_in(), "?page=2")))


def test_what_weighs_most_comes_first(read_only: Path, sign_in: SignIn) -> None:
    weights = re.findall(r'class="finding weight-(\w+)"', page(sign_in()))
    assert weights == sorted(weights, key=["high", "medium", "low"].index)
    low = page(sign_in(), "?weight=low")
    assert set(re.findall(r'class="finding weight-(\w+)"', low)) == {"low"}


def test_a_filter_changes_the_list_alone_with_htmx_and_the_page_without(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    code = "items_in_cancelled_land"
    wanted = [one for one in findings(ledger) if one["code"] == code]
    client = sign_in()
    part = page(client, f"?code={code}", **{"HX-Request": "true", "HX-Target": "findings-list"})
    assert "<html" not in part
    assert len(rows(part)) == len(wanted) > 0
    whole = page(client, f"?code={code}")
    assert "<html" in whole
    assert len(rows(whole)) == len(wanted)


def test_an_operator_sees_its_own_and_of_the_others_a_count_and_no_place(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    ledger.organisation = next(
        one.id for one in ledger.workspace.settings.organisations if "Plough" in one.name
    )
    ledger.roles = frozenset({"information_manager"})
    lens = Lens(ledger)
    client = sign_in("information_manager", organisation="Plough")
    text = page(client, "?state=all")
    records = set(re.findall(r'href="/record/([0-9a-f]{32}/\w+/[^/"]+)"', text))
    assert records
    assert lens.readable(records) == records
    assert "you may not read" in text
    answer = client.get("/findings.geojson?state=all")
    told = json.loads(answer.content)
    assert told["synthetic"] is True
    shown = [one["properties"] for one in told["features"]]
    named = {one["record"] for one in shown} | {one["other"] for one in shown}
    named = {one for one in named if one.count("/") == 2}
    assert lens.readable(named) == named
    ledger.organisation, ledger.roles = "", None
    every = {one["record"] for one in findings(ledger)}
    assert len(named) < len(every)
    placed = [one for one in told["features"] if one["geometry"]]
    assert placed
    assert len(placed) < len(told["features"])


def test_an_administrator_who_reads_no_hazard_is_told_no_place(
    read_only: Path, sign_in: SignIn
) -> None:
    text = page(sign_in("administrator", organisation="Plough"), "?state=all")
    assert "on the map" not in text
    assert "/hazard_area/" not in text


def test_what_is_said_of_a_finding_shows_at_once_and_stays(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in("information_manager")
    one = findings(ledger)[0]
    said = {"code": one["code"], "record": one["record"], "other": one["other"]}
    before = len(findings(ledger))
    refused = client.post("/findings/explain", {**said, "reason": "  ", "back": ""})
    assert refused.status_code == 422
    assert "reason_missing" in refused.content.decode()
    answer = client.post(
        "/findings/explain", {**said, "reason": "<b>Known</b> since the survey", "back": ""}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/findings?")
    text = page(client, "?state=explained")
    assert "&lt;b&gt;Known&lt;/b&gt; since the survey" in text
    assert len(rows(text)) == 1
    publish_now(ledger)
    counts = read_face(ledger, "findings")
    assert counts is not None
    assert (counts["open"], counts["explained"]) == (before - 1, 1)
    assert len(rows(page(client, "?state=explained"))) == 1


def test_who_may_not_explain_is_offered_nothing_and_refused(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in("observer", organisation="Plough")
    assert "/findings/explain" not in page(client, "?state=all")
    one = findings(ledger)[0]
    answer = client.post(
        "/findings/explain",
        {"code": one["code"], "record": one["record"], "other": one["other"], "reason": "So"},
    )
    assert answer.status_code in (403, 404)
    assert not list(ledger.workspace.store.entries_of_kinds(["explanation"]))


def test_a_refused_reason_comes_back_as_it_was_typed(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    one = max(findings(ledger), key=lambda one: one["area_m2"])
    client = sign_in("information_manager")
    answer = client.post(
        "/findings/explain",
        {"code": "no_such", "record": one["record"], "other": "", "reason": "Typed text"},
    )
    assert answer.status_code == 422
    assert "no_such_finding" in answer.content.decode()


def test_the_table_to_take_away_holds_what_the_page_counts(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    answer = sign_in().get("/findings.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="findings.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(lines) == len(findings(ledger))
    assert {line["state"] for line in lines} == {"open"}
    assert sum(bool(line["wkt"]) for line in lines) > 100


def test_nothing_published_is_said_and_nothing_matching_too(served: Path, sign_in: SignIn) -> None:
    client = sign_in()
    assert "Nothing was noticed that matches" in page(client, "?record=no-such")
    with open_session(served) as session:
        keys = session.workspace.store.kept_keys("face")
        session.workspace.store.keep_many("face", dict.fromkeys(keys))
    assert "nothing is published yet" in page(client)


def test_nobody_who_is_not_signed_in_sees_any(read_only: Path, db: None) -> None:
    del db
    for address in ("/findings", "/findings.csv", "/findings.geojson"):
        assert Client().get(address).status_code in (302, 401)
