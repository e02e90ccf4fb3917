"""From a record's statements to its view at a level (rules §2).

*Prudent* reads everything undecided the way that leaves more ground remaining: a hazard is every
ring said since the newest approval, a release only what all later statements still say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tilth.core.chains import APPROVED, PRUDENT, REPORTED, Chain, Said, Standing, chains_of
from tilth.core.days import NEVER, first_day, last_day
from tilth.core.land.views import (
    CLEARED,
    RELEASE_TYPES,
    Ground,
    HazardView,
    ProcessedView,
    ReleaseView,
    Requirement,
    RevocationView,
)
from tilth.core.projects import project_key

__all__ = [
    "hazard_view",
    "processed_view",
    "release_keys",
    "release_view",
    "revocation_views",
    "statement_in_force",
]

SURFACE_METHODS = frozenset({"bac_surface", "visual_search", "visual"})
"""Methods that search the surface only; a statement's ``search`` field overrides them."""


def statement_in_force(statements: Sequence[Said], level: int, standing: Standing) -> Said | None:
    """Return the record's statement at a level, or None when it has none or is withdrawn.

    At *prudent* this is the approved one; it serves kinds for which no prudent reading is defined.
    """
    wanted = APPROVED if level == PRUDENT else level
    if len(statements) == 1:
        only = statements[0]
        fits = only.act == "record" and standing.level(only.hash) >= wanted
        return only if fits else None
    chain, _ = chains_of(statements)
    value = chain.value(wanted, standing) if chain else None
    return None if value is None or value.act == "withdraw" else value


def _group(chain: Chain, level: int, standing: Standing) -> tuple[list[Said], bool]:
    """Statements of a chain that speak at a level, and whether the first of them is approved."""
    if level != PRUDENT:
        value = chain.value(level, standing)
        said = [value] if value is not None and value.act != "withdraw" else []
        return said, bool(said) and standing.level(said[0].hash) == APPROVED
    approved, after = chain.undecided(standing)
    group = [said for said in after if said.act != "withdraw"]
    if approved is not None and approved.act != "withdraw":
        return [approved, *group], True
    return group, False


def _ground(group: Sequence[Said], *, first: bool, approved: bool) -> Ground | None:
    drawn = [said for said in group if said.fields and "shape" in said.fields]
    if not drawn:
        return None
    return Ground(
        tuple(said.hash for said in drawn),
        min(first_day(said.happened_on) for said in group),
        max(last_day(said.happened_on) for said in group),
        first,
        approved and "shape" in (group[0].fields or {}),
    )


def _class_of(group: Sequence[Said]) -> tuple[int, int, str] | None:
    said = [s for s in group if (s.fields or {}).get("classification")]
    names = {(s.fields or {})["classification"] for s in said}
    for name in ("CHA", "SHA", "indication"):
        if name in names:
            if name == "indication":
                voices = said
            else:
                voices = [s for s in said if (s.fields or {})["classification"] != "indication"]
            opens = min(first_day(s.happened_on) for s in voices)
            return opens, max(last_day(s.happened_on) for s in voices), name
    return None


def _requirement(group: Sequence[Said], *, raises: bool) -> Requirement | None:
    depths = [
        float(f["required_depth_cm"]) for s in group if "required_depth_cm" in (f := s.fields or {})
    ]
    searches = [f["required_search"] for s in group if "required_search" in (f := s.fields or {})]
    if not depths and not searches:
        return None
    opens = min(first_day(said.happened_on) for said in group)
    return Requirement(opens, max(depths, default=0.0), "subsurface" in searches, raises)


