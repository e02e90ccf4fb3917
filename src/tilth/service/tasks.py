"""Tasks as people move them: an order is written, issued, worked on, accepted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tilth.core.days import first_day
from tilth.core.keyring import split_origin
from tilth.core.life import moves
from tilth.core.life.accredited import Work
from tilth.core.life.gate import Ask, Gates
from tilth.core.life.gate_rules import gate_rules_of
from tilth.core.life.register import Held, Register
from tilth.core.life.task_guards import Asking, Gate, obstacles
from tilth.core.life.tasks import AXIS, TaskCase, cases, roles_of, standing_of
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import split_record_id
from tilth.service import recording, speaking
from tilth.service.deciding import resolve_record
from tilth.service.guarding import settle
from tilth.service.lens import is_readable
from tilth.service.people import require_liaison
from tilth.service.register import held, register_of
from tilth.service.ruling import Ruling, rules_on
from tilth.service.session import Session

__all__ = [
    "MoveWish",
    "Moved",
    "day_of",
    "find_task",
    "gate_of",
    "move_task",
    "new_task",
    "task_cases",
]

register(
    {
        "unknown_task": (
            "There is no task {name}, or several are called so.",
            "Give its full id; tilth task board lists the tasks.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class MoveWish:
    """How somebody wants to move a task.

    Parameters
    ----------
    on
        Day of the move; today if empty.
    override
        Codes of rules that are overridden with the reason.
    speaking_for
        Code of the organisation that makes the move. It goes into that organisation's log where
        its key is here; the authority may enter the moves of others in its own log.
    """

    reason: str = ""
    cause: str = ""
    on: str = ""
    override: Collection[str] = ()
    speaking_for: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did."""

    task: str
    move: str
    from_state: str
    to_state: str
    record: str
    statement: str
    organisation: str
    overrides: Sequence[dict[str, str]] = ()


def find_task(session: Session, name: str) -> Held:
    """Task of that id, local id, national id or order number.

    Raises
    ------
    Refused
        ``unknown_task``.
    """
    known = register_of(session)
    found = known.find("task", name, session.own)
    if found is None and name:
        called = [one for one in known.of("task").values() if one.now().get("order_number") == name]
        found = called[0] if len(called) == 1 else None
    if found is None or not is_readable(session, found.record):
        raise Refused(Problem("unknown_task", name, {"name": name}))
    return found


def new_task(session: Session, wish: speaking.Wish) -> speaking.Saying:
    """Write an order: planned, until it is issued. The hazard area is kept by its full id.

    Raises
    ------
    Refused
        What `tilth.service.speaking.record` refuses.
    """
    texts = [_resolved(session, text) for text in wish.texts]
    return speaking.record(session, "task", replace(wish, texts=texts))


def _resolved(session: Session, text: str) -> str:
    """``hazard=`` and ``continues=`` with the full id, where one record is meant."""
    name, equals, value = text.partition("=")
    kinds = {"hazard": "hazard_area", "continues": "task"}
    if name.strip() not in kinds or not equals:
        return text
    try:
        record = resolve_record(session, value.strip())
    except Refused:
        return text
    return f"{name}={record}" if split_record_id(record)[1] == kinds[name.strip()] else text


