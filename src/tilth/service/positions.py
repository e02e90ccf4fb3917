"""Positions: how far the logs were known at a time, and since when nothing has moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from tilth.core.problems import Problem, Refused, register
from tilth.service.session import Session
from tilth.store.protocol import Receipt

__all__ = ["Position", "position_at", "unmoved"]

register(
    {
        "bad_known_at": (
            "{text} is no day, time or position.",
            "Write 2026-03-31, 2026-03-31T12:00:00Z or position:N (see tilth log).",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Position:
    """So many receipts, the ``seq`` they reach, and the head of every log there."""

    receipts: int
    seq: int
    known_at: str
    heads: tuple[tuple[str, int, str], ...]


def position_at(session: Session, known_at: str) -> Position:
    """Resolve a time, or ``position:N``, to a position by the receipts of this workspace.

    Raises
    ------
    Refused
        ``bad_known_at``.
    """
    receipts = session.workspace.store.receipts()
    count = len(receipts)
    if known_at.startswith("position:") and known_at[9:].isdecimal():
        if int(known_at[9:]) > count:  # a position not reached yet is not the present one
            raise Refused(Problem("bad_known_at", known_at, {"text": known_at}))
        count = int(known_at[9:])
    elif known_at:
        moment = _moment(session, known_at)
        count = sum(1 for receipt in receipts if receipt.received_at <= moment)
    last: Receipt | None = receipts[count - 1] if count else None
    seq = last.first_seq + last.stop - last.start - 1 if last else 0
    heads = session.workspace.store.heads(receipts=count) if count else []
    at = datetime.fromtimestamp((last.received_at if last else 0) / 1e6, UTC)
    return Position(
        count,
        seq,
        at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        tuple((head.log, head.size, head.root) for head in heads),
    )


def _moment(session: Session, text: str) -> int:
    """Microseconds since 1970 of the end of a time, as precisely as it is written.

    A day ends in the operation's zone, a minute with its last second, a second with its last
    microsecond: what was answered at a time is found again by that time.
    """
    try:
        if len(text) == len("2026-03-31"):
            zone = ZoneInfo(session.workspace.settings.time_zone)
            day = datetime.fromisoformat(text).date()
            moment = datetime.combine(day, time.max, zone)
        else:
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            clock = text[11:].rstrip("Z")
            if len(clock) == len("12:00"):
                moment = moment.replace(second=59)
            if "." not in clock:
                moment = moment.replace(microsecond=999_999)
    except ValueError as error:
        raise Refused(Problem("bad_known_at", text, {"text": text})) from error
    return round(moment.timestamp() * 1e6)


def unmoved(
    session: Session, position: Position, receipts: Iterable[int], kinds: Sequence[str]
) -> list[Position]:
    """Those earlier positions, newest first, since which nothing of these kinds was received.

    Parameters
    ----------
    receipts
        Numbers of receipts that earlier positions end with; later ones are left out.
    """
    found = []
    for number in sorted({one for one in receipts if one < position.receipts}, reverse=True):
        earlier = position_at(session, f"position:{number}")
        since = session.workspace.store.entries_of_kinds(
            kinds, after_seq=earlier.seq, until_seq=position.seq
        )
        if next(iter(since), None) is not None:
            break
        found.append(earlier)
    return found
