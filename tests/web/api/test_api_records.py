"""Records are read, said and decided by programs exactly as on the pages, and never twice."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from tilth.core.statement import split_record_id
from tilth.service import accounting
from tilth.web.api.models import KeptAnswer, Token

POINT = {"geojson": {"type": "Point", "coordinates": [-35.0532, 43.9928]}}


def new_evidence(local_id: str) -> dict[str, Any]:
    return {
        "fields": {
            "local_id": local_id,
            "happened_on": "2026-01-15",
            "category": "indirect",
            "point": POINT,
        }
    }


@pytest.fixture
def contingent(served, program):
    return program("information_manager", organisation="Suldane", code="SEC-API")


@pytest.fixture
def authority(served, program):
    return program("information_manager", "operations_manager", code="OMAA-API")


def said(device: Any, local_id: str = "API-1") -> dict[str, Any]:
    answer = device.post("records/evidence_point", new_evidence(local_id))
    assert answer.status_code == 201, answer.content
    return answer.json()


# -- reading ---------------------------------------------------------------------------------------


def test_the_account_is_that_of_the_pages(read_only, program, ledger) -> None:
    device = program("information_manager")
    for level in ("reported", "verified", "approved", "prudent"):
        told = device.get(f"account?level={level}").json()
        counted = accounting.account(ledger, accounting.Question(), level)
        assert told["land"] == counted["land"]
        assert told["items"] == counted["items"]
        assert (told["level"], told["until"], told["synthetic"]) == (level, counted["until"], True)


def test_an_observer_is_refused_the_cut_by_place_and_told_which_there_are(read_only, program):
    answer = program("observer").get("account?by=place")
    assert answer.status_code == 422
    assert answer.json()["code"] == "figure_not_cut"
    assert program("information_manager").get("account?by=place").status_code == 200


def test_every_record_is_on_exactly_one_page(read_only, program, ledger) -> None:
    device = program("information_manager")
    path, found = "records/hazard_area?limit=4", []
    while path:
        page = device.get(path).json()
        assert len(page["records"]) <= 4
        found += [one["record"] for one in page["records"]]
        path = (page["next"] or "").removeprefix("/api/v1/")
    rows = ledger.workspace.store.select("hazard_area", ["record"], {"act": "record"})
    assert sorted(found) == sorted({str(row[0]) for row in rows})
    assert device.get("records/hazard_area?limit=1001").status_code == 422


def test_records_are_found_by_what_they_say(read_only, program) -> None:
    device = program("information_manager")
    every = device.get("records/hazard_area?limit=1000").json()["records"]
    wanted = [one for one in every if one["fields"].get("classification") == "CHA"]
    some = device.get("records/hazard_area?limit=1000&where=classification:CHA").json()["records"]
    assert some == wanted
    assert 0 < len(some) < len(every)


def test_what_may_not_be_read_is_answered_like_what_is_not_there(read_only, program) -> None:
    device, observer = program("information_manager"), program("observer")
    record = device.get("records/hazard_area?limit=1").json()["records"][0]["record"]
    hidden, absent = observer.get(f"record/{record}"), observer.get("record/NOT-THERE")
    assert hidden.status_code == absent.status_code == 404
    same = json.loads(hidden.content.decode().replace(record, "NOT-THERE"))
    assert same == absent.json()
    assert observer.get("records/hazard_area").json()["records"] == []
    for operation in ("corrections", "events"):
        answer = observer.post(f"{operation}/{record}", {"fields": {"remarks": "x"}})
        assert answer.status_code == 404


def test_an_unchanged_answer_is_not_sent_again(served, program) -> None:
    device = program("information_manager")
    first = device.get("records/task?limit=2")
    again = device.get("records/task?limit=2", If_None_Match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    said(device)
    assert device.get("records/task?limit=2", If_None_Match=first["ETag"]).status_code == 200


def test_another_person_is_not_told_that_nothing_changed(read_only, program) -> None:
    device, observer = program("information_manager"), program("observer")
    tag = device.get("records/task")["ETag"]
    assert observer.get("records/task", If_None_Match=tag).status_code == 200


# -- saying ----------------------------------------------------------------------------------------


def test_a_report_goes_into_the_own_log_and_waits(contingent, authority) -> None:
    told = said(contingent)
    page = contingent.get(f"record/{told['record']}").json()
    assert split_record_id(told["record"])[0] == page["author"]
    assert page["organisation"] == "Suldane Engineer Contingent"
    assert (page["level"], page["statement"]) == ("reported", told["statement"])
    assert page["fields"]["point"]["coordinates"] == [-35053200000, 43992800000]
    waiting = authority.get("inbox?kind=evidence_point&sort=newest&limit=1").json()["waiting"]
    assert [one["statement"] for one in waiting] == [told["statement"]]


def test_the_fields_of_a_record_can_be_sent_back_as_they_were_read(authority) -> None:
    fields = authority.get("records/hazard_area?limit=1").json()["records"][0]["fields"]
    sent = {**fields, "local_id": "COPY-1"}
    del sent["organisation"]
    answer = authority.post("records/hazard_area", {"fields": sent, "anyway": True})
    assert answer.status_code == 201, answer.content
    read = authority.get("record/COPY-1").json()["fields"]
    assert sent.items() <= read.items()


def test_a_number_with_a_fraction_is_refused_because_json_keeps_it_only_nearly(authority) -> None:
    fields = new_evidence("F-1")["fields"] | {"remarks": 1.5}
    answer = authority.post("records/evidence_point", {"fields": fields})
    assert answer.status_code == 422
    assert answer.json()["code"] == "value_not_exact"


def test_every_problem_of_a_report_is_told_at_once(authority) -> None:
    fields = {"happened_on": "2026-13-01", "category": "perhaps", "colour": "red"}
    answer = authority.post("records/evidence_point", {"fields": fields})
    codes = {one["code"] for one in answer.json()["problems"]}
    assert answer.status_code == 422
    assert {"value_unread", "value_no_code", "no_such_field"} <= codes
    assert all(one["what"] and one["fix"] for one in answer.json()["problems"])


def test_a_token_that_reads_says_nothing(served, program, ledger) -> None:
    device = program("information_manager", scope="read")
    before = ledger.workspace.store.last_seq()
    answer = device.post("records/evidence_point", new_evidence("R-1"))
    assert (answer.status_code, answer.json()["code"]) == (403, "token_reads_only")
    assert ledger.workspace.store.last_seq() == before


def test_a_form_of_another_site_says_nothing(contingent) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = Client().post(
            "/api/v1/records/evidence_point",
            json.dumps(new_evidence("X-1")),
            content_type=kind,
            headers={"Authorization": f"Bearer {contingent.text}"},
        )
        assert answer.status_code == 415, kind


def test_a_correction_made_from_an_older_version_is_refused_with_both(contingent) -> None:
    told = said(contingent)
    address, mine = f"corrections/{told['record']}", {"fields": {"remarks": "mine"}}
    theirs = {"fields": {"remarks": "theirs"}}
    tag = f'"{told["statement"]}"'
    assert contingent.post(address, theirs, If_Match=tag).status_code == 201
    answer = contingent.post(address, mine, If_Match=tag)
    assert answer.status_code == 412
    problem = answer.json()
    assert problem["code"] == "record_changed"
    assert problem["now"]["fields"]["remarks"] == "theirs"
    assert problem["sent"]["fields"]["remarks"] == "mine"
    tag = f'"{problem["now"]["statement"]}"'
    assert contingent.post(address, mine, If_Match=tag).status_code == 201


# -- nothing is said twice -------------------------------------------------------------------------


def test_a_report_whose_answer_was_lost_is_said_once(contingent, ledger) -> None:
    sent = new_evidence("LOST-1")
    del sent["fields"]["local_id"]  # else its id alone would refuse the second one
    before = ledger.workspace.store.last_seq()
    answers = [
        contingent.post("records/evidence_point", sent, Idempotency_Key="k-1") for _ in range(3)
    ]
    assert ledger.workspace.store.last_seq() == before + 1
    assert {one.status_code for one in answers} == {201}
    assert len({one.content for one in answers}) == 1
    assert [one.get("Idempotency-Replayed") for one in answers] == [None, "true", "true"]


def test_a_key_is_good_for_one_thing_and_for_one_token(contingent, authority) -> None:
    first = contingent.post("records/evidence_point", new_evidence("K-1"), Idempotency_Key="k")
    other = contingent.post("records/evidence_point", new_evidence("K-2"), Idempotency_Key="k")
    theirs = authority.post("records/evidence_point", new_evidence("K-3"), Idempotency_Key="k")
    assert (first.status_code, theirs.status_code) == (201, 201)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_what_was_refused_may_be_sent_again_with_its_key(contingent) -> None:
    broken = {"fields": {"category": "perhaps"}}
    answer = contingent.post("records/evidence_point", broken, Idempotency_Key="k")
    assert answer.status_code == 422
    assert not KeptAnswer.objects.exists()
    sent = new_evidence("M-1")
    assert contingent.post("records/evidence_point", sent, Idempotency_Key="k").status_code == 201


def test_where_the_server_ended_meanwhile_nobody_says_it_again(contingent, monkeypatch) -> None:
    from tilth.web.api import records

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(records, "_said", fail)  # after it was said, before it was answered
    sent = new_evidence("E-1")
    answer = contingent.post("records/evidence_point", sent, Idempotency_Key="k")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_fault")
    monkeypatch.undo()
    again = contingent.post("records/evidence_point", sent, Idempotency_Key="k")
    assert (again.status_code, again.json()["code"]) == (409, "answer_under_way")


# -- deciding --------------------------------------------------------------------------------------


def test_a_decision_leaves_alone_what_was_corrected_since(contingent, authority) -> None:
    first, second = said(contingent, "D-1"), said(contingent, "D-2")
    changed = contingent.post(
        f"corrections/{first['record']}", {"fields": {"remarks": "moved"}}
    ).json()
    wanted = [{"statement": one["statement"], "state": "submitted"} for one in (first, second)]
    told = authority.post("decisions", {"act": "approve", "statements": wanted}).json()
    assert [one["record"] for one in told["done"]] == [second["record"]]
    assert [(one["record"], one["now"]) for one in told["changed_since"]] == [
        (first["record"], changed["statement"])
    ]
    assert authority.get(f"record/{second['record']}").json()["level"] == "approved"
    again = authority.post("decisions", {"act": "approve", "statements": wanted[1:]}).json()
    assert [one["act"] for one in again["already"]] == ["approve"]
    undone = authority.post("undoings", {"decisions": told["decisions"], "reason": "too early"})
    assert undone.json()["undone"] == 1
    assert authority.get(f"record/{second['record']}").json()["level"] == "reported"


def test_nobody_decides_on_what_they_may_not_read(contingent, served, program) -> None:
    told = said(contingent)
    stranger = program("observer", organisation="Green Furrow")
    assert stranger.get(f"record/{told['record']}").status_code == 404
    body = {"act": "return", "reason": "x", "statements": [{"statement": told["statement"]}]}
    assert stranger.post("decisions", body).status_code == 404


def test_a_withdrawal_needs_its_reason(contingent) -> None:
    told = said(contingent)
    address = f"withdrawals/{told['record']}"
    answer = contingent.post(address, {"reason": " "})
    assert (answer.status_code, answer.json()["code"]) == (422, "reason_missing")
    assert contingent.post(address, {"reason": "counted twice"}).status_code == 201
    assert contingent.get(f"record/{told['record']}").json()["state"] == "withdrawn"


# -- tasks, documents, log -------------------------------------------------------------------------


def test_a_task_moves_and_its_gates_are_told(authority) -> None:
    tasks = authority.get("tasks?state=accepted").json()["tasks"]
    name = tasks[0]["record"]
    assert "reopen" in {one["name"] for one in authority.get(f"task/{name}").json()["moves"]}
    refused = authority.post(f"moves/{name}", {"move": "reopen"})
    assert (refused.status_code, refused.json()["code"]) == (422, "move_needs_reason")
    moved = authority.post(f"moves/{name}", {"move": "reopen", "reason": "an item was found"})
    assert moved.json()["to_state"] == "reopened"
    assert authority.get(f"task/{name}").json()["state"] == "reopened"


def test_a_document_is_issued_fetched_and_checked(authority) -> None:
    name = authority.get("tasks").json()["tasks"][0]["local_id"]
    made = authority.post("documents", {"document": "task_order", "subject": name}).json()
    assert authority.get(f"documents/{made['code']}").json()["state"] == "issued"
    paper = authority.get(f"documents/{made['code']}/pdf")
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    beside = authority.post("documents", {"document": "situation_report"})
    assert beside.status_code == 202
    assert authority.get(f"jobs/{beside.json()['number']}").json()["state"] == "waiting"


def test_somebody_elses_work_is_not_there(authority, contingent) -> None:
    made = authority.post("jobs", {"kind": "account_at", "known": "2025-06-30"}).json()
    assert contingent.get(f"jobs/{made['number']}").status_code == 404
    assert authority.post(f"jobs/{made['number']}/cancel", {}).json()["state"] == "cancelled"


def test_a_kept_checkpoint_is_proven_to_be_the_beginning_of_the_log(contingent) -> None:
    logs = contingent.get("log").json()["logs"]
    (own,) = [one for one in logs if one["organisation"].startswith("Suldane")]
    note = contingent.get(f"log/checkpoint?log={quote(own['log'])}").content.decode()
    told = said(contingent)
    older = contingent.post("log/consistency", {"note": note}).json()
    assert (older["old_size"], older["size"]) == (own["size"], own["size"] + 1)
    proven = contingent.get(f"log/inclusion/{told['statement']}").json()
    assert (proven["index"], proven["size"]) == (own["size"], own["size"] + 1)
    leaves = contingent.get(f"log/leaves?start={own['size']}&log={quote(own['log'])}").json()
    assert leaves["leaves"] == [told["statement"]]
    forged = note.replace(f"\n{own['size']}\n", f"\n{own['size'] - 1}\n")
    assert contingent.post("log/consistency", {"note": forged}).status_code == 422


def test_the_use_of_a_token_is_bound_to_the_roles_of_the_day(served, program) -> None:
    device = program("information_manager", organisation="Suldane")
    said(device)
    member = Token.objects.get(pk=device.token.pk).member
    member.roles = ["observer"]
    member.save(update_fields=["roles"])
    answer = device.post("records/evidence_point", new_evidence("API-2"))
    assert (answer.status_code, answer.json()["code"]) == (403, "role_not_permitted")