def move_task(session: Session, name: str, move: str, wish: MoveWish) -> Moved:
    """Move a task: refused, or one status change in the log of who moves it.

    Raises
    ------
    Refused
        ``unknown_task``, ``bad_day``, what `tilth.core.life.moves.next_move` and the guards of
        the move refuse, ``override_needs_reason``, ``override_not_needed``.
    """
    session.require_actor()
    session.require_move(AXIS.name, move)
    day = day_of(session, wish.on)
    with session.workspace.writing():
        known = register_of(session)
        task = find_task(session, name)
        case = task_cases(session, known, task.record)[task.record]
        now = standing_of(known, case)
        speaker, author = _speaker(session, known, task, now, move, wish.speaking_for)
        require_liaison(session, author, "record")
        chosen = moves.next_move(
            AXIS,
            now,
            move,
            roles=roles_of(known, task, speaker, day),
            reason=wish.reason,
            day=day,
            where=task.record,
        )
        ruling = rules_on(session, day)
        asking = Asking(known, case, speaker, day, gate_of(known, ruling))
        lines = settle(obstacles(chosen.guards, asking), wish.override, wish.reason)
        fields = {
            "happened_on": day,
            "organisation": wish.speaking_for or session.organisation_name(speaker),
            "axis": AXIS.name,
            "subject": task.record,
            "move": chosen.name,
            "from_state": now.state,
            "to_state": chosen.target,
            "follows": now.last,
            "reason": wish.reason.strip(),
            "cause": wish.cause,
            "overrides": lines,
            "rule_set": ruling.rules.identity if "gate" in chosen.guards else "",
        }
        said = {key: value for key, value in fields.items() if value}
        log = session.log_for("record", author, "status_change")
        draft, spoken = recording.draft_record(
            session, "status_change", said, log=log, author=author
        )
        session.workspace.append([draft], log=log)
    return Moved(
        task.record,
        chosen.name,
        now.state,
        chosen.target,
        spoken.record,
        spoken.statement,
        session.organisation_name(speaker),
        lines,
    )


def day_of(session: Session, text: str) -> str:
    """Day as typed, today for an empty text; ``bad_day`` refuses any other."""
    if not text:
        return session.today()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Refused(Problem("bad_day", text, {"text": text})) from None


def _speaker(
    session: Session, known: Register, task: Held, now: moves.Standing, move: str, code: str
) -> tuple[str, str]:
    """Organisation that moves a task, and organisation in whose log it is said.

    Without a code: the first organisation whose key is here and whose move it is, the own first.
    """
    keys = [split_origin(log)[1] for log in session.own_logs()]
    here = [session.own, *sorted({*keys} - {session.own})]
    if code:
        speaker = known.organisation_of(code) or code
        if speaker in here:
            return speaker, speaker
        if session.own == session.authority:
            return speaker, session.own
        return speaker, recording.author_of(session, code)
    for organisation in here:
        roles = roles_of(known, task, organisation)
        named = [one for one in AXIS.moves if one.name == move and roles & set(one.by)]
        freed = not now.stops or "authority" in roles or move == "suspend"
        if named and freed:
            return organisation, organisation
    return session.own, session.own


def gate_of(known: Register, ruling: Ruling) -> Gate:
    """The gates of the rule set in force, asked for every team of a task."""
    gates = Gates(known, gate_rules_of(ruling.rules.gate))

    def asked(task: Held, day: str) -> list[Problem]:
        fields = task.now()
        work = Work(
            str(fields.get("activity", "")),
            tuple(fields.get("methods", ())),
            tuple(fields.get("hazard_types", ())),
        )
        organisation = str(fields.get("assigned_to", ""))
        assets = tuple(fields.get("assets", ()))
        on = first_day(day)
        found: dict[tuple[str, str], Problem] = {}
        for team in fields.get("teams", ()):
            ask = Ask(str(team), organisation, work, assets, on, on)
            for problem in gates.problems(ask):
                found.setdefault((problem.code, problem.where), problem)
        return list(found.values())

    return asked


def task_cases(session: Session, known: Register, only: str = "") -> dict[str, TaskCase]:
    """Tasks (or one) with what bears on them; their hazard areas are read from the store."""
    tasks = [known.of("task")[only]] if only else list(known.of("task").values())
    store = session.workspace.store
    names = sorted({str(one.now().get("hazard", "")) for one in tasks} - {""})
    records = {
        record
        for name in names
        for record in ([name] if name.count("/") >= 2 else store.find_record(name))
        if split_record_id(record)[1] == "hazard_area"
    }
    return cases(known, held(session, records), only)
