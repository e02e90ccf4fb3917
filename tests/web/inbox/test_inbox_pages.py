"""The inbox in a browser without JavaScript: look, mark, ask, confirm, take back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tilth.core.chains import APPROVED
from tilth.service.inbox import Filter, chosen_lines
from tilth.service.inbox_acts import Seen, decide
from tilth.service.inbox_lines import Line
from tilth.service.lens import Lens
from tilth.service.recording import correct, say
from tilth.service.register import held
from tilth.service.session import Session

SignIn = Callable[..., Client]


def words(answer: Any) -> str:
    """What a page says between its head and its foot, without marks."""
    text = answer.content.decode()
    start = text.find("<main")
    body = text[start if start >= 0 else 0 : text.find("</main") if start >= 0 else None]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def lines(ledger: Session, **wanted: Any) -> list[Line]:
    return chosen_lines(ledger, Lens(ledger), Filter(**wanted))


def token(line: Line) -> str:
    return f"{line.statement}.{line.state}"


def ask(client: Client, act: str, *chosen: Line, **more: str) -> str:
    """Choose reports for an act; the address of the page that explains it."""
    sent = {"act": act, "mark": [token(one) for one in chosen], "scope": "one", **more}
    answer = client.post("/inbox/ask", sent)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def level(ledger: Session, record: str) -> int:
    return held(ledger, [record])[record].level


@pytest.mark.usefixtures("read_only")
def test_the_list_tells_states_rows_and_what_may_be_done(sign_in: SignIn, ledger: Session) -> None:
    client = sign_in("information_manager")
    page = client.get("/inbox?state=verified&sort=area")
    assert page.status_code == 200
    text = page.content.decode()
    largest = max(lines(ledger, state="verified"), key=lambda one: one.m2)
    assert text.index(largest.local_id) < text.index("inbox-pages")
    assert 'value="approve"' in text
    opened = client.get(f"/inbox?s={largest.statement}").content.decode()
    assert 'data-key="a"' in opened
    assert 'data-key="v"' not in opened  # it is verified, and not the authority's own
    part = client.get(f"/inbox?s={largest.statement}&part=pane").content.decode()
    assert part.lstrip().startswith("<article")


@pytest.mark.usefixtures("read_only")
def test_ground_and_checks_are_pages_of_their_own_without_javascript(
    sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in("information_manager")
    area = next(one for one in lines(ledger, kind="released_area") if one.m2)
    around = client.get(f"/inbox/report/{area.statement}/around").content.decode()
    assert "<svg" in around
    assert "<html" in around
    assert "style=" not in around
    checks = client.get(f"/inbox/report/{area.statement}/checks", HTTP_HX_REQUEST="true")
    assert checks.status_code == 200
    assert "<html" not in checks.content.decode()


@pytest.mark.usefixtures("read_only")
def test_operators_see_their_own_and_observers_nothing(sign_in: SignIn, ledger: Session) -> None:
    every = lines(ledger)
    other = next(
        one
        for one in every
        if one.kind == "clearance_report" and "Green" in ledger.organisation_name(one.organisation)
    )
    client = sign_in("information_manager", organisation="Suldane")
    text = words(client.get("/inbox?text=" + other.local_id))
    assert "Nothing that matches waits" in text
    assert client.get(f"/inbox?s={other.statement}").status_code == 404
    assert client.get(f"/inbox/report/{other.statement}/around").status_code == 404
    assert client.get(f"/inbox/report/{other.statement}/checks").status_code == 404
    sent = {"act": "return", "mark": [token(other)], "scope": "one"}
    assert "nothing_decided" in client.post("/inbox/ask", sent).content.decode()
    observer = sign_in("observer", organisation="Suldane")
    own = next(one for one in every if "Suldane" in ledger.organisation_name(one.organisation))
    assert own.local_id not in words(observer.get("/inbox?text=" + own.local_id))


def test_from_the_report_to_approved_and_back(
    served: Any, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in("information_manager", code="OMAA-X1")
    report = next(one for one in lines(ledger, kind="clearance_report", state="verified"))
    page = ask(client, "approve", report)
    text = words(client.get(page))
    assert "Approve 1 report" in text
    assert "approved" in text
    assert level(ledger, report.record) < APPROVED
    done = client.post(page, {"reason": ""}, follow=True).content.decode()
    assert "Approved 1 report" in done
    assert level(ledger, report.record) == APPROVED
    # a second click finds what came of the first, and decides nothing again
    before = ledger.workspace.store.last_seq()
    assert "Approved 1 report" in words(client.post(page, {}, follow=True))
    assert ledger.workspace.store.last_seq() == before
    decisions = re.findall(r'name="decision" value="([0-9a-f]+)"', done)
    choice = page.split("/")[-1].partition("?")[0]
    nothing = client.post("/inbox/undo", {"decision": decisions, "choice": choice})
    assert nothing.status_code == 422
    assert "reason_missing" in nothing.content.decode()
    undone = client.post(
        "/inbox/undo",
        {"decision": decisions, "choice": choice, "reason": "Wrong batch"},
        follow=True,
    )
    assert "wait again" in undone.content.decode()
    assert level(ledger, report.record) < APPROVED


def test_what_was_corrected_between_look_and_decision_is_told_and_both_versions_shown(
    served: Any, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in("information_manager", code="OMAA-X1")
    first, second = lines(ledger, kind="clearance_report", state="verified")[:2]
    page = ask(client, "approve", first, second)
    ledger.organisation, ledger.actor = first.organisation, "SEC-IM9"
    spoken = correct(ledger, first.record, {"remarks": "the count was wrong"})
    text = client.post(page, {}, follow=True).content.decode()
    assert "Approved 1 report" in text
    assert re.search(r">1</data> was corrected since", text)
    assert first.statement in text
    assert spoken.statement in text
    shown = client.get(f"/inbox?s={spoken.statement}").content.decode()
    assert "<ins>" in shown
    assert "the count was wrong" in shown
    assert f"s={spoken.statement}" in client.get(f"/inbox?s={first.statement}").content.decode()
    ledger.organisation, ledger.actor = "", "im1"
    assert level(ledger, second.record) == APPROVED


def test_what_comes_in_after_the_list_was_frozen_is_not_in_it(
    served: Any, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in("information_manager", code="OMAA-X1")
    sent = {"act": "return", "scope": "all", "kind": "clearance_summary"}
    answer = client.post("/inbox/ask", sent)
    assert answer.status_code == 302
    waits = {one.record for one in lines(ledger, kind="clearance_summary")}
    author = lines(ledger)[0].organisation
    ledger.organisation, ledger.actor = author, "SEC-IM9"
    late = say(
        ledger,
        "clearance_summary",
        {"local_id": "LATE", "happened_on": "2025-12-01", "period_from": "2025-11-01"},
    )
    ledger.organisation, ledger.actor = "", "im1"
    text = words(client.post(answer["Location"], {"reason": "Say the period"}, follow=True))
    assert f"Returned {len(waits)} report" in text
    assert [one.local_id for one in lines(ledger, state="submitted", text="late")] == ["LATE"]
    assert late.record not in waits


def test_a_reason_that_is_missing_loses_nothing_that_was_typed(
    served: Any, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in("information_manager", code="OMAA-X1")
    report = lines(ledger, kind="clearance_report", state="verified")[0]
    page = ask(client, "return", report, reason="The same as X, which is held already.")
    assert "The same as X" in client.get(page).content.decode()
    refused = client.post(page, {"reason": "   "})
    assert refused.status_code == 422
    assert "reason_missing" in refused.content.decode()
    overridden = {"reason": "because of <b>this</b>", "override": ["no_such_rule"]}
    told = client.post(page, overridden)
    assert "&lt;b&gt;this&lt;/b&gt;" in told.content.decode() or told.status_code == 302


def test_marks_survive_paging_and_are_cleared_by_the_decision(
    served: Any, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in("information_manager", code="OMAA-X1")
    rows = lines(ledger)
    first, later = rows[0], rows[60]
    go = {"shown": [token(one) for one in rows[:50]], "mark": [token(first)], "go": "after:50"}
    moved = client.post("/inbox/mark", {**go, "state": ""})
    assert moved.status_code == 302
    assert "after=50" in moved["Location"]
    client.post("/inbox/mark", {"shown": [token(later)], "mark": [token(later)]})
    assert "2 marked" in words(client.get("/inbox"))
    page = client.post("/inbox/ask", {"act": "return", "scope": "marked"})["Location"]
    assert "Return 2 reports" in words(client.get(page))
    client.post(page, {"reason": "Say who worked"})
    assert "None marked" in words(client.get("/inbox"))
    client.post("/inbox/mark", {"shown": [token(rows[2])], "mark": [token(rows[2])]})
    client.post("/inbox/mark", {"go": "clear"})
    assert "None marked" in words(client.get("/inbox"))


def test_the_second_officer_sees_who_decided(served: Any, sign_in: SignIn, ledger: Session) -> None:
    client = sign_in("information_manager", code="OMAA-X1")
    report = lines(ledger, kind="clearance_report", state="verified")[0]
    page = ask(client, "approve", report)
    ledger.actor, ledger.organisation = "OMAA-X2", ledger.authority
    decide(ledger, "return", [Seen(report.record, report.statement)], "No team is named")
    text = words(client.post(page, {}, follow=True))
    assert "Approved 0 reports" in text
    assert "1 was decided already" in text
    assert "OMAA-X2" in text


def test_a_guard_is_told_rule_by_rule_and_overridden_with_a_reason(
    served: Any, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in("information_manager", code="OMAA-X1")
    areas = lines(ledger, kind="released_area")[:40]
    sent = {"act": "approve", "scope": "one", "mark": [token(one) for one in areas[:20]]}
    page = client.post("/inbox/ask", sent)["Location"]
    text = client.get(page).content.decode()
    rules = re.findall(r'name="override" value="([a-z_]+)"', text)
    if not rules:
        pytest.skip("nothing of this demonstration stands in the way")
    refused = client.post(page, {"override": rules, "reason": ""})
    assert refused.status_code == 422
    assert "checked" in refused.content.decode()
    done = client.post(page, {"override": rules, "reason": "Seen on site"}, follow=True)
    assert "Approved 20 reports" in words(done)


@pytest.mark.usefixtures("read_only")
def test_an_address_that_names_what_is_not_there_is_told(sign_in: SignIn) -> None:
    client = sign_in("information_manager")
    wrong = client.get("/inbox?state=lost")
    assert wrong.status_code == 422
    assert "bad_filter" in wrong.content.decode()
    assert client.get("/inbox?from=yesterday").status_code == 422
    assert client.get("/inbox?after=nonsense").status_code == 200
    assert client.get("/inbox/choice/abc").status_code == 422
    assert client.get("/inbox/report/abc/around").status_code == 404


def test_a_national_id_is_given_by_the_authority(
    served: Any, sign_in: SignIn, ledger: Session
) -> None:
    client = sign_in("information_manager", code="OMAA-X1")
    report = lines(ledger, kind="hazard_area")[0]
    address = f"/inbox/report/{report.statement}/name"
    assert client.post(address, {"national_id": "OR-HA-77"}).status_code == 302
    assert ledger.workspace.store.find_record("OR-HA-77") == [report.record]
    again = client.post(address, {"national_id": "a/b/c/d"})
    assert again.status_code == 422
    assert "a/b/c/d" in again.content.decode()
    operator = sign_in("information_manager", organisation="Suldane")
    own = next(
        one for one in lines(ledger) if "Suldane" in ledger.organisation_name(one.organisation)
    )
    told = operator.post(f"/inbox/report/{own.statement}/name", {"national_id": "X/1"})
    assert told.status_code == 403
