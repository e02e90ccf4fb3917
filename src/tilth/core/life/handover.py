"""Handover of released ground: its guards, and whether a certificate still stands.

Ground is handed over when everything in it is approved and nothing is in doubt (rules §5, §6; IMAS
08.30: inspections completed, corrective action carried out, permanent markers recorded, residual
risk and liabilities clear, the land user signs). What was handed over is never edited: when an
approval is withdrawn the certificate stays as issued and is *superseded*, when ground is revoked it
is *revoked*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tilth.core.days import last_day
from tilth.core.findings import Finding
from tilth.core.findings import register as register_findings
from tilth.core.life.register import Held, Register
from tilth.core.life.release import blocking_problems
from tilth.core.life.rule_set import HandoverDemand
from tilth.core.problems import Problem, register

__all__ = [
    "ISSUED",
    "REVOKED",
    "SUPERSEDED",
    "Certificate",
    "Handed",
    "certificate",
    "certificate_state",
    "handover_findings",
    "handover_guards",
    "review_findings",
    "revocations_of",
]

ISSUED, SUPERSEDED, REVOKED = "issued", "superseded", "revoked"


@dataclass(frozen=True, slots=True)
class Handed:
    """A released area that is to be handed over.

    Parameters
    ----------
    happened_on
        Day of the release.
    reported
        Hash of the statement in force as reported; empty when it is withdrawn.
    approved
        Hash of the statement in force as approved; empty when there is none.
    revoked
        Revocations that stand on it, by hash.
    recalled
        Records of what was missed, for which it is in doubt and nobody has decided.
    blocking
        Open nonconformities that bear on it: record and severity.
    """

    record: str
    happened_on: str
    reported: str
    approved: str
    revoked: tuple[str, ...] = ()
    recalled: tuple[str, ...] = ()
    blocking: tuple[tuple[str, str], ...] = ()


class Certificate(NamedTuple):
    """State of a handover's certificate, and the released areas for which it is not *issued*."""

    state: str
    because: tuple[tuple[str, str], ...] = ()


def _local(record: str) -> str:
    return record.split("/", 2)[-1]


def handover_guards(
    fields: Mapping[str, Any], areas: Sequence[Handed], demand: HandoverDemand, *, where: str = ""
) -> list[Problem]:
    """Everything that stands in the way of a handover.

    Parameters
    ----------
    fields
        Of the handover as it is to be said.
    where
        Name of the handover, for what it lacks itself.
    """
    found: list[Problem] = []
    if not areas:
        found.append(Problem("handover_of_nothing", where))
    for area in areas:
        found += _ground(area, str(fields.get("happened_on", "")), demand)
    return [*found, *_paper(fields, demand, where)]


def _ground(area: Handed, day: str, demand: HandoverDemand) -> Iterator[Problem]:
    record = _local(area.record)
    if not area.reported:
        yield Problem("handover_withdrawn", area.record, {"record": record})
    elif not area.approved:
        yield Problem("handover_not_approved", area.record, {"record": record})
    elif area.approved != area.reported:
        yield Problem("handover_changed_since", area.record, {"record": record})
    if day and area.happened_on and last_day(day) < last_day(area.happened_on):
        params = {"record": record, "day": day, "released": area.happened_on}
        yield Problem("handover_before_release", area.record, params)
    for revocation in area.revoked:
        yield Problem("handover_revoked", area.record, {"record": record, "by": revocation[:12]})
    for missed in area.recalled:
        params = {"record": record, "missed": _local(missed)}
        yield Problem("handover_recalled", area.record, params)
    yield from blocking_problems(area.record, area.blocking, demand.blocked_by)


def _paper(fields: Mapping[str, Any], demand: HandoverDemand, where: str) -> Iterator[Problem]:
    """What the certificate has to say."""
    if demand.markers_recorded and fields.get("markers_recorded") is not True:
        yield Problem("handover_markers", where)
    marked = {line.get("marker_type") for line in fields.get("markers", ())}
    if missing := [one for one in demand.marker_types if one not in marked]:
        yield Problem("handover_marker_types", where, {"missing": ", ".join(missing)})
    asked = {
        "residual_risk": demand.residual_risk,
        "liability": demand.liability,
        "recipients": demand.recipients,
        "purpose": demand.purpose,
    }
    for name, wanted in asked.items():
        if wanted and not fields.get(name):
            yield Problem("handover_incomplete", where, {"field": name})
    signed = {line.get("role") for line in fields.get("signatories", ())}
    if missing := [one for one in demand.signatories if one not in signed]:
        yield Problem("handover_signatories", where, {"missing": ", ".join(missing)})


# -- what became of a certificate ------------------------------------------------------------------


def revocations_of(known: Register, record: str) -> tuple[str, ...]:
    """Hashes of the standing revocations that name a released area, in order."""
    return tuple(
        sorted(
            said.hash
            for said in known.revocations.values()
            if record in (said.fields or {}).get("records", ())
        )
    )


