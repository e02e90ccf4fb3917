"""What findings are made of: one as it is kept, whose it is, and since when it stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec
import shapely

from tilth.core.days import ordinal
from tilth.core.findings import Finding
from tilth.core.land.findings import Noise
from tilth.core.problems import Parameter
from tilth.service.deliveries import deliveries, newest, read_notes
from tilth.service.session import Session

__all__ = [
    "KeptFinding",
    "day_received",
    "delivery_findings",
    "kept_finding",
    "noise_of",
    "said_day_of",
    "told_once",
]

_TOLD_BY_RECORDS = frozenset({"invalid_geometry", "incomplete"})
"""What an import notes and the record itself tells too."""


class KeptFinding(msgspec.Struct, frozen=True, array_like=True):
    """A finding as kept: ``since`` is the day (ordinal) the newest statement came in."""

    code: str
    record: str
    other: str
    params: dict[str, Parameter]
    area_m2: float
    items: int
    wkb: bytes
    since: int

    @property
    def key(self) -> tuple[str, str, str]:
        """What an explanation names."""
        return self.code, self.record, self.other


def noise_of(session: Session) -> Noise:
    """What is too small for a finding, by the rule set of the operation."""
    fields, usual = session.operation_fields(), Noise()
    return Noise(
        float(fields.get("overlap_finding_m2", usual.least_m2)),
        float(fields.get("overlap_finding_width_m", usual.least_width_m)),
    )


def said_day_of(session: Session) -> Callable[[str], int]:
    """Day (ordinal) in the operation's time zone of a ``said_at``."""
    zone = ZoneInfo(session.workspace.settings.time_zone)

    @lru_cache(maxsize=65536)
    def day(said_at: str) -> int:
        return datetime.fromisoformat(said_at).astimezone(zone).toordinal()

    return day


def day_received(session: Session) -> Callable[[int], int]:
    """Day (ordinal) on which a ``seq`` came in, by this workspace's clock."""
    receipts = session.workspace.store.receipts()
    firsts = [receipt.first_seq for receipt in receipts]
    zone = ZoneInfo(session.workspace.settings.time_zone)
    days = [
        datetime.fromtimestamp(receipt.received_at / 1e6, UTC).astimezone(zone).toordinal()
        for receipt in receipts
    ]
    return lambda seq: days[bisect_right(firsts, seq) - 1] if seq else 0


def kept_finding(
    one: Finding, newest_of: Mapping[str, int], received: Callable[[int], int]
) -> KeptFinding:
    """A finding with the day on which the newest statement concerned came in.

    Parameters
    ----------
    newest_of
        Newest ``seq`` in force of each record.
    received
        See `day_received`.
    """
    seq = max(newest_of.get(record, 0) for record in (one.record, one.other))
    wkb = b"" if one.shape is None else shapely.to_wkb(one.shape)
    params = dict(one.params)
    return KeptFinding(
        one.code, one.record, one.other, params, one.area_m2, one.items, wkb, received(seq)
    )


def delivery_findings(
    session: Session, source: Mapping[str, str], *, protected: bool
) -> list[KeptFinding]:
    """What imports noticed about rows whose statements are still in force.

    Parameters
    ----------
    source
        File (blob) that the statement in force of each record came from; not asked for people,
        whose records are looked up in the vault.
    """
    found = []
    for past in deliveries(session):
        kind = session.kinds.get(str(past.fields.get("of_kind", "")))
        if kind is None or kind.protected != protected:
            continue
        noticed = [one for one in read_notes(session, past).noticed if one[2]]
        if not noticed:
            continue
        day = ordinal(str(past.fields["happened_on"]))
        held = newest(session, {one[2] for one in noticed}) if protected else {}
        for code, _, record, params, items in noticed:
            stands = record in held or source.get(record) == past.fields["file_sha256"]
            if stands and code not in _TOLD_BY_RECORDS:
                found.append(KeptFinding(code, record, "", params, 0.0, items, b"", day))
    return found


def told_once(found: Iterable[KeptFinding]) -> list[KeptFinding]:
    """Findings in order of code and records, the first of those that tell the same."""
    unique: dict[tuple[str, str, str], KeptFinding] = {}
    for one in found:
        unique.setdefault(one.key, one)
    return [unique[name] for name in sorted(unique)]