def hazard_view(
    record: str, statements: Sequence[Said], level: int, standing: Standing
) -> HazardView | None:
    """View of a hazard area at a level; None when it has none there or was withdrawn.

    A ring revised by a later survey adds ground and takes none away; a reclassification to
    *indication* of what was SHA or CHA is not followed (rules §3).
    """
    chain, revisions = chains_of(statements)
    base, base_ok = _group(chain, level, standing) if chain else ([], False)
    if chain is not None and not base and _ended(chain, level, standing):
        return None
    spoken = [_group(one, level, standing) for one in revisions]
    groups = [(base, base_ok)] if base else []
    groups += sorted(
        ((group, ok) for group, ok in spoken if group),
        key=lambda pair: (first_day(pair[0][0].happened_on), pair[0][0].hash),
    )
    if not groups:
        return None
    grounds: list[Ground] = []
    classes: list[tuple[int, int, str, bool]] = []
    requirements: list[Requirement] = []
    replaced = NEVER
    for group, ok in groups:
        ground = _ground(group, first=not grounds, approved=ok)
        grounds += [ground] if ground else []
        named = _class_of(group)
        classes += [(*named, ok)] if named else []
        undecided = level == PRUDENT and not (ok and len(group) == 1)
        need = _requirement(group, raises=undecided and group is not base)
        requirements += [need] if need else []
        if _replaced(group, level, ok):
            replaced = min(replaced, first_day(group[0].happened_on))
    if not classes or (any(ok for _, ok in groups) and not any(ok for *_, ok in classes)):
        sure = next((pair for pair in groups if pair[1]), groups[0])
        classes.append((*_span(sure[0]), "SHA", sure[1]))  # ground without a class is suspected
    voices, opens_and_day = groups[0][0], _span(groups[0][0])
    return HazardView(
        record=record,
        grounds=tuple(grounds),
        classes=tuple(sorted(classes)),
        requirements=tuple(sorted(requirements, key=lambda r: (r.opens, r.raises))),
        day=opens_and_day[1],
        parents=_parents(base, level, base_ok),
        approved=base_ok,
        replaced=replaced,
        place=str((voices[0].fields or {}).get("place", "")),
    )


def _ended(chain: Chain, level: int, standing: Standing) -> bool:
    """Whether the record's own chain ends it; else only its revisions have reached the level."""
    value = chain.value(APPROVED if level == PRUDENT else level, standing)
    return value is not None and value.act == "withdraw"


def _span(group: Sequence[Said]) -> tuple[int, int]:
    return (
        min(first_day(said.happened_on) for said in group),
        max(last_day(said.happened_on) for said in group),
    )


def _replaced(group: Sequence[Said], level: int, approved: bool) -> bool:
    says = [bool((said.fields or {}).get("replaced")) for said in group]
    return all(says) and (level != PRUDENT or approved)


def _parents(group: Sequence[Said], level: int, approved: bool) -> tuple[str, ...]:
    if not group or (level == PRUDENT and not approved):
        return ()
    named = [set((said.fields or {}).get("parents", ())) for said in group]
    return tuple(sorted(set.intersection(*named)))


def _surface_only(fields: Mapping[str, Any]) -> bool:
    if "search" in fields:
        return bool(fields["search"] == "surface")
    methods = fields.get("methods", ())
    return bool(methods) and SURFACE_METHODS.issuperset(methods)


