"""Decisions beside the plain ones: those an import brings along, and the taking back of others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from tilth.core.chains import APPROVED, LEVELS, REPORTED, VERIFIED, Said
from tilth.core.geometry.encoding import value_of
from tilth.core.geometry.frame import Frame
from tilth.core.geometry.repair import is_areal, repair_shapes
from tilth.core.problems import Parameter, Problem, Refused, register
from tilth.core.statement import RECORD_ACTS, read_header, split_record_id
from tilth.exchange.features import read_features
from tilth.exchange.guard import Limits
from tilth.service.deciding import (
    Plan,
    carry_out,
    decisions_on,
    require_reason,
    standing_of_statements,
    statements_of,
)
from tilth.service.importing import Imported
from tilth.service.release_guards import (
    Guarded,
    guard_approval,
    obstacles,
    told_briefly,
    unobstructed,
)
from tilth.service.ruling import rules_on
from tilth.service.session import Session, said_of

__all__ = ["Raised", "area_of", "plan_undo", "raise_import", "require_level"]

_SHORTEST_HASH = 6

register(
    {
        "unknown_decision": (
            "There is no decision {hash}.",
            "Take its hash, or at least six digits of it, from tilth log or tilth show.",
        ),
        "ambiguous_decision": (
            "{hash} begins the hashes of {count} decisions.",
            "Give more digits.",
        ),
        "recall_not_undone": (
            "A recall stands until the authority decides it.",
            "Decide it as the authority with tilth recall decide.",
        ),
        "undo_would_approve": (
            "Taking back {taken} would approve {count} statements again, and the rules above stand "
            "in the way of that.",
            "Settle what stands in the way; or leave it so and decide anew with tilth approve, "
            "where --override RULE with --reason is a finding for ever.",
        ),
        "no_polygon": (
            "{path} holds no polygon.",
            "Give a GeoJSON file with the ground concerned, in WGS 84 degrees.",
        ),
    }
)


def require_level(session: Session, level: str) -> None:
    """Refuse a level that the caller may not give to statements of the own organisation.

    Raises
    ------
    Refused
        ``level_not_permitted``.
    """
    if LEVELS[level] == REPORTED:
        return
    act = "vouch" if LEVELS[level] == VERIFIED else "approve"
    try:
        session.log_for(act, session.own)
    except Refused:
        raise Refused(Problem("level_not_permitted", "--level", {"level": level})) from None


class Raised(NamedTuple):
    """How many statements of an import were raised, and what stood in the way of the others."""

    statements: int
    stopped: tuple[Problem, ...] = ()


def raise_import(session: Session, imported: Imported, level: str) -> Raised:
    """Give the statements of an import a level, as far as they do not have it yet.

    What the guards of an approval stop goes in at *verified* and is told.

    The file says that its rows were checked before they reached this workspace, so that whoever
    imports them vouches although the statements are theirs.

    """
    wanted = LEVELS[level]
    if wanted == REPORTED:
        return Raised(0)
    statements = statements_of(session, imported.id)
    standing = standing_of_statements(session, statements)
    lower = [
        one
        for one in statements
        if standing.level(one.hash) < wanted and one.hash not in standing.returned
    ]
    reason = f"imported at the level {level}"
    unvouched = [one for one in lower if standing.level(one.hash) < VERIFIED]
    _raise(session, "vouch", unvouched, reason)
    if wanted != APPROVED:
        return Raised(len(lower))
    free, stopped = unobstructed(session, lower)
    if free:
        _raise(session, "approve", free, reason, guard_approval(session, free))
    return Raised(len(free), tuple(told_briefly([one.problem for one in stopped])))


def _raise(
    session: Session, act: str, said: Sequence[Said], reason: str, guarded: Guarded | None = None
) -> None:
    if not said:
        return
    log = session.log_for(act, session.own, said[0].kind)
    drafts = dict(guarded.first) if guarded is not None else {}
    decisions = decisions_on(session, act, said, log=log, reason=reason, guarded=guarded)
    drafts[log] = [*drafts.get(log, ()), *decisions]
    carry_out(session, Plan(act, drafts, len(said), len(said)))


def plan_undo(session: Session, names: Sequence[str], reason: str) -> Plan:
    """Draft the withdrawal of decisions by whoever took them; nothing is written.

    Parameters
    ----------
    names
        Hashes of decisions, or at least their first six digits.

    Raises
    ------
    Refused
        ``reason_missing``, ``unknown_decision``, ``ambiguous_decision``, ``not_permitted``,
        ``recall_not_undone``; ``undo_would_approve`` with everything that stands in the way of an
        approval that would stand again.
    """
    session.require_actor()
    require_reason("undo", reason)
    by_log: dict[str, list[Said]] = {}
    named = _decisions_named(session, names)
    for said in named:
        if said.act == "recall":
            raise Refused(Problem("recall_not_undone", said.hash))
        for kind in _kinds_decided(session, said):
            session.require_role("undo", kind)
        by_log.setdefault(session.log_for("undo", said.organisation, ""), []).append(said)
    _guard_what_stands_again(session, named)
    drafts = {
        log: decisions_on(session, "undo", said, log=log, reason=reason)
        for log, said in by_log.items()
    }
    count = sum(map(len, by_log.values()))
    return Plan("undo", drafts, count, 0)


def _kinds_decided(session: Session, said: Said) -> list[str]:
    """Kinds of what a decision is on, by which a person's roles are asked."""
    if session.roles is None:
        return []
    if said.act in ("revoke", "lift"):
        return ["released_area"]
    found = session.workspace.store.by_hash(said.decides)
    kinds = {read_header(entry.header).kind for entry in found.values()}
    return sorted(kinds | ({split_record_id(said.record)[1]} if said.record else set()))


