"""Released areas as documents list them: what was done, by whom, how deep, who accepted it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tilth.core.chains import LEVELS
from tilth.core.life.register import Held
from tilth.core.statement import parse_header, split_record_id
from tilth.service.paper_values.desk import Desk, m2, part_of
from tilth.service.paper_values.ground import (
    GroundAccount,
    area_m2,
    named_record,
    position_of,
    turning_points,
)
from tilth.service.register import held

__all__ = ["decisions_on", "naming_releases", "release_rows", "reopened"]

_DONE = ("release_type", "technical_asset", "depth_cm", "search", "not_searched_reason")
_PAPERS = ("started_on", "completion_report", "intended_use", "description")


def naming_releases(desk: Desk, names: Iterable[str], author: str = "") -> list[Held]:
    """Released areas by full id or any id that only one has, in the order named."""
    found = [named_record(desk, "released_area", str(name), author) for name in names]
    return [one for one in found if one is not None]


def release_rows(
    desk: Desk, releases: Sequence[Held], ground: GroundAccount
) -> list[dict[str, Any]]:
    """Released areas in rows.

    Parameters
    ----------
    ground
        Account at the document's level of the hazards they lie on: what they are credited with.
    """
    rows = []
    for one in releases:
        values = one.at(desk.until)
        shape = values.get("shape")
        hazard = named_record(desk, "hazard_area", str(values.get("hazard", "")), one.author)
        rows.append(
            {
                "release": one.local_id,
                "record": one.record,
                "statement": one.statement,
                "on": one.happened_on,
                **part_of(values, *_DONE, *_PAPERS),
                "hazard": hazard.local_id if hazard else str(values.get("hazard", "")),
                "hazard_record": hazard.record if hazard else "",
                "methods": list(values.get("methods", ())),
                "criteria": list(values.get("criteria", ())),
                "organisation": desk.organisation(str(values.get("organisation", ""))),
                "teams": [str(name) for name in values.get("teams", ())],
                "assets": [str(name) for name in values.get("assets", ())],
                "area_m2": area_m2(desk, shape) if shape else m2(0),
                "credited_m2": m2(ground.credited.get(one.record, 0.0)),
                "counts": one.level >= min(LEVELS[desk.level], LEVELS["approved"]),
                "benchmark": position_of(values.get("benchmark")),
                "turning_points": turning_points(shape),
                "decisions": decisions_on(desk, one),
                "said": desk.said(one),
            }
        )
    return rows


def decisions_on(desk: Desk, one: Held) -> list[dict[str, Any]]:
    """Decisions on the statement in force of a record, in order of receipt.

    Those that were withdrawn since say so.
    """
    store = desk.session.workspace.store
    entries = store.deciding([one.statement])
    undone = {
        target
        for entry in store.deciding([entry.hash for entry in entries])
        if (header := parse_header(entry.header)).act == "undo"
        for target in (header.decides or desk.session.fields_of(entry).get("decides", ()))
    }
    rows = []
    for entry in entries:
        header = parse_header(entry.header)
        fields = desk.session.fields_of(entry)
        rows.append(
            {
                "act": header.act,
                "on": header.happened_on,
                "by": desk.session.organisation_name(header.organisation),
                "actor": header.actor,
                "reason": str(fields.get("reason", "")),
                "rule_set": str(fields.get("rule_set", "")),
                "overrides": _overrides(fields.get("overrides", ()), one),
                "withdrawn": entry.hash in undone,
            }
        )
    return rows


def _overrides(lines: Iterable[Mapping[str, Any]], one: Held) -> list[dict[str, str]]:
    """Rules overridden for this record; a decision on several names the others beside it."""
    told = [{name: str(line.get(name, "")) for name in ("rule", "record")} for line in lines]
    return [line for line in told if line["record"] == one.record or one.kind not in line["record"]]


def reopened(desk: Desk, releases: Iterable[Held]) -> list[dict[str, Any]]:
    """Revocations and recalls that stand and name one of these released areas, by day."""
    names = {name for one in releases for name in (one.record, one.local_id)}
    standing = [*desk.register.revocations.values(), *desk.register.recalls.values()]
    rows = []
    for said in standing:
        fields = said.fields or {}
        named = [str(one) for one in fields.get("records", ()) if str(one) in names]
        if named and said.happened_on <= desk.until:
            rows.append(
                {
                    "act": said.act,
                    "on": said.happened_on,
                    "by": desk.session.organisation_name(said.organisation),
                    "actor": said.actor,
                    "reason": str(fields.get("reason", "")),
                    "releases": [split_record_id(one)[2] for one in named if "/" in one],
                }
            )
    return sorted(rows, key=lambda one: (one["on"], one["act"]))


def holding(desk: Desk, records: Iterable[str]) -> list[Held]:
    """Records of the ground in force, by day and id."""
    found = held(desk.session, records).values()
    return sorted(found, key=lambda one: (one.happened_on, one.record))
