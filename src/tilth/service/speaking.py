"""Say what a person typed: read, looked at before anything is stored, then said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tilth.core import canonical
from tilth.core.kinds.model import Kind
from tilth.core.kinds.validate import check
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import split_record_id
from tilth.service import recording
from tilth.service.deciding import resolve_record
from tilth.service.doubting import MISSES, Proposed
from tilth.service.entering import NO_SURVEY, Survey, Typed, read_fields, read_records, typed
from tilth.service.people import require_liaison
from tilth.service.recalling import say_all_with_recall
from tilth.service.recording import Spoken
from tilth.service.session import OPERATION_ID, Session

__all__ = ["Spoken", "Wish", "correct", "record", "revise"]

register(
    {
        "nothing_typed": (
            "There is nothing to say.",
            "Give FIELD=VALUE, or --json with a file.",
        ),
        "one_record_at_a_time": (
            "The file holds {count} records, and fields are given beside it.",
            "Put the fields into the file, or give a file with one record.",
        ),
        "person_code_taken": (
            "There is a person with the code {code} already.",
            "Take another code, or correct that person's record.",
        ),
        "empty_in_revision": (
            "{field} is empty, and an event cannot take a field away.",
            "Say what it is from that day on; a mistake is taken back with tilth correct.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants said.

    Parameters
    ----------
    texts
        ``FIELD=VALUE`` each.
    file
        JSON with fields of one record, or a list of records.
    survey
        How positions and bearings were measured.
    speaking_for
        Code of the organisation in whose log it goes; the own one without.
    dry_run
        Only tell what would be said.
    given
        Fields of a form, texts or lists of them; none of them may name a file of this machine.
    """

    texts: Sequence[str] = ()
    file: Path | None = None
    survey: Survey = NO_SURVEY
    speaking_for: str = ""
    dry_run: bool = False
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Saying:
    """What was said, or would be.

    Parameters
    ----------
    kind
        Kind of the records.
    spoken
        One for each record; statements are empty in a dry run.
    fields
        Canonical values of each, None for a field that is taken away.
    warnings
        What is unlikely about a shape, or was mended.
    recalled
        Released areas that a missed item puts in doubt; they were recalled in the same act.
    """

    kind: str
    spoken: list[Spoken] = field(default_factory=list)
    fields: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    recalled: list[Proposed] = field(default_factory=list)


def record(session: Session, kind: str, wish: Wish) -> Saying:
    """Say new records: all of them, or none.

    Raises
    ------
    Refused
        What `tilth.service.entering.read_fields` and `tilth.service.recording.say` refuse,
        ``nothing_typed``, ``one_record_at_a_time``, ``person_code_taken``.
    """
    session.require_actor()
    defined = session.kind(kind)
    session.require_role("record", kind)
    author = recording.author_of(session, wish.speaking_for)
    require_liaison(session, author, "record")
    read = _read(defined, wish)
    saying = Saying(kind, warnings=[one for each in read for one in each.warnings])
    for one in read:
        fields = {name: value for name, value in one.fields.items() if value is not None}
        if kind == "operation" or "code" in fields:
            fields.setdefault("local_id", fields.get("code", OPERATION_ID))
        saying.fields.append(fields)
    with session.workspace.writing():
        _require_new_codes(session, defined, saying.fields)
        if wish.dry_run:
            saying.spoken = _rehearsed(session, defined, saying.fields, author)
            return saying
        first = _framing(session, read)
        if kind in MISSES:
            told = say_all_with_recall(
                session, kind, saying.fields, speaking_for=wish.speaking_for, first=first
            )
            saying.spoken = [spoken for spoken, _ in told]
            saying.recalled = [found for _, found in told if found is not None and found.areas]
            return saying
        rows = [(kind, fields) for fields in saying.fields]
        saying.spoken = recording.say_many(
            session, rows, speaking_for=wish.speaking_for, first=first
        )
    return saying


def correct(session: Session, name: str, wish: Wish) -> Saying:
    """Say a record again with some fields changed; a field typed empty is taken away.

    Raises
    ------
    Refused
        As `record`, and what `tilth.service.recording.correct` refuses.
    """
    return _again(session, name, wish, "correct", recording.correct)


def revise(session: Session, name: str, wish: Wish, on: str) -> Saying:
    """Say what happened to a record on a day: fields as they are from then on.

    Raises
    ------
    Refused
        As `correct`, ``empty_in_revision``.
    """

    def say(
        session: Session, name: str, fields: Mapping[str, Any], *, first: recording.First
    ) -> Spoken:
        return recording.revise(session, name, fields, on or session.today(), first=first)

    return _again(session, name, wish, "revise", say)