def certificate(known: Register, handover: Held, approved: Mapping[str, str]) -> Certificate:
    """Whether a handover's certificate still stands.

    Parameters
    ----------
    approved
        By released area of the handover: hash of its statement that is in force as approved today;
        an area that has none is left out or empty.

    Returns
    -------
    Certificate
        ``revoked`` when a revocation that stands names one of its areas; ``superseded`` when an
        area is no longer approved as it was handed over: the approval was withdrawn, the statement
        returned, or another one approved since; else ``issued``.
    """
    values = handover.now()
    handed = {str(one) for one in values.get("statements", ())}
    because: list[tuple[str, str]] = []
    for area in approved:
        if revocations_of(known, area):
            because.append((area, REVOKED))
        elif not approved[area] or (handed and approved[area] not in handed):
            because.append((area, SUPERSEDED))
    states = {state for _, state in because}
    state = next((one for one in (REVOKED, SUPERSEDED) if one in states), ISSUED)
    return Certificate(state, tuple(because))


def certificate_state(known: Register, handover: Held, approved: Mapping[str, str]) -> str:
    """``issued``, ``superseded`` or ``revoked``; see `certificate`."""
    return certificate(known, handover, approved).state


def handover_findings(known: Register, approved: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """Certificates that no longer stand, and handovers that no guard was asked about.

    Parameters
    ----------
    approved
        By handover: by released area, hash of the statement in force as approved.
    """
    found = []
    for record, held in sorted(known.of("handover").items()):
        values = held.now()
        number = str(values.get("certificate_number", held.local_id))
        stands = certificate(known, held, approved.get(record, {}))
        for area, state in stands.because:
            code = f"certificate_{state}"
            params = {"certificate": number, "record": _local(area)}
            found.append(Finding(code, record, area, params))
        if not values.get("rule_set"):
            found.append(Finding("handover_unguarded", record, params={"certificate": number}))
    return found


def review_findings(known: Register, decided: Iterable[str]) -> list[Finding]:
    """Reviews that tell of an accident or an item, of which nothing has come yet.

    Parameters
    ----------
    decided
        Reviews that a recall or a revocation names.
    """
    done = set(decided)
    return [
        Finding("review_undecided", record, params={"record": held.local_id})
        for record, held in sorted(known.of("post_clearance_review").items())
        if record not in done
        and (held.now().get("accident_after") == "yes" or held.now().get("items_found", 0) > 0)
    ]


register(
    {
        "handover_of_nothing": (
            "The handover names no released area.",
            "Name the released areas that are handed over.",
        ),
        "handover_withdrawn": (
            "{record} is withdrawn by its author, or held in part.",
            "Leave it out, or take in the log that holds it.",
        ),
        "handover_not_approved": (
            "{record} is not approved.",
            "Let the authority approve it first: tilth approve; what stands in its way: tilth "
            "release-check.",
        ),
        "handover_changed_since": (
            "{record} was corrected after it was approved, and the correction is not approved.",
            "Let the authority approve the correction or return it.",
        ),
        "handover_before_release": (
            "{record} was released on {released}, after the day of the handover, {day}.",
            "Correct the day of the handover, or leave the area out.",
        ),
        "handover_revoked": (
            "{record} is revoked ({by}): its ground remains.",
            "Work the ground again and release it anew, with a later day.",
        ),
        "handover_recalled": (
            "{record} is in doubt because of {missed}, and the authority has not decided.",
            "Let the authority decide: tilth recall list, tilth recall decide.",
        ),
        "handover_markers": (
            "It is not said that permanent markers stand on the ground.",
            "Set them, record them, and say markers_recorded=yes.",
        ),
        "handover_marker_types": (
            "No marker of these types is recorded: {missing}.",
            "List the markers with label, marker_type and point: markers=@markers.csv.",
        ),
        "handover_incomplete": (
            "The handover says nothing of {field}.",
            "Give {field}=TEXT.",
        ),
        "handover_signatories": (
            "These have not signed: {missing}.",
            "List the signatories with their role and the code of the person.",
        ),
    }
)
register_findings(
    {
        "certificate_revoked": (
            "The certificate {certificate} covers {record}, which was revoked.",
            "Tell its recipients; work the ground again, release it anew and hand it over again.",
        ),
        "certificate_superseded": (
            "The certificate {certificate} covers {record}, which is no longer approved as it was "
            "handed over.",
            "Approve it again and issue a new certificate, or tell the recipients.",
        ),
        "handover_unguarded": (
            "The handover {certificate} was recorded without asking whether anything stands in "
            "the way.",
            "Hand over with tilth handover, which asks; an older one can be explained.",
        ),
        "review_undecided": (
            "{record} tells of an accident or an item after release, and nothing has come of it.",
            "Propose a recall with tilth recall propose, or let the authority revoke the release.",
        ),
    }
)
