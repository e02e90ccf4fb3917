"""Decisions beside the plain ones: those an import brings along, and the taking back of others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tilth.core.chains import APPROVED, LEVELS, REPORTED, VERIFIED, Said
from tilth.core.geometry.encoding import value_of
from tilth.core.geometry.frame import Frame
from tilth.core.geometry.repair import is_areal, repair_shapes
from tilth.core.problems import Parameter, Problem, Refused, register
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
from tilth.service.session import Session, said_of

__all__ = ["area_of", "plan_undo", "raise_import", "require_level"]

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


def raise_import(session: Session, imported: Imported, level: str) -> int:
    """Give the statements of an import a level, as far as they do not have it yet.

    The file says that its rows were checked before they reached this workspace, so that whoever
    imports them vouches although the statements are theirs.

    Returns
    -------
    int
        How many statements were raised.
    """
    wanted = LEVELS[level]
    if wanted == REPORTED:
        return 0
    statements = statements_of(session, imported.id)
    standing = standing_of_statements(session, statements)
    lower = [
        one
        for one in statements
        if standing.level(one.hash) < wanted and one.hash not in standing.returned
    ]
    unvouched = [one for one in lower if standing.level(one.hash) < VERIFIED]
    acts = [("vouch", unvouched)]
    if wanted == APPROVED:
        acts.append(("approve", lower))
    for act, chosen in acts:
        if chosen:
            log = session.log_for(act, session.own)
            reason = f"imported at the level {level}"
            drafts = decisions_on(session, act, chosen, log=log, reason=reason)
            carry_out(session, Plan(act, {log: drafts}, len(chosen), len(chosen)))
    return len(lower)


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
        ``recall_not_undone``.
    """
    session.require_actor()
    require_reason("undo", reason)
    by_log: dict[str, list[Said]] = {}
    for said in _decisions_named(session, names):
        if said.act == "recall":
            raise Refused(Problem("recall_not_undone", said.hash))
        by_log.setdefault(session.log_for("undo", said.organisation), []).append(said)
    drafts = {
        log: decisions_on(session, "undo", said, log=log, reason=reason)
        for log, said in by_log.items()
    }
    count = sum(map(len, by_log.values()))
    return Plan("undo", drafts, count, 0)


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
