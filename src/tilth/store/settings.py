"""``tilth.toml``: what a workspace is, in a file a person can read. It holds no secret."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tomli_w

from tilth.core.keyring import split_origin
from tilth.core.problems import Problem, Refused, register
from tilth.store.files import write_atomically

__all__ = ["FILE", "FORMAT", "Party", "Settings", "format_of", "load", "read_table", "save"]

FILE = "tilth.toml"
FORMAT = 1
"""Number of the layout of the folder; see `tilth.store.upgrade`."""

_STORES = ("sqlite", "postgresql")
_ID_DIGITS = 32  # 128 bits

register(
    {
        "no_workspace": (
            "There is no Tilth workspace here: the folder has no tilth.toml.",
            "Give the folder that tilth init made, or make one with tilth init.",
        ),
        "workspace_damaged": (
            "The workspace cannot be used: {why}.",
            "Restore the workspace from a backup, or mend the named entry of tilth.toml by hand.",
        ),
        "workspace_newer": (
            "The workspace has format {format}; this program knows formats up to {known}.",
            "Use the version of Tilth that wrote it, or a newer one.",
        ),
        "unknown_time_zone": (
            "{zone} is not the name of a time zone.",
            "Give a name of the IANA time zone database, such as Africa/Luanda or UTC.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation: a random 128-bit id (32 hexadecimal digits) and its name, a mere label."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The content of ``tilth.toml``.

    Parameters
    ----------
    operation
        Random 128-bit id of the operation, 32 hexadecimal digits.
    organisation, authority
        Ids of the workspace's own organisation and of the authority; the same where it is both.
    organisations
        Every organisation whose name is known here.
    anchors
        First public key (hex) of each log that began here, by the log's origin.
    receipt_keys
        Public keys (hex) that sealed this workspace's receipts, the one in use last.
    store
        ``sqlite`` (in the folder) or ``postgresql`` (address from ``TILTH_DATABASE_URL``).
    settings
        Choices of the workspace, by name: strings, integers, booleans.
    upgraded
        The record of past changes of format: from, to, at, step, backup.
    """

    operation: str
    operation_name: str
    organisation: str
    authority: str
    organisations: tuple[Party, ...]
    synthetic: bool
    time_zone: str = "UTC"
    languages: tuple[str, ...] = ("en",)
    store: str = "sqlite"
    format: int = FORMAT
    anchors: Mapping[str, str] = field(default_factory=dict)
    receipt_keys: tuple[str, ...] = ()
    settings: Mapping[str, str | int | bool] = field(default_factory=dict)
    upgraded: tuple[Mapping[str, Any], ...] = ()

    def name_of(self, organisation: str) -> str:
        """Name of an organisation, or the first digits of its id where it is not known."""
        for party in self.organisations:
            if party.id == organisation:
                return party.name
        return organisation[:8]

    def with_party(self, party: Party) -> Settings:
        """Settings that know one more organisation, or the same by another name."""
        known = {one.id: one for one in self.organisations}
        return replace(self, organisations=tuple({**known, party.id: party}.values()))

    def with_anchor(self, log: str, public_key: str) -> Settings:
        """Settings that hold the first key of one more log."""
        return replace(self, anchors={**self.anchors, log: public_key})


def read_table(folder: Path) -> dict[str, Any]:
    """Return the bare table of a folder's ``tilth.toml``, of any format.

    Raises
    ------
    Refused
        ``no_workspace`` or ``workspace_damaged``.
    """
    try:
        return tomllib.loads((folder / FILE).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(Problem("no_workspace", str(folder))) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _damaged(folder, str(error)) from None


def format_of(folder: Path, table: Mapping[str, Any]) -> int:
    """Return the format number of a folder.

    Raises
    ------
    Refused
        ``workspace_newer`` for a number beyond `FORMAT`, ``workspace_damaged`` for none at all.
    """
    number = table.get("format")
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise _damaged(folder, "the entry format is not a number")
    if number > FORMAT:
        params = {"format": number, "known": FORMAT}
        raise Refused(Problem("workspace_newer", str(folder), params))
    return number


def load(folder: Path) -> Settings:
    """Read the settings of a folder in the present format.

    Raises
    ------
    Refused
        ``no_workspace``, ``workspace_damaged``, ``workspace_newer`` or ``unknown_time_zone``.
    """
    table = read_table(folder)
    number = format_of(folder, table)
    try:
        settings = _settings(table, number)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(folder, f"{type(error).__name__}: {error}") from None
    check_time_zone(settings.time_zone, str(folder))
    return settings


def save(folder: Path, settings: Settings) -> None:
    """Write the settings in one step."""
    table: dict[str, Any] = {
        "format": settings.format,
        "synthetic": settings.synthetic,
        "time_zone": settings.time_zone,
        "languages": list(settings.languages),
        "store": settings.store,
        "receipt_keys": list(settings.receipt_keys),
        "operation": {
            "id": settings.operation,
            "name": settings.operation_name,
            "organisation": settings.organisation,
            "authority": settings.authority,
        },
        "settings": dict(settings.settings),
        "organisations": [{"id": one.id, "name": one.name} for one in settings.organisations],
        "logs": [{"origin": log, "first_key": key} for log, key in settings.anchors.items()],
        "upgraded": [dict(one) for one in settings.upgraded],
    }
    head = "# A Tilth workspace. Whoever can read this folder can read everything in it.\n"
    write_atomically(folder / FILE, (head + tomli_w.dumps(table)).encode("utf-8"))


def check_time_zone(zone: str, where: str) -> None:
    """Refuse a name that is not in the time zone database.

    Raises
    ------
    Refused
        ``unknown_time_zone``.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(Problem("unknown_time_zone", where, {"zone": zone})) from None


def _settings(table: Mapping[str, Any], number: int) -> Settings:
    operation = table["operation"]
    store = str(table.get("store", "sqlite"))
    if store not in _STORES:
        msg = f"store is {store!r}"
        raise ValueError(msg)
    if not isinstance(table["synthetic"], bool):
        msg = "synthetic is neither true nor false"
        raise TypeError(msg)
    anchors = {str(log["origin"]): _hex(log["first_key"], 64) for log in table.get("logs", ())}
    for origin in anchors:
        split_origin(origin)
    return Settings(
        operation=_hex(operation["id"], _ID_DIGITS),
        operation_name=str(operation["name"]),
        organisation=_hex(operation["organisation"], _ID_DIGITS),
        authority=_hex(operation["authority"], _ID_DIGITS),
        organisations=tuple(
            Party(_hex(one["id"], _ID_DIGITS), str(one["name"])) for one in table["organisations"]
        ),
        synthetic=table["synthetic"],
        time_zone=str(table["time_zone"]),
        languages=tuple(str(one) for one in table["languages"]),
        store=store,
        format=number,
        anchors=anchors,
        receipt_keys=tuple(_hex(key, 64) for key in table.get("receipt_keys", ())),
        settings=dict(table.get("settings", {})),
        upgraded=tuple(dict(one) for one in table.get("upgraded", ())),
    )


def _hex(value: object, digits: int) -> str:
    text = str(value)
    if len(text) != digits or text != bytes.fromhex(text).hex():
        msg = f"{text!r} is not {digits} lower-case hexadecimal digits"
        raise ValueError(msg)
    return text


def _damaged(folder: Path, why: str) -> Refused:
    return Refused(Problem("workspace_damaged", str(folder / FILE), {"why": why}))
