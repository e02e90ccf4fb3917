"""The rule set in force: as the authority said it, or the one that ships; and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tilth.core.days import last_day
from tilth.core.kinds.validate import check
from tilth.core.life.register import Register
from tilth.core.life.release import runs_life
from tilth.core.life.rule_set import RuleSet, held_in_force, read_rule_set
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import parse_header, record_id, statement_hash
from tilth.service.register import register_of
from tilth.service.session import Session
from tilth.store.protocol import Draft

__all__ = [
    "Ruling",
    "default_rules",
    "first_saying",
    "read_file",
    "rule_set_text",
    "rules_on",
    "set_rules",
]

KIND = "rule_set"
_DEFAULT = Path(__file__).parent / "rule_sets" / "default.toml"

register(
    {
        "rule_set_version_taken": (
            "{name} version {version} is said already, with another text.",
            "Give the text a higher version: decisions name the version they were taken under.",
        ),
        "rule_set_said": (
            "{name} version {version} is in force already.",
            "Change the text and give it a higher version.",
        ),
        "rule_set_unknown": (
            "There is no rule set {name} here.",
            "Take one of: {known}.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A rule set on a day.

    Parameters
    ----------
    record
        Record in which the authority said it; empty for the shipped one, never said.
    strict
        Its guards bite here on every decision, not only on confirmations.
    """

    rules: RuleSet
    record: str
    strict: bool


@cache
def default_rules() -> RuleSet:
    """Rule set that ships: documented, and no national standard."""
    return read_rule_set(_DEFAULT.read_text(encoding="utf-8"))


def read_file(path: Path) -> RuleSet:
    """Rule set of a file.

    Raises
    ------
    Refused
        What `tilth.core.life.rule_set.read_rule_set` refuses.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Refused(Problem("rule_set_not_toml", path.name, {"why": str(error)})) from None
    return read_rule_set(text)


def rules_on(session: Session, day: str = "") -> Ruling:
    """Rule set in force on a day, today without one.

    Raises
    ------
    Refused
        What `tilth.core.life.rule_set.read_rule_set` refuses, when a record holds a text that
        cannot be read.
    """
    known = register_of(session)
    held = held_in_force(known, day or session.today())
    rules = default_rules() if held is None else _parsed(session, str(held.fields.get("text", "")))
    return Ruling(rules, "" if held is None else held.record, runs_life(known, rules))


def _parsed(session: Session, text: str) -> RuleSet:
    """Rule set of a text, read once a session."""
    parsed: dict[str, RuleSet] = session.remembered.setdefault("rule sets", {})
    if text not in parsed:
        parsed[text] = default_rules() if text == default_rules().text else read_rule_set(text)
    return parsed[text]


def first_saying(session: Session, ruling: Ruling, day: str) -> dict[str, list[Draft]]:
    """Drafts by which the shipped rule set becomes a record, for its first decision.

    Its text has to stand in the log beside the decision that names it. Empty when it stands there
    already, or when the authority's key is not here, so that nobody can say it in its name.
    """
    rules = ruling.rules
    if ruling.record or _holding(register_of(session), rules):
        return {}
    try:
        log = session.log_for("record", session.authority, "")
    except Refused:
        return {}
    return {log: [_draft(session, rules, log, day, follows=True)]}


def _holding(known: Register, rules: RuleSet) -> bool:
    """Whether the authority said exactly this text, on whatever day."""
    return any(
        one.author == known.authority and one.fields.get("text") == rules.text
        for one in known.of(KIND).values()
    )


def _record(session: Session, rules: RuleSet) -> str:
    return record_id(session.authority, KIND, f"{rules.name}-{rules.version}")


def _draft(session: Session, rules: RuleSet, log: str, day: str, *, follows: bool = False) -> Draft:
    fields = {
        "local_id": f"{rules.name}-{rules.version}",
        "happened_on": day,
        "name": rules.name,
        "version": rules.version,
        "text": rules.text,
        "sha256": rules.sha256,
    }
    record = _record(session, rules)
    checked = check(session.kind(KIND), fields, today=session.today(), where=record)
    if checked.problems:
        raise Refused(*checked.problems)
    return session.draft(
        "record", KIND, fields, log=log, record=record, happened_on=day, follows=follows
    )


def set_rules(session: Session, text: str, *, on: str = "") -> dict[str, Any]:
    """Say a rule set, in force from a day on; decisions before it keep theirs.

    Parameters
    ----------
    text
        The rules as TOML, whole.
    on
        First day on which it is in force; today without.

    Returns
    -------
    dict
        ``rule_set`` (name/version/sha256), ``record``, ``statement``, ``in_force_from``.

    Raises
    ------
    Refused
        What `tilth.core.life.rule_set.read_rule_set` refuses; ``rule_set_version_taken``,
        ``rule_set_said``, ``not_permitted``, ``actor_missing``, ``day_after_today``, ``bad_date``.
    """
    rules = read_rule_set(text)
    day = on or session.today()
    log = session.log_for("approve", session.authority, KIND)
    with session.workspace.writing():
        _refuse_taken(session, rules)
        draft = _draft(session, rules, log, day)
        session.workspace.append([draft], log=log)
    return {
        "rule_set": rules.identity,
        "record": parse_header(draft.header).record,
        "statement": statement_hash(draft.header),
        "in_force_from": day,
    }


def _refuse_taken(session: Session, rules: RuleSet) -> None:
    """Refuse a name and version that were said before, also where that was withdrawn."""
    known, record = register_of(session), _record(session, rules)
    params: Mapping[str, str | int] = {"name": rules.name, "version": rules.version}
    if _holding(known, rules):
        raise Refused(Problem("rule_set_said", record, params))
    if session.workspace.store.of_records([record]):
        raise Refused(Problem("rule_set_version_taken", record, params))


def rule_set_text(session: Session, name: str = "") -> dict[str, Any]:
    """A rule set with its text: the one in force today, or the one of a name, id or decision.

    Parameters
    ----------
    name
        ``default`` for the shipped one; a record's id, ``name/version`` or
        ``name/version/sha256`` as stored with decisions.

    Returns
    -------
    dict
        ``rule_set``, ``name``, ``version``, ``sha256``, ``record`` (empty for the shipped one),
        ``in_force_from``, ``said`` (all that were said, as ``name/version``), ``strict`` (whether
        its guards bite here on every decision), ``text``.

    Raises
    ------
    Refused
        ``rule_set_unknown``.
    """
    known = register_of(session)
    said = sorted(
        (one for one in known.of(KIND).values() if one.author == known.authority),
        key=lambda one: (last_day(one.happened_on), int(one.fields.get("version", 0))),
    )
    names = [f"{one.fields.get('name')}/{one.fields.get('version')}" for one in said]
    if not name:
        held = held_in_force(known, session.today())
    elif name in ("default", default_rules().identity):
        held = None
    else:
        fitting = [
            one
            for one, called in zip(said, names, strict=True)
            if name in (one.record, one.local_id, called, f"{called}/{one.fields.get('sha256')}")
        ]
        if not fitting:
            listed = ", ".join(["default", *names])
            raise Refused(Problem("rule_set_unknown", name, {"name": name, "known": listed}))
        held = fitting[-1]
    rules = default_rules() if held is None else _parsed(session, str(held.fields["text"]))
    return {
        "rule_set": rules.identity,
        "name": rules.name,
        "version": rules.version,
        "sha256": rules.sha256,
        "record": "" if held is None else held.record,
        "in_force_from": "" if held is None else held.happened_on,
        "said": names,
        "strict": runs_life(known, rules),
        "text": rules.text,
    }
