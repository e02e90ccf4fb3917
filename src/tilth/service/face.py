"""The published values that pages read: small, ready, each with the position it holds at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from tilth.service.positions import Position
from tilth.service.session import Session

__all__ = ["BOOK", "read_face", "read_faces", "sealed", "statements_since"]

BOOK = "face"
"""Book of the store in which published values are kept."""

_ENCODER = msgspec.json.Encoder()


def sealed(position: Position, until: str, value: Mapping[str, Any]) -> bytes:
    """Bytes of a value with the position and the day it holds at."""
    head = {
        "position": position.receipts,
        "seq": position.seq,
        "received_at": position.known_at,
        "until": until,
    }
    return _ENCODER.encode({**head, **value})


def read_face(session: Session, name: str) -> dict[str, Any] | None:
    """Return a published value, or None where none was published yet.

    Returns
    -------
    dict or None
        The value, with ``position`` (receipts), ``seq``, ``received_at`` (UTC) and ``until``, the
        day in the operation's zone that it was computed for.
    """
    return read_faces(session, [name]).get(name)


def read_faces(session: Session, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Those of the named values that are published, read at once."""
    kept = session.workspace.store.kept(BOOK, names)
    return {name: msgspec.json.decode(value) for name, value in kept.items()}


def statements_since(session: Session, face: Mapping[str, Any] | None) -> int:
    """How many statements came in since a value was published; all of them without one."""
    return session.workspace.store.last_seq() - (int(face["seq"]) if face else 0)