def _again(session: Session, name: str, wish: Wish, act: str, say: Callable[..., Spoken]) -> Saying:
    session.require_actor()
    found = resolve_record(session, name)
    author, kind, _ = split_record_id(found)
    defined = session.kind(kind)
    session.log_for(act, author, kind)
    require_liaison(session, author, act)
    (read, *others) = _read(defined, wish)
    if others:
        raise Refused(Problem("one_record_at_a_time", name, {"count": 1 + len(others)}))
    empty = [one for one, value in read.fields.items() if value is None]
    if act == "revise" and empty:
        raise Refused(*(Problem("empty_in_revision", name, {"field": one}) for one in empty))
    saying = Saying(kind, fields=[read.fields], warnings=read.warnings)
    if wish.dry_run:
        _require_good(session, defined, read.fields, name, partial=True)
        saying.spoken = [Spoken(found, "")]
        return saying
    with session.workspace.writing():
        first = _framing(session, [read])
        saying.spoken = [say(session, found, read.fields, first=first)]
    return saying


def _read(kind: Kind, wish: Wish) -> list[Typed]:
    """Records of the file with the typed fields, read and tried one by one."""
    given: Mapping[str, Any] = typed(wish.texts)
    if wish.given:
        return [read_fields(kind, wish.given, wish.survey, files=False)]
    if wish.file is None:
        if not given:
            raise Refused(Problem("nothing_typed"))
        return [read_fields(kind, given, wish.survey)]
    records = read_records(wish.file)
    if given and len(records) > 1:
        params = {"count": len(records)}
        raise Refused(Problem("one_record_at_a_time", str(wish.file), params))
    read: list[Typed] = []
    problems: list[Problem] = []
    for number, one in enumerate(records, 1):
        where = f"record {number}" if len(records) > 1 else ""
        try:
            read.append(read_fields(kind, {**one, **given}, wish.survey, where=where))
        except Refused as refused:
            problems += refused.problems
    if problems:
        raise Refused(*problems)
    return read


def _require_new_codes(session: Session, kind: Kind, rows: Iterable[Mapping[str, Any]]) -> None:
    """Refuse a person's code that is used already: every other record names people by it."""
    if kind.name != "person":
        return
    taken: dict[str, list[str]] = {}
    for record, _, data in session.workspace.vault.payloads():
        if split_record_id(record)[1] == kind.name:
            taken.setdefault(str(canonical.decode(data).get("code", "")), []).append(record)
    problems, said = [], set[str]()
    for fields in rows:
        code = str(fields.get("code", ""))
        # a payload without a statement is what an act that failed left behind
        if code in said or session.workspace.store.of_records(taken.get(code, ())):
            problems.append(Problem("person_code_taken", code, {"code": code}))
        said.add(code)
    if problems:
        raise Refused(*problems)


def _rehearsed(
    session: Session, kind: Kind, rows: Iterable[Mapping[str, Any]], author: str
) -> list[Spoken]:
    """What saying the rows would give; nothing is stored, and nothing goes to the vault."""
    log = session.log_for("record", author, kind.name)
    taken: set[str] = set()
    spoken: list[Spoken] = []
    problems: list[Problem] = []
    for fields in rows:
        try:
            if kind.protected:
                missing = _require_good(session, kind, fields, str(fields.get("local_id", "")))
                spoken.append(Spoken(f"{author}/{kind.name}/-", "", missing))
                continue
            _, one = recording.draft_record(
                session, kind.name, fields, log=log, author=author, taken=taken
            )
            spoken.append(Spoken(one.record, "", one.missing))
        except Refused as refused:
            problems += refused.problems
    if problems:
        raise Refused(*problems)
    return spoken


def _require_good(
    session: Session, kind: Kind, fields: Mapping[str, Any], where: str, *, partial: bool = False
) -> tuple[str, ...]:
    given = {name: value for name, value in fields.items() if value is not None}
    if not partial:
        given.setdefault("happened_on", session.today())
    checked = check(kind, given, today=session.today(), where=where, partial=partial)
    if checked.problems:
        raise Refused(*checked.problems)
    return checked.missing


def _framing(session: Session, read: Iterable[Typed]) -> recording.First:
    """Fix the operation's frame by the first area that is ever said in it, with that area."""
    for one in read:
        if one.centre is not None:
            return session.framing(one.centre)
    return ()
