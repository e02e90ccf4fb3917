"""Explosives as people enter and ask for them: drawn, brought back, used, and the stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tilth.core.life.explosives import KINDS, Stock, joint, shown, stock
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import split_record_id
from tilth.service import recording
from tilth.service.lens import is_readable
from tilth.service.people import require_liaison
from tilth.service.recording import Spoken
from tilth.service.register import register_of
from tilth.service.session import Session
from tilth.service.tasks import day_of, find_task

__all__ = ["Charge", "Entry", "charge_of", "enter", "stock_of"]

TERMS = ("issued", "uncovered", "returned", "used", "held")

register(
    {
        "bad_charge": (
            "{text} is no charge.",
            "Write REPORT:LINE=QUANTITY; the line or the quantity may be left out.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Charge:
    """What of a use destroyed which item line of which report; as in the demolition log."""

    report: str
    line_id: str = ""
    quantity: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the store's book or of the demolition log."""

    task: str
    explosive: str
    quantity: str
    unit: str
    lot: str = ""
    store: str = ""
    by: str = ""
    on: str = ""
    remarks: str = ""
    charges: Sequence[Charge] = ()
    speaking_for: str = ""


def charge_of(text: str) -> Charge:
    """Read ``REPORT:LINE=QUANTITY``; the line and the quantity may be left out.

    Raises
    ------
    Refused
        ``bad_charge`` for a text without a report.

    Examples
    --------
    >>> charge_of("R-17:3=0.4")
    Charge(report='R-17', line_id='3', quantity='0.4')
    >>> charge_of("R-17")
    Charge(report='R-17', line_id='', quantity='')
    """
    named, _, quantity = text.partition("=")
    report, _, line = named.partition(":")
    if not report.strip():
        raise Refused(Problem("bad_charge", text, {"text": text}))
    return Charge(report.strip(), line.strip(), quantity.strip())


def enter(session: Session, kind: str, entry: Entry) -> Spoken:
    """Say that explosives were issued, returned or used for a task.

    It goes in as it is said; what the stock makes of it stands in the findings (rules §6).

    Raises
    ------
    Refused
        ``unknown_task``, ``unknown_kind``, ``bad_day`` and what the kind refuses.
    """
    session.require_actor()
    if kind not in KINDS:
        raise Refused(Problem("unknown_kind", kind, {"kind": kind, "kinds": ", ".join(KINDS)}))
    author = recording.author_of(session, entry.speaking_for)
    require_liaison(session, author, "record")
    charges = [
        {
            key: value
            for key, value in (
                ("report", _report(session, one.report)),
                ("line_id", one.line_id),
                ("quantity", one.quantity),
            )
            if value
        }
        for one in entry.charges
    ]
    fields: dict[str, Any] = {
        "happened_on": day_of(session, entry.on),
        "task": find_task(session, entry.task).record,
        "explosive": entry.explosive,
        "quantity": entry.quantity,
        "unit": entry.unit,
        "lot": entry.lot,
        "store": entry.store,
        "by": entry.by,
        "remarks": entry.remarks,
        "charges": charges,
    }
    said = {name: value for name, value in fields.items() if value}
    return recording.say(session, kind, said, speaking_for=entry.speaking_for)


def _report(session: Session, name: str) -> str:
    """Full id of the report that a charge names, where one is held; else the name as typed."""
    found = session.workspace.store.find_record(name)
    reports = [one for one in found if split_record_id(one)[1] in ("clearance_report", "spot_task")]
    readable = len(reports) == 1 and is_readable(session, reports[0])
    return reports[0] if readable else name


def stock_of(session: Session, task: str = "", day: str = "") -> dict[str, Any]:
    """Stock of explosives on a day: of each organisation, and jointly, which is their sum.

    Raises
    ------
    Refused
        ``unknown_task``, ``bad_day``.

    Returns
    -------
    dict
        ``until``, ``by`` (rows by organisation, task, explosive, unit), ``joint`` (without the
        organisation), ``closed`` (whether every row closes).
    """
    until = day_of(session, day)
    known = register_of(session)
    record = find_task(session, task).record if task else ""
    stocks = stock(known, until, record)
    whole = joint(stocks)
    return {
        "until": until,
        "by": [_row(session, one) for one in stocks],
        "joint": [_row(session, one) for one in whole],
        "closed": not any(one.closure for one in (*stocks, *whole)),
    }


def _row(session: Session, one: Stock) -> dict[str, str]:
    key = one.key
    name = session.organisation_name(key.organisation) if key.organisation else ""
    task = split_record_id(key.task)[2] if key.task.count("/") >= 2 else key.task
    return {
        "organisation": name,
        "task": task,
        "explosive": key.explosive,
        "unit": key.unit,
        **{term: shown(getattr(one, term)) for term in TERMS},
    }
