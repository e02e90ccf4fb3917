"""What tells rows apart: a fingerprint of content, and identifiers for rows that have none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from tilth.core import canonical

__all__ = ["fingerprint", "make_local_id"]


def fingerprint(fields: Mapping[str, Any]) -> bytes:
    """SHA-256 of canonical fields, by which equal rows of any two deliveries are known.

    An identifier made by `make_local_id` is not among the fields.

    Examples
    --------
    >>> fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})
    True
    """
    return hashlib.sha256(canonical.encode(fields)).digest()


def make_local_id(source: str, mark: bytes, occurrence: int) -> str:
    """Identifier of a row that has none: the same in every import of the same source and content.

    Parameters
    ----------
    source
        Name of the source that the delivery continues.
    mark
        `fingerprint` of its fields.
    occurrence
        1 for the first row of that content, 2 for the next one equal to it.

    Examples
    --------
    >>> make_local_id("results.csv", fingerprint({"place": "Dagua"}), 1)
    'row-468fe879d2e5ae654177'
    """
    text = b"\n".join((source.encode(), mark, str(occurrence).encode()))
    return f"row-{hashlib.sha256(text).hexdigest()[:20]}"
