"""The land book: every statement about ground, resolved to views at each level.

The book is a value in memory. It takes statements in any order, keeps the geometry each of them
drew (in metres, in the operation's frame) and says which records changed. It computes no area.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from tilth.core.chains import (
    APPROVED,
    LEVELS,
    PRUDENT,
    REPORTED,
    VERIFIED,
    Said,
    Standing,
    standing_of,
)
from tilth.core.geometry.repair import repair_areas
from tilth.core.land.resolve import (
    hazard_view,
    processed_view,
    release_keys,
    release_view,
    revocation_views,
)
from tilth.core.land.rings import to_grid
from tilth.core.land.views import HazardView, ProcessedView, ReleaseView, RevocationView, zone_key

__all__ = ["KINDS_OF_GROUND", "LandBook", "Views"]

KINDS_OF_GROUND = ("hazard_area", "released_area", "clearance_report")
EXTENSION_M = 50.0
REOPENING = ("revoke", "recall")

View = HazardView | ReleaseView | ProcessedView
Views = tuple[View | None, View | None, View | None, View | None]
"""A record's view at reported, verified, approved and prudent."""

_FUNCTIONS = {
    "hazard_area": hazard_view,
    "released_area": release_view,
    "clearance_report": processed_view,
}


@dataclass(slots=True)
class LandBook:
    """Statements about ground, their geometry and their views.

    Parameters
    ----------
    authority
        Organisation id whose approvals and revocations count.
    extension_m
        Distance from the ring within which a cleared release extends the hazard it names (rule
        set; rules §3).
    called
        Names by which records call the authority's own organisation.

    Attributes
    ----------
    revocations
        Revocations that stand and recalls that are not lifted, by hash.
    revoked
        Released areas that these name. They bear on their ground even where no
        level has a view of them any more: what was found there stays found when the author
        withdraws the paper.
    stirred
        Statements whose standing the last `refresh` looked at again, those of other kinds among
        them; a level may have moved without a view moving.
    """

    authority: str
    extension_m: float = EXTENSION_M
    called: frozenset[str] = frozenset()
    statements: dict[str, list[Said]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    geometry: dict[str, Any] = field(default_factory=dict)
    views: dict[str, Views] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)
    revocations: dict[str, Said] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    stirred: set[str] = field(default_factory=set)
    _authors: dict[str, str] = field(default_factory=dict)
    _record_of: dict[str, str] = field(default_factory=dict)
    _about: dict[str, list[Said]] = field(default_factory=dict)
    _decisions: dict[str, Said] = field(default_factory=dict)
    _dirty: set[str] = field(default_factory=set)
    _local: dict[str, str] = field(default_factory=dict)
    first: dict[str, View] = field(default_factory=dict)
    _keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _naming: dict[str, set[str]] = field(default_factory=dict)
    _decided: set[str] = field(default_factory=set)

    def take(self, said: Said, geometry: Mapping[str, Any] | None = None) -> None:
        """Take in a statement or decision, with the polygons it drew by key.

        Polygons are valid and in metres, best with vertices rounded by `rings.to_grid`.
        Taking the same statement again changes nothing.
        """
        if said.kind in _FUNCTIONS:
            if said.hash in self._record_of:
                return
            self.statements.setdefault(said.record, []).append(said)
            self.kinds[said.record] = said.kind
            self._authors[said.hash] = said.organisation
            self._record_of[said.hash] = said.record
            self.geometry.update(geometry or {})
            self._dirty.add(said.record)
            fields = said.fields or {}
            rings = fields.get("whole_of", ())
            for name in (fields.get("hazard"), *fields.get("parents", ()), *rings):
                if name:
                    self._naming.setdefault(str(name), set()).add(said.record)
            if said.kind == "hazard_area":
                local = said.record.split("/", 2)[2]
                known = self._local.setdefault(local, said.record)
                self._local[local] = known if known == said.record else ""
            if said.hash in self._about:
                self._decided.add(said.hash)
        elif said.hash not in self._decisions:
            self._decisions[said.hash] = said
            self.geometry.update(geometry or {})
            for target in said.decides:
                self._about.setdefault(target, []).append(said)
                self._decided.add(target)
            if said.act in REOPENING:
                self._decided.add(said.hash)

    def know(self, said: Said) -> None:
        """Let decisions on a statement without ground have their effect on its level."""
        self._authors[said.hash] = said.organisation
        if said.hash in self._about:
            self._decided.add(said.hash)

    def decisions_on(self, statement: str) -> list[Said]:
        """Every decision held on a statement, those since withdrawn among them."""
        return self._about.get(statement, [])

    def decision(self, statement: str) -> Said | None:
        """Decision of that hash, one since withdrawn too; None when none is held."""
        return self._decisions.get(statement)

    def decisions(self) -> Iterable[Said]:
        """Every decision held, those since withdrawn among them."""
        return self._decisions.values()

    def refresh(self) -> set[str]:
        """Bring levels and views up to date; returns the records whose views changed.

        A revocation changes every record it names.
        """
        changed = {record for record in self._restand() if record in self.statements}
        for record in changed:
            self._keys.pop(record, None)
        named = ((said.fields or {}).get("records", ()) for said in self.revocations.values())
        every = {record for records in named for record in records}
        self.revoked = {record for record in every if "/released_area/" in record}
        for record in sorted(self._dirty):
            views = self._resolve(record)
            if views != self.views.get(record) or record in self.revoked:
                self.views[record] = views
                self._keys.pop(record, None)
                lowest = next((view for view in views if view is not None), None)
                if lowest is None:
                    self.first.pop(record, None)
                else:
                    self.first[record] = lowest
                changed.add(record)
        self._dirty.clear()
        return changed

    def _restand(self) -> set[str]:
        """Levels of every statement that a new decision may have touched, directly or by undo."""
        touched, todo = set(), list(self._decided)
        self._decided.clear()
        while todo:
            target = todo.pop()
            if target in touched:
                continue
            touched.add(target)
            if target in self._decisions:  # an undo: its decision's own targets are touched too
                todo.extend(self._decisions[target].decides)
        self.stirred = touched
        about = self._closure(touched)
        standing, revocations = standing_of(about, self._authors, self.authority, touched)
        revoked: set[str] = set()
        for target in touched:
            self._stand(target, standing, {one.hash for one in revocations}, revoked)
        return revoked

    def _stand(
        self, target: str, standing: Standing, revocations: set[str], revoked: set[str]
    ) -> None:
        self.standing.levels.pop(target, None)
        self.standing.returned.discard(target)
        if target in standing.levels:
            self.standing.levels[target] = standing.levels[target]
        if target in standing.returned:
            self.standing.returned.add(target)
        self.standing.decided_by[target] = standing.decided_by.get(target, [])
        decision = self._decisions.get(target)
        if decision is not None and decision.act in REOPENING:
            stands = target in revocations
            if stands != (target in self.revocations):
                revoked |= set((decision.fields or {}).get("records", ()))
            if stands:
                self.revocations[target] = decision
            else:
                self.revocations.pop(target, None)
        if target in self._record_of:
            self._dirty.add(self._record_of[target])

    def _closure(self, targets: Iterable[str]) -> list[Said]:
        """Decisions on these statements, the undoing of those, and so on."""
        found: dict[str, Said] = {}
        todo: list[Said] = []
        for target in targets:
            if target in self._decisions:
                found[target] = self._decisions[target]
            todo.extend(self._about.get(target, ()))
        while todo:
            one = todo.pop()
            if one.hash not in found:
                found[one.hash] = one
                todo.extend(self._about.get(one.hash, ()))
        return list(found.values())

    def _resolve(self, record: str) -> Views:
        statements = self.statements[record]
        function = _FUNCTIONS[self.kinds[record]]
        if len(statements) == 1:
            view = function(record, statements, REPORTED, self.standing)
            level = self.standing.level(statements[0].hash)
            verified = view if level >= VERIFIED else None
            approved = view if level >= APPROVED else None
            if self.kinds[record] == "hazard_area":
                prudent = function(record, statements, PRUDENT, self.standing)
                approved_view = function(record, statements, APPROVED, self.standing)
                return (view, verified, approved_view, prudent)
            return (view, verified, approved, approved)
        views = [function(record, statements, level, self.standing) for level in LEVELS.values()]
        return (views[0], views[1], views[2], views[3])

    def revocation_views(self, level: int, records: Iterable[str]) -> list[RevocationView]:
        """Standing revocations of these records at a level; at *prudent* their recalls too."""
        wanted = set(records)
        named = [
            said
            for said in sorted(self.revocations.values(), key=lambda s: s.hash)
            if (said.act == "revoke" or level == PRUDENT)
            and not wanted.isdisjoint((said.fields or {}).get("records", ()))
        ]
        held: dict[str, Sequence[Said]] = {record: self.statements[record] for record in wanted}
        return revocation_views(named, held, level, self.standing)

    def zone(self, key: str) -> Any:
        """Ground within the extension distance of the ring of that key, made once."""
        name = zone_key(key)
        if name not in self.geometry:
            around = shapely.buffer(self.geometry[key], self.extension_m, quad_segs=8)
            around = shapely.transform(around, to_grid)
            self.geometry[name] = (
                around if shapely.is_valid(around) else repair_areas(np.array([around], object))[0]
            )
        return self.geometry[name]

    def keys_of(self, record: str) -> tuple[str, ...]:
        """Keys of the ground that a record has at any level, sorted."""
        if record not in self._keys:
            keys: set[str] = set()
            for view in dict.fromkeys(self.views.get(record, ())):
                if isinstance(view, HazardView):
                    keys.update(key for ground in view.grounds for key in ground.keys)
                elif isinstance(view, ReleaseView):
                    keys.update(key for alternatives in view.ground for key in alternatives)
                elif isinstance(view, ProcessedView):
                    keys.update(view.keys)
            if record in self.revoked:
                keys.update(key for said in self.statements[record] for key in release_keys(said))
            held = tuple(sorted(key for key in keys if key in self.geometry))
            if len(held) < len(keys):
                return held  # a ring that a release names may still arrive
            self._keys[record] = held
        return self._keys[record]

    def record_of(self, key: str) -> str:
        """Record whose statement drew the shape of a key."""
        return self._record_of[key.split("#", 1)[0]]

    def naming(self, hazard: str) -> set[str]:
        """Records that name a hazard by whichever of its ids, or one of its rings."""
        names = {hazard, hazard.split("/", 2)[2]}
        names |= {name for name, record in self.aliases.items() if record == hazard}
        names |= {said.hash for said in self.statements.get(hazard, ())}
        return {record for name in names for record in self._naming.get(name, ())}

    def hazard_named(self, release: str, name: str) -> str:
        """Record id of the hazard that a release names, or empty when none or several fit.

        A name is a full record id, a local id of the release's author, a national id, or a local
        id that only one organisation uses.
        """
        if not name or name in self.views:
            return name
        own = f"{release.split('/', 1)[0]}/hazard_area/{name}"
        if own in self.views:
            return own
        if name in self.aliases:
            return self.aliases[name]
        return self._local.get(name, "")
