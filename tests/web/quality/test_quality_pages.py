"""Nonconformities and recalls, moved and decided through pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.test import Client

from tilth.service.quality_pages import quality_page
from tilth.service.recalling import recalls
from tilth.service.session import Session

SignIn = Callable[..., Client]


def test_the_page_lists_open_nonconformities_and_what_they_block(
    read_only: Path, sign_in: SignIn, ledger: Session
) -> None:
    page = sign_in("quality_officer").get("/quality").context["page"]
    whole = quality_page(ledger)
    assert [one.record for one in page.nonconformities] == [o.record for o in whole.nonconformities]
    assert [one.state for one in page.nonconformities if one.state == "closed"] == []
    assert all(one.blocks for one in page.nonconformities)


def test_an_observer_sees_no_nonconformity_and_no_recall(read_only: Path, sign_in: SignIn) -> None:
    page = sign_in("observer").get("/quality").context["page"]
    assert (page.inspected, page.nonconformities) == ((), ())


def test_a_recall_is_decided_area_by_area_by_the_authority_alone(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    (one,) = recalls(ledger)
    areas = sorted(one.areas)
    form = {"area": areas, "reason": "Lane searched again"}
    form |= {f"is-{area}": "uphold" if area == areas[0] else "lift" for area in areas}
    operator = next(o.name for o in ledger.workspace.settings.organisations if o.id != ledger.own)
    refused = sign_in("information_manager", organisation=operator).post(
        f"/quality/recall/{one.statement}", form
    )
    assert refused.status_code == 422
    undecided = dict(form)
    del undecided[f"is-{areas[-1]}"]
    authority = sign_in("information_manager")
    half = authority.post(f"/quality/recall/{one.statement}", undecided)
    assert half.status_code == 422
    assert len(recalls(ledger)) == 1
    done = authority.post(f"/quality/recall/{one.statement}", form)
    assert done.status_code == 302
    assert authority.get("/quality").context["page"].recalls == ()


def test_a_nonconformity_is_closed_only_by_who_may(
    served: Path, sign_in: SignIn, ledger: Session
) -> None:
    known = quality_page(ledger).nonconformities[0]
    refused = sign_in("quality_officer").post(
        f"/quality/{known.record}/move", {"move": "close", "reason": "Seen on site"}
    )
    assert refused.status_code == 422
    assert "move_not_possible" in refused.content.decode()
    inspected = known.inspected
    name = next(
        ledger.organisation_name(one.id)
        for one in ledger.workspace.settings.organisations
        if inspected in {*_codes(ledger, one.id)}
    )
    acted = sign_in("operations_manager", organisation=name).post(
        f"/quality/{known.record}/move", {"move": "act", "reason": "Lane marked again"}
    )
    assert acted.status_code == 302
    closed = sign_in("quality_officer").post(
        f"/quality/{known.record}/move", {"move": "close", "reason": "Seen on site"}
    )
    assert closed.status_code == 302


def _codes(session: Session, organisation: str) -> frozenset[str]:
    from tilth.service.register import register_of

    return register_of(session).codes(organisation)
