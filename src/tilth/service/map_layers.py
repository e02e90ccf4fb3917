"""Publishes the map's layers: what tiles and the list beside the map are made of.

The keeper calls `publish` after each turn. After one report only what its clusters hold is written,
beside the base that stands; when that has grown, all is written anew. Maps of past positions are
made by `publish_past`, as a job.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.chains import LEVELS
from tilth.core.days import NEVER, ordinal
from tilth.core.land.clusters import Cluster
from tilth.core.land.keeper import LandKeeper
from tilth.core.land.rows import LandRows, joined
from tilth.core.problems import Refused
from tilth.core.statement import split_record_id
from tilth.exchange.pause import collector_paused
from tilth.service import map_arrays as arrays
from tilth.service import map_features as features
from tilth.service.finding_list import ROWS, Row
from tilth.service.ground import Books, read_books
from tilth.service.leftout import Left, left_out, summed
from tilth.service.map_arrays import LAYERS, Part
from tilth.service.map_features import Gathered, Names
from tilth.service.positions import Position, position_at
from tilth.service.register import held, register_of
from tilth.service.session import Session

if TYPE_CHECKING:
    from tilth.service.current import Current

__all__ = ["publish", "publish_past"]

_REMEMBERED = "map"
_FINDINGS = "findings"
_MERGE_AT = 4_000
"""Records beside a base beyond which all is written anew."""
_EVERY_LEVEL = 0b1111
_MOVING = ("task", "status_change", "nonconformity", "accident")
"""Kinds by which the state of a task may change."""


@dataclass(slots=True)
class _State:
    """What the keeper remembers of the base that stands."""

    base: str
    names: Names
    records: dict[str, int]
    touched: set[str] = field(default_factory=set)
    clusters: set[str] = field(default_factory=set)
    findings: Any = ()
    """Rows of findings that are drawn in the base."""
    drawn: Any = ()
    """Rows of findings that are drawn on the newest map."""
    newest: str = ""
    """Name of the newest map."""


def publish(current: Current) -> None:
    """Write the map of the newest position, and point to it."""
    session, pace = current.session, current.pace
    state = current.remembered.get(_REMEMBERED)
    if isinstance(state, _State) and current.touched is not None:
        state.touched |= current.touched
        state.clusters |= current.clusters or set()
    else:
        state = current.remembered[_REMEMBERED] = _resumed(current)
    found = current.remembered.get(ROWS, ())
    if state is not None and found is not state.drawn:
        pace.outdate(_REMEMBERED)
    if not pace.due(current, _REMEMBERED):
        return
    with pace.at(current, _REMEMBERED, share=0.25, least_s=1.0), collector_paused():
        left = {
            level: [one for some in current.left[level].values() for one in some]
            for level in LEVELS
        }
        name = arrays.position_name(current.position)
        if state is None or len(state.touched) > _MERGE_AT:
            state = _whole(session, current.books, current.land, current.position, left, found)
            current.remembered[_REMEMBERED] = state
            name = state.base
        elif found is state.drawn and state.newest.startswith(name):
            name = state.newest  # nothing is new, as after a start
        elif name != state.base or found is not state.drawn:
            name = name if found is state.drawn else _again(name)
            _beside(current, state, left, name)
        state.drawn, state.newest = found, name
    arrays.point_to(session.workspace.path, name, keep=[state.base])
    pace.put(current, _REMEMBERED, {"map": name})


def _again(name: str) -> str:
    """Name of a map made again at one position, since other findings are drawn on it."""
    return f"{name}-{time.time_ns() // 1_000_000:x}"


def publish_past(session: Session, known_at: str) -> str:
    """Make the map as it was known at a time; returns the name of its position.

    Tasks, findings and evidence are kept for the newest position only; the map says so.

    Raises
    ------
    Refused
        ``bad_known_at``.
    """
    position = position_at(session, known_at)
    name = arrays.position_name(position)
    if (arrays.map_folder(session.workspace.path) / name / "manifest.json").is_file():
        return name
    with collector_paused():
        books = read_books(session, until_seq=position.seq)
        land = LandKeeper(books.land)
        land.recompute()
        left = {level: left_out(books, session.kinds, level) for level in LEVELS}
        _whole(session, books, land, position, left, past=True)
    return name


# -- everything ----------------------------------------------------------------------------------


def _whole(
    session: Session,
    books: Books,
    land: LandKeeper,
    position: Position,
    left: Mapping[str, Sequence[Left]],
    rows_of_findings: Sequence[Row] = (),
    *,
    past: bool = False,
) -> _State:
    """Write every feature as a new base."""
    names, frame = Names(called=session.organisation_name), session.frame()
    rows = {level: land.rows(level) for level in LEVELS}
    every = sorted(books.land.views)
    found: dict[str, Part] = {}
    drawn = features.ground(books, names, rows, every, land.clusters.values())
    for layer, one in zip(("hazards", "released"), drawn, strict=True):
        found[layer] = one.part(frame) if frame else _nothing(layer)
    drawn_reports = features.reports(books, names, every)
    found["reports"] = drawn_reports.part(frame) if frame else _nothing("reports")
    found["items"] = features.items(session, books, names, None)
    if past:
        found |= {layer: _nothing(layer) for layer in ("tasks", "evidence", "findings")}
    else:
        drawn_tasks = features.tasks(session, books, names, None)
        found["tasks"] = drawn_tasks.part(frame) if frame else _nothing("tasks")
        found["evidence"] = features.evidence(session, books, names, None).part(None, points=True)
        found["findings"] = _findings(session, names, rows_of_findings)
    name = arrays.position_name(position)
    if (arrays.map_folder(session.workspace.path) / name).exists():
        name = _again(name)  # there it lies beside an older base
    manifest = _manifest(session, position, name, names, found, left)
    manifest["asked"] = past
    manifest["without"] = ["tasks", "findings", "evidence"] if past else []
    none = np.empty(0, np.int64)
    layers = {layer: (found[layer], none) for layer in LAYERS}
    arrays.write_position(session.workspace.path, name, manifest, layers, _texts(names))
    return _State(
        name, names, dict(names.numbers), findings=rows_of_findings, drawn=rows_of_findings
    )


def _nothing(layer: str) -> Part:
    return Gathered().part(None, points=layer in arrays.POINT_LAYERS)


def _manifest(
    session: Session,
    position: Position,
    base: str,
    names: Names,
    found: Mapping[str, Part],
    left: Mapping[str, Sequence[Left]],
) -> dict[str, Any]:
    today = ordinal(session.today())
    return {
        "base": base,
        "receipts": position.receipts,
        "seq": position.seq,
        "known_at": position.known_at,
        "today": session.today(),
        "synthetic": session.workspace.settings.synthetic,
        "authors": names.authors,
        "organisations": names.organisations,
        "kinds": names.kinds,
        "classes": names.classes,
        "counts": {layer: len(part) for layer, part in found.items()},
        "days": _days(found.values()),
        "box": _box(found),
        "left_out": {level: summed(some, today) for level, some in left.items()},
    }


def _days(parts: Iterable[Part]) -> list[int]:
    """First and last day on which anything begins or ends."""
    days = [part.columns["since"] for part in parts if len(part)]
    if not days:
        return [0, 0]
    return [int(min(one.min() for one in days)), int(max(one.max() for one in days))]


def _box(found: Mapping[str, Part]) -> list[int]:
    """Box on the world grid of the ground; of all points where there is none."""
    boxes = [part.box for part in found.values() if len(part.box)]
    if boxes:
        every = np.concatenate(boxes)
        return [*every[:, :2].min(axis=0).tolist(), *every[:, 2:].max(axis=0).tolist()]
    points = [part.xy for part in found.values() if len(part)]
    if not points:
        return []
    xy = np.concatenate(points)
    return [*xy.min(axis=0).tolist(), *xy.max(axis=0).tolist()]


def _texts(names: Names) -> dict[str, NDArray[Any]]:
    """Ids and labels of records as arrays: one text, and where each begins."""
    made = {}
    for key, texts in (("record", names.records), ("label", names.labels)):
        data = [one.encode() for one in texts]
        made[f"{key}_offset"] = np.cumsum([0, *map(len, data)], dtype=np.int64)
        made[f"{key}_text"] = np.frombuffer(b"".join(data), np.uint8)
    return made


# -- what differs --------------------------------------------------------------------------------


def _resumed(current: Current) -> _State | None:
    """State of a base that an earlier keeper wrote at this very position; None without."""
    session = current.session
    folder: Path = session.workspace.path
    try:
        newest = arrays.current_position(folder)
        name = str(arrays.read_manifest(folder, newest)["base"])
        manifest = arrays.read_manifest(folder, name)
    except Refused:
        return None
    if not name.startswith(arrays.position_name(current.position)):
        return None
    table = arrays.open_names(folder, name)
    names = Names(
        [table.record(n) for n in range(len(table))],
        [table.label(n) for n in range(len(table))],
        list(manifest["authors"]),
        list(manifest["organisations"]),
        list(manifest["kinds"]),
        {layer: list(words) for layer, words in manifest["classes"].items()},
        called=session.organisation_name,
    )
    numbers = {record: n for n, record in enumerate(names.records)}
    return _State(name, names, numbers, newest=newest)


def _beside(current: Current, state: _State, left: Mapping[str, Sequence[Left]], name: str) -> None:
    """Write what differs from the base: features of the records touched, and rows that are gone."""
    session, books, land = current.session, current.books, current.land
    frame = session.frame()
    if frame is None:
        return
    names = state.names.beside()
    own = [land.clusters[one] for one in state.clusters if one in land.clusters]
    wide = {*state.touched, *(record for one in own for record in (*one.hazards, *one.releases))}
    clusters = _holding(land, wide)
    rows = {level: _rows_of(land, level, clusters) for level in LEVELS}
    ground = sorted(wide & books.land.views.keys())
    hazards, released = features.ground(books, names, rows, ground, clusters)
    moved = _moved_tasks(session, state.touched)
    points = {one for one in state.touched if "/evidence_point/" in one}
    spoken = {one for one in state.touched if one in books.items}
    found = {
        "hazards": hazards.part(frame),
        "released": released.part(frame),
        "reports": features.reports(books, names, sorted(state.touched)).part(frame),
        "tasks": features.tasks(session, books, names, moved).part(frame),
        "evidence": features.evidence(session, books, names, points).part(None, points=True),
        "items": features.items(session, books, names, spoken) if spoken else _nothing("items"),
    }
    gone = {
        "hazards": wide,
        "released": wide,
        "reports": state.touched,
        "tasks": moved,
        "evidence": points,
        "items": spoken,
    }
    layers = {
        layer: (part, _gone(session, state, layer, gone[layer])) for layer, part in found.items()
    }
    layers[_FINDINGS] = _findings_beside(session, state, names, current.remembered.get(ROWS, ()))
    manifest = _manifest(session, current.position, state.base, names, dict(_first(layers)), left)
    base = arrays.read_manifest(session.workspace.path, state.base)
    manifest |= {"asked": False, "without": []}
    manifest["days"] = [
        min(filter(None, (base["days"][0], manifest["days"][0])), default=0),
        max(base["days"][1], manifest["days"][1]),
    ]
    manifest["box"] = _together(base["box"], manifest["box"])
    arrays.write_position(session.workspace.path, name, manifest, layers, _texts(names))


def _first(layers: Mapping[str, tuple[Part, Any]]) -> Iterable[tuple[str, Part]]:
    return ((layer, part) for layer, (part, _) in layers.items())


def _together(one: Sequence[int], other: Sequence[int]) -> list[int]:
    if not one or not other:
        return [*(one or other)]
    return [
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    ]


def _holding(land: LandKeeper, records: set[str]) -> list[Cluster]:
    """Clusters that hold any of some records."""
    return [
        one
        for one in land.clusters.values()
        if not (records.isdisjoint(one.hazards) and records.isdisjoint(one.releases))
    ]


def _rows_of(land: LandKeeper, level: str, clusters: Sequence[Cluster]) -> LandRows:
    return joined([land.kept[level][one.id] for one in clusters])


def _gone(
    session: Session, state: _State, layer: str, records: Collection[str]
) -> NDArray[np.int64]:
    """Rows of the base that belong to some records."""
    numbers = [state.records[one] for one in records if one in state.records]
    if not numbers:
        return np.empty(0, np.int64)
    base = arrays.open_layer(session.workspace.path, state.base, layer).base
    flags = np.zeros(len(state.records) + 1, bool)
    flags[numbers] = True
    return np.flatnonzero(flags[base.columns["record"]])


def _moved_tasks(session: Session, touched: Collection[str]) -> set[str]:
    """Tasks whose state may be another since some records were touched."""
    kinds = {one: split_record_id(one)[1] for one in touched}
    moving = [one for one, kind in kinds.items() if kind in _MOVING]
    if not moving:
        return set()
    register = register_of(session)
    if any(kinds[one] == "accident" for one in moving):
        return set(register.of("task"))
    found = {one for one in moving if kinds[one] == "task"}
    for record, one in held(session, moving).items():
        fields = one.now()
        for word in (fields.get("subject"), fields.get("task")):
            task = register.find("task", str(word or ""), split_record_id(record)[0])
            if task is not None:
                found.add(task.record)
    return found


# -- findings ------------------------------------------------------------------------------------


def _findings(session: Session, names: Names, found: Sequence[Row]) -> Part:
    """Findings that have ground, as points on it.

    ``most`` tells whose records they are about, see `pair_of`.
    """
    names.number("kinds", "")
    gathered, areas = Gathered(), list[float]()
    for number, one in enumerate(found):
        if one.lon is None or one.lat is None or one.record.count("/") < 2:
            continue
        author, kind, local = split_record_id(one.record)
        row = (
            names.record(one.record, local),
            names.number("findings", one.code),
            names.number("authors", author),
            names.number("organisations", session.organisation_name(author)),
            one.since,
            NEVER,
            len(areas),
            _pair(names, kind, one.other),
        )
        areas.append(one.area_m2)
        gathered.add(str(number), shapely.Point(one.lon, one.lat), row, _EVERY_LEVEL)
    part = gathered.part(None, points=True)
    if areas:
        part.columns["m2"] = np.array(areas)[part.columns["more"]]
    return part


def _pair(names: Names, kind: str, other: str) -> int:
    """Kind of a finding's record, and kind and author of the other one, in one number."""
    found = names.number("kinds", kind)
    if other.count("/") < 2:
        return found
    author, other_kind, _ = split_record_id(other)
    return found | names.number("kinds", other_kind) << 8 | names.number("authors", author) << 16


def _findings_beside(
    session: Session, state: _State, names: Names, rows: Sequence[Row]
) -> tuple[Part, NDArray[np.int64]]:
    """Findings, all of them anew when the list is another one than that of the base."""
    if rows is state.findings:
        return _nothing(_FINDINGS), np.empty(0, np.int64)
    base = arrays.open_layer(session.workspace.path, state.base, _FINDINGS).base
    return _findings(session, names, rows), np.arange(len(base))
