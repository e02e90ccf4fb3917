"""Features of the map as arrays in files, which every process maps into its memory.

A folder for each position, ``DIR/derived/map/<position>/``, is written once and never changed: a
*base* with every feature, or what differs from an earlier base: rows of it that are gone, and
features beside it. ``DIR/derived/map/current.json`` names the newest position; it is replaced in
one step, so that a reader sees the old map or the new one. All of it can be made again.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tilth.core.problems import Problem, Refused, register
from tilth.exchange.tiles import Areas
from tilth.service.positions import Position

__all__ = [
    "COLUMNS",
    "LAYERS",
    "POINT_LAYERS",
    "Layer",
    "NameTable",
    "Part",
    "current_position",
    "has_map",
    "map_folder",
    "open_layer",
    "open_names",
    "point_to",
    "position_name",
    "read_manifest",
    "write_position",
]

register(
    {
        "map_not_ready": (
            "The map of {position} is not made yet.",
            "It is made in the background after the server has started; look again in a minute.",
        ),
        "no_such_layer": ("The map has no layer {layer}.", "Take one of: {layers}."),
        "no_such_tile": ("There is no such tile.", "Load the map again."),
        "map_of_past_not_made": (
            "The map as known at {known_at} is not made yet.",
            "Ask for it; it is made in the background and then kept.",
        ),
    }
)

LAYERS = ("hazards", "released", "tasks", "reports", "items", "findings", "evidence")
POINT_LAYERS = frozenset({"items", "findings", "evidence"})
COLUMNS: Mapping[str, str] = {
    "record": "i4",  # place in the names of the position
    "levels": "u1",  # bit n: it is there at level n (reported, verified, approved, prudent)
    "cls": "u1",  # place in the classes of the layer
    "author": "u1",  # organisation in whose log it stands: whose right to read is asked
    "organisation": "u1",  # organisation under whose name the work counts
    "since": "i4",  # day (ordinal) from which it holds
    "until": "i4",  # day from which it does not hold any more
    "more": "i4",  # what the layer has more: see `tilth.service.map_features`
    "most": "i4",
    "m2": "f8",
}
"""What every feature has, and how it is stored."""
_FORMAT = 1
_ALIGN = 64
_KEEP = 6
"""Positions whose files stay, besides those that others are built on."""


@dataclass(slots=True)
class Part:
    """Features of one layer: columns, and areas or points on the world grid.

    Attributes
    ----------
    columns
        By the names of `COLUMNS`, all of one length.
    xy
        uint32[n, 2]; the feature's point, or the middle of its box.
    box
        uint32[n, 4], x0, y0, x1, y1; empty for points.
    areas, coarse
        Outlines, and those with only what is seen from afar; None for points.
    keys
        Ascending keys of the points along the Morton curve; empty for areas.
    """

    columns: dict[str, NDArray[Any]]
    xy: NDArray[np.uint32]
    box: NDArray[np.uint32]
    areas: Areas | None = None
    coarse: Areas | None = None
    keys: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))

    def __len__(self) -> int:
        return len(self.xy)


@dataclass(slots=True)
class Layer:
    """Features of a layer at a position: a base without the rows that are gone, and what is new.

    A feature's number is its row in the base, or the length of the base and its row beside it.
    """

    base: Part
    gone: NDArray[np.bool_] | None
    fresh: Part | None

    @property
    def parts(self) -> Iterable[tuple[Part, int, NDArray[np.bool_] | None]]:
        """Base and fresh part, the number of their first feature, and which rows are gone."""
        yield self.base, 0, self.gone
        if self.fresh is not None and len(self.fresh):
            yield self.fresh, len(self.base), None

    def at(self, number: int) -> tuple[Part, int]:
        """Part and row of a feature; raises KeyError for one that is not there."""
        base = len(self.base)
        if 0 <= number < base and (self.gone is None or not self.gone[number]):
            return self.base, number
        if self.fresh is not None and base <= number < base + len(self.fresh):
            return self.fresh, number - base
        raise KeyError(number)


@dataclass(frozen=True, slots=True)
class NameTable:
    """Ids and labels of the records of a position, by number.

    Attributes
    ----------
    first
        Number from which they are counted beside the base; its own table has those before.
    """

    arrays: Mapping[str, NDArray[Any]]
    first: int = 0
    base: NameTable | None = None

    def __len__(self) -> int:
        return self.first + len(self.arrays["record_offset"]) - 1

    def record(self, number: int) -> str:
        """Full id of a record."""
        return self._text("record", number)

    def label(self, number: int) -> str:
        """Words that people find it by, parted by tabs; the first is its own id."""
        return self._text("label", number)

    def _text(self, key: str, number: int) -> str:
        if number < self.first and self.base is not None:
            return self.base._text(key, number)
        at = number - self.first
        offset = self.arrays[f"{key}_offset"]
        return bytes(self.arrays[f"{key}_text"][offset[at] : offset[at + 1]]).decode()

    def holding(self, text: str) -> NDArray[np.bool_]:
        """Which records have a text in their id or label, whatever its case; one flag a number."""
        found = [self._flags("label", text) | self._flags("record", text)]
        if self.base is not None:
            found.insert(0, self.base.holding(text))
        return np.concatenate(found)

    def _flags(self, key: str, text: str) -> NDArray[np.bool_]:
        offset = self.arrays[f"{key}_offset"]
        flags = np.zeros(len(offset) - 1, bool)
        whole = bytes(self.arrays[f"{key}_text"])
        hits = [one.start() for one in re.finditer(re.escape(text.encode()), whole, re.IGNORECASE)]
        if not text.isascii():  # the case of other letters is not that of bytes
            lowered = text.casefold()
            for at in range(len(flags)):
                flags[at] = lowered in whole[offset[at] : offset[at + 1]].decode().casefold()
            return flags
        flags[np.searchsorted(offset, hits, side="right") - 1] = True
        return flags


def map_folder(workspace: Path) -> Path:
    """Folder of the map's files."""
    return workspace / "derived" / "map"


