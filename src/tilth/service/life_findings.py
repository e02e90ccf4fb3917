"""Findings of the life of an operation: who was allowed, who checked, what was overridden."""

from __future__ import annotations

from tilth.core.findings import Finding
from tilth.core.life.overridden import overridden_findings
from tilth.service.ground import Books
from tilth.service.handing_over import handovers_findings
from tilth.service.register import register_of
from tilth.service.release_guards import own_work_findings
from tilth.service.session import Session

__all__ = ["life_findings"]

_WITH_OVERRIDES = ("status_change", "handover", "qm_visit", "sample_inspection")


def life_findings(session: Session, books: Books) -> list[Finding]:
    """Findings of everything that is no account: people, tasks, quality, handovers.

    Parameters
    ----------
    books
        Statements about ground as at the position asked for.
    """
    register = register_of(session)
    records = [one for kind in _WITH_OVERRIDES for one in register.of(kind).values()]
    return [
        *overridden_findings(books.land.decisions(), records),
        *handovers_findings(session),
        *own_work_findings(session),
    ]