def _guard_what_stands_again(session: Session, undone: Sequence[Said]) -> None:
    """Ask the guards of an approval about statements that would be approved again.

    To take back a return, or the taking back of an approval, approves without anybody deciding:
    what stands in the way by now was never asked about.
    """
    decisions = {one.hash: one for one in undone if one.act in ("return", "undo")}
    todo = list(decisions.values())
    while todo:
        known = session.workspace.store.by_hash([h for one in todo for h in one.decides])
        fresh = [said_of(entry) for h, entry in known.items() if h not in decisions]
        todo = [one for one in fresh if one.act not in RECORD_ACTS]
        decisions |= {one.hash: one for one in fresh}
    statements = [one for one in decisions.values() if one.act in RECORD_ACTS]
    if not statements:
        return
    now = standing_of_statements(session, statements)
    then = standing_of_statements(session, statements, without=[one.hash for one in undone])
    again = [
        one
        for one in statements
        if then.level(one.hash) == APPROVED and now.level(one.hash) < APPROVED
    ]
    found = obstacles(session, again, rules_on(session)) if again else []
    if found:
        taken = ", ".join(one.hash[:12] for one in undone)
        params: dict[str, Parameter] = {"taken": taken, "count": len(again)}
        told = told_briefly([one.problem for one in found])
        raise Refused(*told, Problem("undo_would_approve", taken, params))


def _decisions_named(session: Session, names: Sequence[str]) -> list[Said]:
    """Decisions whose hashes begin with these digits, each once."""
    wanted = dict.fromkeys(name.lower().rstrip(".…") for name in names)
    found: dict[str, list[Said]] = {name: [] for name in wanted}
    for entry in session.workspace.store.entries_of_kinds(["decision"]):
        for name in wanted:
            if len(name) >= _SHORTEST_HASH and entry.hash.startswith(name):
                found[name].append(said_of(entry))
    for name, said in found.items():
        params: dict[str, Parameter] = {"hash": name, "count": len(said)}
        if not said:
            raise Refused(Problem("unknown_decision", name, params))
        if len(said) > 1:
            raise Refused(Problem("ambiguous_decision", name, params))
    return list({said[0].hash: said[0] for said in found.values()}.values())


def area_of(path: Path) -> dict[str, Any]:
    """Canonical shape of the polygons of a GeoJSON file, together and repaired where invalid.

    Raises
    ------
    Refused
        What the reader refuses, and ``no_polygon``.
    """
    table = read_features(path, Limits(), path.name)
    shapes = [row.geometry for row in table.rows() if row.geometry is not None]
    given = np.array(shapes, dtype=object)
    areas = given[is_areal(given)] if len(given) else given
    if not len(areas):
        raise Refused(Problem("no_polygon", str(path), {"path": str(path)}))
    west, south, east, north = shapely.total_bounds(areas)
    frame = Frame(int((west + east) / 2 * 1e9), int((south + north) / 2 * 1e9))
    mended = [one for one in repair_shapes(areas, frame) if one.geometry is not None]
    if not mended:
        raise Refused(Problem("no_polygon", str(path), {"path": str(path)}))
    whole = mended[0].geometry
    if len(mended) > 1:
        whole = shapely.union_all(np.array([one.geometry for one in mended], dtype=object))
    return value_of(whole)