def position_name(position: Position) -> str:
    """Short name of a position, the same wherever the same logs are held so far."""
    roots = "".join(f"{log}{size}{root}" for log, size, root in position.heads)
    return f"{position.receipts}-{sha256(roots.encode()).hexdigest()[:10]}"


def current_position(workspace: Path) -> str:
    """Name of the newest position that has a map.

    Raises
    ------
    Refused
        ``map_not_ready``.
    """
    try:
        text = (map_folder(workspace) / "current.json").read_text("utf-8")
        return str(json.loads(text)["position"])
    except (OSError, ValueError, KeyError) as error:
        raise Refused(Problem("map_not_ready", "", {"position": "today"})) from error


def has_map(workspace: Path, position: str) -> bool:
    """Whether the map of a position is made."""
    return (map_folder(workspace) / _safe(position) / "manifest.json").is_file()


def read_manifest(workspace: Path, position: str) -> dict[str, Any]:
    """What a position's map is made of; kept in memory, since it never changes.

    Raises
    ------
    Refused
        ``map_not_ready``.
    """
    try:
        return _manifest(map_folder(workspace) / _safe(position))
    except (OSError, ValueError) as error:
        raise Refused(Problem("map_not_ready", "", {"position": position[:40]})) from error


@lru_cache(maxsize=16)
def _manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    if manifest.get("format") != _FORMAT:
        raise ValueError(folder)
    return manifest


def _safe(position: str) -> str:
    if not position.replace("-", "").isalnum() or len(position) > 40:
        raise Refused(Problem("map_not_ready", "", {"position": position[:40]}))
    return position


def open_layer(workspace: Path, position: str, layer: str) -> Layer:
    """Features of a layer at a position, mapped into memory.

    Raises
    ------
    Refused
        ``map_not_ready``, ``no_such_layer``.
    """
    if layer not in LAYERS:
        raise Refused(
            Problem("no_such_layer", layer, {"layer": layer, "layers": ", ".join(LAYERS)})
        )
    base = str(read_manifest(workspace, position)["base"])
    try:
        return _layer(map_folder(workspace), base, _safe(position), layer)
    except OSError as error:
        raise Refused(Problem("map_not_ready", "", {"position": position})) from error


def open_names(workspace: Path, position: str) -> NameTable:
    """Ids and labels of the records on the map of a position.

    Raises
    ------
    Refused
        ``map_not_ready``.
    """
    base = str(read_manifest(workspace, position)["base"])
    try:
        return _names(map_folder(workspace), base, _safe(position))
    except OSError as error:
        raise Refused(Problem("map_not_ready", "", {"position": position})) from error


@lru_cache(maxsize=16)
def _names(folder: Path, base: str, position: str) -> NameTable:
    own = NameTable(_arrays(folder / base / "names.bin"))
    if base == position:
        return own
    return NameTable(_arrays(folder / position / "names.bin"), len(own), own)


@lru_cache(maxsize=64)
def _layer(folder: Path, base: str, position: str, layer: str) -> Layer:
    whole = _part(folder / base / f"{layer}.bin")
    if base == position:
        return Layer(whole, None, None)
    beside = _arrays(folder / position / f"{layer}.bin")
    gone = None
    if len(rows := beside.pop("gone")):
        gone = np.zeros(len(whole), bool)
        gone[rows] = True
    return Layer(whole, gone, _part_of(beside))


@lru_cache(maxsize=32)
def _part(path: Path) -> Part:
    return _part_of(_arrays(path))


