"""Quality as a person sees it: visits due, nonconformities and what they block, open recalls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tilth.core.days import first_day
from tilth.core.life.quality import AXIS, roles_on
from tilth.core.life.register import Held, Register
from tilth.core.life.tasks import standing_of
from tilth.core.roles import allows, may_move
from tilth.service import quality
from tilth.service.lens import Lens
from tilth.service.recalling import OpenRecall, recalls
from tilth.service.register import register_of
from tilth.service.session import Session
from tilth.service.tasks import task_cases

__all__ = ["Inspected", "Nonconformity", "QualityPage", "quality_page"]

AT_WORK = ("issued", "worked_on", "suspended", "work_complete", "reopened")


@dataclass(frozen=True, slots=True)
class Inspected:
    """A task at work, and when somebody last looked at it.

    Parameters
    ----------
    last
        Day of the newest visit or sample; empty when there was none.
    days
        Since then, or since the order.
    """

    task: str
    order_number: str
    organisation: str
    state: str
    last: str
    days: int
    visits: int
    samples: int


@dataclass(frozen=True, slots=True)
class Nonconformity:
    """A nonconformity with the moves that the person may make."""

    record: str
    local_id: str
    happened_on: str
    due_on: str
    overdue: bool
    severity: str
    kind: str
    inspected: str
    team: str
    task: str
    state: str
    contested: bool
    blocks: tuple[str, ...]
    moves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QualityPage:
    """Everything of the page, as far as the reader sees it."""

    inspected: tuple[Inspected, ...]
    nonconformities: tuple[Nonconformity, ...]
    recalls: tuple[OpenRecall, ...]
    may_visit: bool
    may_decide: bool


def quality_page(session: Session, *, closed: bool = False) -> QualityPage:
    """What quality waits for today.

    Parameters
    ----------
    closed
        Also nonconformities that are closed.
    """
    known, lens = register_of(session), Lens(session)
    roles = session.roles
    return QualityPage(
        tuple(_inspected(session, known, lens)),
        tuple(_nonconformities(session, known, lens, closed=closed)),
        tuple(one for one in recalls(session) if any(lens.sees(area) for area in one.areas)),
        roles is None or allows(roles, "record", "qm_visit"),
        session.own == session.authority
        and (roles is None or allows(roles, "lift", "released_area")),
    )


def _inspected(session: Session, known: Register, lens: Lens) -> list[Inspected]:
    """Tasks at work, those longest without a look first."""
    today = session.today()
    looked: dict[str, list[tuple[str, str]]] = {}
    for kind in ("qm_visit", "sample_inspection"):
        for one in known.of(kind).values():
            task = known.find("task", str(one.now().get("task", "")), one.author)
            if task is not None:
                looked.setdefault(task.record, []).append((one.happened_on, kind))
    found = []
    for record, case in task_cases(session, known).items():
        state = standing_of(known, case, today).state
        if state not in AT_WORK or not lens.sees(record):
            continue
        seen = looked.get(record, [])
        last = max((day for day, _ in seen), default="")
        values = case.task.now()
        found.append(
            Inspected(
                record,
                str(values.get("order_number", "")) or case.task.local_id,
                str(values.get("assigned_to", "")),
                state,
                last,
                first_day(today) - first_day(last or case.task.happened_on),
                sum(1 for _, kind in seen if kind == "qm_visit"),
                sum(1 for _, kind in seen if kind == "sample_inspection"),
            )
        )
    return sorted(found, key=lambda one: (-one.days, one.task))


def _nonconformities(
    session: Session, known: Register, lens: Lens, *, closed: bool
) -> Iterable[Nonconformity]:
    for listed in quality.nonconformities(session):
        case = listed.case
        if (not case.is_open and not closed) or not lens.sees(case.held.record):
            continue
        values = case.fields
        mine = roles_on(known, case.held, session.own)
        by = {move.name: set(move.by) for move in AXIS.moves}
        task = known.find("task", str(values.get("task", "")), case.held.author)
        yield Nonconformity(
            case.held.record,
            case.held.local_id,
            case.held.happened_on,
            str(values.get("due_on", "")),
            listed.overdue,
            case.severity,
            str(values.get("nonconformity_type", "")),
            str(values.get("inspected", "")),
            str(values.get("team", "")),
            task.record if task else "",
            case.standing.state,
            case.standing.contested,
            _blocked(known, case.held) if case.is_open else (),
            tuple(
                one
                for one in listed.possible
                if mine & by[one] and may_move(session.roles, AXIS.name, one)
            ),
        )


def _blocked(known: Register, held: Held) -> tuple[str, ...]:
    """What an open nonconformity stands in the way of: the areas it names, its task."""
    values = held.now()
    areas = [str(one) for one in values.get("released_areas", ())]
    task = known.find("task", str(values.get("task", "")), held.author)
    return tuple(dict.fromkeys([*areas, *([task.record] if task else [])]))
