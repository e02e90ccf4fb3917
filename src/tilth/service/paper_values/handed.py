"""Land handed over in an operation: certificates, ground, people present, reviews afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tilth.core.days import ordinal
from tilth.core.life.register import Held
from tilth.service.accounting import kept_at
from tilth.service.paper_values.desk import Desk, m2
from tilth.service.paper_values.ground import credited

__all__ = ["handovers"]

_PEOPLE = ("women", "men", "girls", "boys")


def handovers(desk: Desk) -> dict[str, Any]:
    """Sums over all handovers by the document's day.

    A released area handed over twice counts once, under its first handover.

    Returns
    -------
    dict
        ``certificates``, ``released_areas``, ``area_m2`` (credited at the document's level),
        ``recipients`` (different ones), ``present`` and ``not_counted`` (handovers that do not say
        how many were present), ``purposes`` (rows), ``overrides`` (handovers past a guard) and
        ``reviews``.
    """
    rows = kept_at(desk.session, desk.position, [desk.level])[desk.level].rows
    areas = credited(rows, ordinal(desk.until))
    local: dict[str, list[str]] = {}
    for release in rows.releases:
        local.setdefault(release.record.split("/", 2)[2], []).append(release.record)
    given = [one for one in desk.register.of("handover").values() if one.happened_on <= desk.until]
    given.sort(key=lambda one: (one.happened_on, one.record))
    purposes: dict[str, dict[str, Any]] = {}
    met: set[str] = set()
    for one in given:
        values = one.at(desk.until)
        named = {_record(desk, str(name), one, local) for name in values.get("released_areas", ())}
        fresh = sorted(named - met)
        met |= named
        row = purposes.setdefault(
            str(values.get("purpose", "")), {"certificates": 0, "released_areas": 0, "m2": 0.0}
        )
        row["certificates"] += 1
        row["released_areas"] += len(fresh)
        row["m2"] += sum(areas.get(record, 0.0) for record in fresh)
    present = {name: _counted(given, f"present_{name}") for name in _PEOPLE}
    counted = sum(1 for one in given if any(f"present_{name}" in one.now() for name in _PEOPLE))
    return {
        "certificates": len(given),
        "released_areas": len(met),
        "area_m2": m2(sum(row["m2"] for row in purposes.values())),
        "recipients": len({str(r) for one in given for r in one.now().get("recipients", ())}),
        "present": present,
        "not_counted": len(given) - counted,
        "purposes": [
            {
                "purpose": purpose,
                "certificates": row["certificates"],
                "released_areas": row["released_areas"],
                "area_m2": m2(row["m2"]),
            }
            for purpose, row in sorted(purposes.items())
        ],
        "overrides": sum(1 for one in given if one.now().get("overrides")),
        "reviews": _reviews(desk),
    }


def _counted(given: Iterable[Held], name: str) -> int | None:
    """Sum of what was counted; None where nobody counted."""
    found = [int(one.now()[name]) for one in given if name in one.now()]
    return sum(found) if found else None


def _record(desk: Desk, name: str, given: Held, local: dict[str, list[str]]) -> str:
    """Full id of a released area that a handover names; the name itself where it is not held."""
    if name.count("/") >= 2:
        return name
    known = local.get(name, [])
    own = [one for one in known if one.startswith(f"{given.author}/")]
    chosen = own if len(own) == 1 else known
    return chosen[0] if len(chosen) == 1 else desk.register.aliases.get(name, name)


def _reviews(desk: Desk) -> dict[str, int]:
    """Reviews after clearance: how many, with an accident, items found, users counted."""
    found = [
        one.at(desk.until)
        for one in desk.register.of("post_clearance_review").values()
        if one.happened_on <= desk.until
    ]
    return {
        "reviews": len(found),
        "accidents": sum(1 for one in found if one.get("accident_after") == "yes"),
        "items_found": sum(int(one.get("items_found", 0)) for one in found),
        **{name: sum(int(one.get(f"users_{name}", 0)) for one in found) for name in _PEOPLE},
    }
