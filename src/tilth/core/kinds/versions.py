"""Older versions of a kind, read as the newest one; stored bytes stay as they were signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tilth.core.kinds.model import Kind
from tilth.core.problems import Problem, Refused, register

__all__ = ["upgraded"]


def upgraded(kind: Kind, fields: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Fields written at ``version`` as fields of the kind's own version.

    The chain `Kind.upgrades` is applied one version at a time, on a copy.

    Raises
    ------
    Refused
        ``kind_newer`` when the fields come from a newer version than this program knows,
        ``kind_upgrade_missing`` when the chain has a gap.
    """
    if version > kind.version:
        raise Refused(
            Problem(
                "kind_newer",
                kind.name,
                {"kind": kind.name, "version": version, "known": kind.version},
            )
        )
    current = dict(fields)
    for step in range(version, kind.version):
        upgrade = kind.upgrades.get(step)
        if upgrade is None:
            raise Refused(
                Problem("kind_upgrade_missing", kind.name, {"kind": kind.name, "version": step})
            )
        current = upgrade(current)
    return current


register(
    {
        "kind_newer": (
            "The record is of kind {kind} version {version}; this program knows version {known}.",
            "Update the program, then read the record again.",
        ),
        "kind_upgrade_missing": (
            "Version {version} of kind {kind} cannot be read.",
            "Report it: a program that knows a version must be able to read the older ones.",
        ),
    }
)