def release_view(
    record: str, statements: Sequence[Said], level: int, standing: Standing
) -> ReleaseView | None:
    """View of a released area at a level; None when it does not release anything there.

    At *prudent* only an approved release counts, and only the ground, day, claim, depth and hazard
    on which every later statement of its chain agrees (rules §2).
    """
    if len(statements) == 1 or level != PRUDENT:
        value = statement_in_force(statements, level, standing)
        group = [value] if value is not None else []
    else:
        group = _agreed(statements, standing)
    if not group:
        return None
    fields = [said.fields or {} for said in group]
    ground = tuple(release_keys(said) for said in group)
    if not all(ground):
        return None
    claims = [RELEASE_TYPES[f["release_type"]] for f in fields]
    cleared = [f for f, claim in zip(fields, claims, strict=True) if claim == CLEARED]
    depths = [float(f["depth_cm"]) for f in cleared if "depth_cm" in f]
    named = {str(f.get("hazard", "")) for f in fields}
    newest = fields[-1]
    return ReleaseView(
        record=record,
        statement=group[0].hash,
        ground=ground,
        counts=max(last_day(said.happened_on) for said in group),
        day=min(first_day(said.happened_on) for said in group),
        claim=min(claims),
        cleared=bool(cleared),
        depth_cm=min(depths, default=None),
        surface_only=any(_surface_only(f) for f in cleared),
        named=named.pop() if len(named) == 1 else "",
        whole=any(f.get("extent") == "whole" for f in fields),
        organisation=str(newest.get("organisation", "")),
        methods="+".join(sorted(set(newest.get("methods", ())))),
        place=str(newest.get("place", "")),
        technical_asset=str(newest.get("technical_asset", "")),
        project=project_key(newest, group[0].organisation),
    )


def _agreed(statements: Sequence[Said], standing: Standing) -> list[Said]:
    chain, _ = chains_of(statements)
    if chain is None:
        return []
    approved, after = chain.undecided(standing)
    if approved is None or approved.act == "withdraw":
        return []
    if any(said.act == "withdraw" for said in after):
        return []
    return [approved, *after]


def release_keys(said: Said) -> tuple[str, ...]:
    """Keys of the ground that a statement of a release draws or names."""
    fields = said.fields or {}
    if fields.get("extent") == "whole":
        return tuple(fields.get("whole_of", ()))
    return (said.hash,) if "shape" in fields else ()


def revocation_views(
    revocations: Iterable[Said],
    records: Mapping[str, Sequence[Said]],
    level: int,
    standing: Standing,
) -> list[RevocationView]:
    """Views of standing revocations, one for each record they name.

    Ground is that of the record's value at the level, or its reported value when it has none
    there; at *prudent* every ring its chain ever said.
    """
    views = []
    for said in revocations:
        fields = said.fields or {}
        area = ((said.hash,),) if "area" in fields else ()
        for record in sorted(fields.get("records", ())):
            held = records.get(record, ())
            if level == PRUDENT:
                keys = tuple(sorted({key for one in held for key in release_keys(one)}))
                counts = min(
                    (last_day(one.happened_on) for one in held if one.happened_on), default=0
                )
            else:
                value = statement_in_force(held, level, standing) or statement_in_force(
                    held, REPORTED, standing
                )
                value = value or _last_said(held, standing)
                keys = release_keys(value) if value else ()
                counts = last_day(value.happened_on) if value else 0
            if keys:
                views.append(
                    RevocationView(
                        statement=said.hash,
                        record=record,
                        ground=((keys, *area)),
                        opens=max(first_day(said.happened_on), counts),
                        day=last_day(said.happened_on),
                        standing=frozenset(fields.get("still_standing", ())),
                    )
                )
    return views


def _last_said(statements: Sequence[Said], standing: Standing) -> Said | None:
    """Return the last statement before a record's withdrawal, which a revocation still binds."""
    chain, _ = chains_of(statements)
    path = chain.path(standing)[0] if chain else []
    said = [chain.nodes[h] for h in path if chain.nodes[h].act != "withdraw"] if chain else []
    return said[-1] if said else None


def processed_view(
    record: str, statements: Sequence[Said], level: int, standing: Standing
) -> ProcessedView | None:
    """View of a clearance report's polygons at a level; None when it has none."""
    value = statement_in_force(statements, level, standing)
    if value is None:
        return None
    fields = value.fields or {}
    keys = [value.hash] if "shape" in fields else []
    keys += [
        f"{value.hash}#{n}" for n, work in enumerate(fields.get("work", ())) if "shape" in work
    ]
    if not keys:
        return None
    opens = last_day(value.happened_on)
    return ProcessedView(record, tuple(keys), opens, first_day(value.happened_on))