def _part_of(arrays: Mapping[str, NDArray[Any]]) -> Part:
    columns = {name: arrays[name] for name in COLUMNS}
    areas, coarse = _areas(arrays, ""), _areas(arrays, "coarse_")
    return Part(columns, arrays["xy"], arrays["box"], areas, coarse, arrays["keys"])


def _areas(arrays: Mapping[str, NDArray[Any]], prefix: str) -> Areas | None:
    names = ("ring_offset", "vertex_offset", "hole", "xy")
    if f"{prefix}ring_offset" not in arrays:
        return None
    found = [arrays[f"{prefix}{one}" if one != "xy" else f"{prefix}points"] for one in names]
    return Areas(*found)


def _flat(part: Part) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {
        **part.columns,
        "xy": part.xy,
        "box": part.box,
        "keys": part.keys,
    }
    for prefix, areas in (("", part.areas), ("coarse_", part.coarse)):
        if areas is not None:
            arrays[f"{prefix}ring_offset"] = areas.ring_offset
            arrays[f"{prefix}vertex_offset"] = areas.vertex_offset
            arrays[f"{prefix}hole"] = areas.hole
            arrays[f"{prefix}points"] = areas.xy
    return arrays


def write_position(
    workspace: Path,
    position: str,
    manifest: Mapping[str, Any],
    layers: Mapping[str, tuple[Part, NDArray[np.int64]]],
    texts: Mapping[str, NDArray[Any]],
) -> int:
    """Write a position's folder, whole or not at all; returns its bytes.

    Parameters
    ----------
    manifest
        With ``base``: the position itself, or the one that it is built on.
    layers
        Features by layer, and the rows of the base that are gone.
    texts
        Ids and labels of the records named here, see `NameTable`.
    """
    folder = map_folder(workspace)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{position}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    size = 0
    own = manifest["base"] == position
    for name, (part, gone) in layers.items():
        arrays = _flat(part)
        if not own:
            arrays["gone"] = gone
        size += _write(draft / f"{name}.bin", arrays)
    size += _write(draft / "names.bin", texts)
    told = {**manifest, "format": _FORMAT, "position": position}
    (draft / "manifest.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    target = folder / position
    if target.exists():  # made meanwhile from the same logs: the same
        shutil.rmtree(draft)
    else:
        draft.replace(target)
    return size


def point_to(workspace: Path, position: str, *, keep: Iterable[str] = ()) -> None:
    """Make a position the newest one, in one step, and remove maps that nobody looks at any more.

    Parameters
    ----------
    keep
        Positions that others will be built on.
    """
    folder = map_folder(workspace)
    draft = folder / f".current.{os.getpid()}"
    draft.write_text(json.dumps({"position": position}), "utf-8")
    draft.replace(folder / "current.json")
    _drop_old(folder, {position, *keep})


def _drop_old(folder: Path, keep: set[str]) -> None:
    """Remove what is old; a process that has it mapped keeps it until it lets go."""
    known = sorted(
        (one for one in folder.iterdir() if (one / "manifest.json").is_file()),
        key=lambda one: one.stat().st_mtime_ns,
        reverse=True,
    )
    stay = keep | {one.name for one in known[:_KEEP]}
    stay |= {base for one in known if one.name in stay and (base := _base_of(one))}
    for one in known:
        # what was asked for as a past moment stays until it is asked for in another form
        if one.name not in stay and not _was_asked(one):
            shutil.rmtree(one, ignore_errors=True)


def _base_of(folder: Path) -> str:
    try:
        return str(_manifest(folder)["base"])
    except (OSError, ValueError):
        return ""  # of another version of the program


def _was_asked(folder: Path) -> bool:
    try:
        return bool(_manifest(folder).get("asked"))
    except (OSError, ValueError):
        return False


def _write(path: Path, arrays: Mapping[str, NDArray[Any]]) -> int:
    """Arrays in one file: a head that says where each lies, then their bytes."""
    listed, at = [], 0
    for name, array in arrays.items():
        size = array.nbytes
        listed.append((name, array.dtype.str, array.shape, at))
        at += -(-size // _ALIGN) * _ALIGN
    head = msgspec.msgpack.encode(listed)
    start = -(-(8 + len(head)) // _ALIGN) * _ALIGN
    with path.open("wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        for (_, _, _, place), array in zip(listed, arrays.values(), strict=True):
            file.seek(start + place)
            file.write(np.ascontiguousarray(array).tobytes())
        file.truncate(start + at)
    return start + at


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    size = int.from_bytes(data[:8], "little")
    listed = msgspec.msgpack.decode(data[8 : 8 + size])
    start = -(-(8 + size) // _ALIGN) * _ALIGN
    found: dict[str, NDArray[Any]] = {}
    for name, kind, shape, at in listed:
        dtype = np.dtype(kind)
        count = int(np.prod(shape, dtype=np.int64))
        found[name] = np.frombuffer(data, dtype, count, start + at).reshape(shape)
    return found
