"""What was said and decided about records: contested, disputed, returned, approved by oneself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import shapely

from tilth.core.access import same_person
from tilth.core.chains import REPORTED, Said, Standing, chains_of
from tilth.core.days import first_day, iso
from tilth.core.findings import Finding, register
from tilth.core.land.book import LandBook
from tilth.core.land.findings_overlaps import local_id
from tilth.core.land.resolve import statement_in_force
from tilth.core.land.views import CLEARED, HazardView, ReleaseView
from tilth.core.problems import Parameter

__all__ = [
    "decided_findings",
    "drawn_m2",
    "hazard_findings",
    "release_findings",
    "revocation_findings",
]


def decided_findings(
    book: LandBook,
    statements: Mapping[str, Sequence[Said]],
    said_day: Callable[[str], int],
    area_m2: Callable[[str], float] = lambda record: 0.0,
) -> list[Finding]:
    """Findings about statements of any kind and the decisions on them.

    ``contested``, ``disputed``, ``returned``, ``own_approval``, ``vouched_by_author``,
    ``day_after_said``.

    Parameters
    ----------
    book
        Knows the decisions on these statements.
    said_day
        Day (ordinal) in the operation's time zone of a ``said_at``.
    area_m2
        What is at stake with a record.
    """
    found: list[Finding] = []
    for record in sorted(statements):
        said = statements[record]
        for code, params in _about(book, said, said_day):
            found.append(Finding(code, record, params=params, area_m2=area_m2(record)))
    return found


def _about(
    book: LandBook, statements: Sequence[Said], said_day: Callable[[str], int]
) -> Iterator[tuple[str, dict[str, Parameter]]]:
    standing = book.standing
    if len(statements) > 1:
        rivals = _rivals(statements, standing)
        if rivals:
            yield "contested", {"count": rivals}
    decisions = [(one, d) for one in statements for d in standing.decided_by.get(one.hash, ())]
    for act, code in (("dispute", "disputed"), ("return", "returned")):
        reasons = sorted(
            {str((d.fields or {}).get("reason", "")) for _, d in decisions if d.act == act}
        )
        if reasons:
            yield code, {"reason": "; ".join(filter(None, reasons))}
    if any(_approved_own(one, book) for one in statements):
        yield "own_approval", {}
    same = [
        d.actor
        for s, d in decisions
        if d.act == "vouch" and same_person(d.actor, s.actor) and _own(s, d)
    ]
    if same:
        yield "vouched_by_author", {"actor": same[0]}
    for one in statements:
        late = (
            one.happened_on and one.said_at and first_day(one.happened_on) > said_day(one.said_at)
        )
        if late and one.act != "withdraw":
            params: dict[str, Parameter]
            params = {"happened_on": one.happened_on, "said_on": iso(said_day(one.said_at))}
            yield "day_after_said", params
            break


def _approved_own(said: Said, book: LandBook) -> bool:
    """Whether the authority approved its own work, also if it took that back: for ever.

    Its own is what it did; work of another that it only typed in is not.
    """
    worked = str((said.fields or {}).get("organisation", ""))
    own = worked in book.called if worked and book.called else True
    return (
        own
        and said.organisation == book.authority
        and any(
            d.act == "approve" and d.organisation == book.authority
            for d in book.decisions_on(said.hash)
        )
    )


def _own(said: Said, decision: Said) -> bool:
    return said.organisation == decision.organisation


def _rivals(statements: Sequence[Said], standing: Standing) -> int:
    """How many statements contend for the same place in a record's chains; 0 when none do."""
    first, revisions = chains_of(statements)
    chains = [*([first] if first else []), *revisions]
    contested = [chain for chain in chains if chain.path(standing)[1]]
    return sum(
        max([len(chain.roots), *(len(after) for after in chain.children.values())])
        for chain in contested
    )


def hazard_findings(book: LandBook, records: Iterable[str] | None = None) -> list[Finding]:
    """Findings of hazard areas and what names them, of all records or of some.

    ``hazard_without_polygon``, ``reclassified_to_indication``, ``names_unknown_hazard``,
    ``withdrawn_with_release``.
    """
    found: list[Finding] = []
    for record in _chosen(book, records):
        view, kind = book.views[record][0], book.kinds[record]
        if kind == "hazard_area":
            found += _of_hazard(book, record, view if isinstance(view, HazardView) else None)
        elif (named := _unknown(book, record)) is not None:
            params = {"name": named}
            found.append(
                Finding(
                    "names_unknown_hazard", record, params=params, area_m2=drawn_m2(book, record)
                )
            )
    return found


def drawn_m2(book: LandBook, record: str) -> float:
    """Area of the ground that a record draws as reported."""
    view = book.views[record][0] if record in book.views else None
    keys: list[str] = []
    if isinstance(view, HazardView):
        keys = [key for ground in view.grounds for key in ground.keys]
    elif isinstance(view, ReleaseView):
        keys = [key for alternatives in view.ground for key in alternatives]
    elif view is not None:
        keys = list(view.keys)
    shapes = [book.geometry[key] for key in dict.fromkeys(keys) if key in book.geometry]
    if len(shapes) < 2:
        return float(shapely.area(shapes[0])) if shapes else 0.0
    return float(shapely.area(shapely.union_all(np.array(shapes, dtype=object))))


def _unknown(book: LandBook, record: str) -> str | None:
    """Name of a hazard that a record gives and that no record answers to."""
    said = statement_in_force(book.statements[record], REPORTED, book.standing)
    name = str((said.fields or {}).get("hazard", "")) if said is not None else ""
    known = book.hazard_named(record, name) if name else ""
    return name if name and book.kinds.get(known) != "hazard_area" else None


def _of_hazard(book: LandBook, record: str, view: HazardView | None) -> Iterator[Finding]:
    if view is None:
        naming = [r for r in sorted(book.naming(record)) if _releases(book, r, record)]
        if naming and any(said.act == "withdraw" for said in book.statements[record]):
            params: dict[str, Parameter] = {"count": len(naming), "release": local_id(naming[0])}
            yield Finding("withdrawn_with_release", record, naming[0], params)
        return
    if not any(key in book.geometry for ground in view.grounds for key in ground.keys):
        declared = _declared(book.statements[record])
        size: dict[str, Parameter] = {"m2": declared or "no"}
        yield Finding("hazard_without_polygon", record, params=size, area_m2=float(declared or 0))
    named = [name for *_, name, _ in view.classes]
    first = next((n for n, name in enumerate(named) if name != "indication"), len(named))
    if "indication" in named[first:]:
        yield Finding("reclassified_to_indication", record, area_m2=drawn_m2(book, record))


def _releases(book: LandBook, record: str, hazard: str) -> bool:
    view = book.views[record][0] if record in book.views else None
    return isinstance(view, ReleaseView) and book.hazard_named(record, view.named) == hazard


def _declared(statements: Iterable[Said]) -> str:
    said = [
        str(f["declared_area_m2"])
        for s in statements
        if "declared_area_m2" in (f := s.fields or {})
    ]
    return said[-1] if said else ""


def _chosen(book: LandBook, records: Iterable[str] | None) -> list[str]:
    every = book.views if records is None else [one for one in records if one in book.views]
    return sorted(every)


def release_findings(book: LandBook, records: Iterable[str] | None = None) -> list[Finding]:
    """Cleared ground of which nobody said how deep: `depth_not_given`."""
    found = []
    for record in _chosen(book, records):
        view = book.views[record][0]
        if not isinstance(view, ReleaseView) or view.claim != CLEARED:
            continue
        # A search of the surface has no depth to give.
        if view.depth_cm is None and not view.surface_only:
            found.append(Finding("depth_not_given", record, area_m2=drawn_m2(book, record)))
    return found


def revocation_findings(book: LandBook) -> list[Finding]:
    """Releases that a revocation leaves standing, and those in doubt until a recall is decided."""
    found = []
    for statement in sorted(book.revocations):
        said = book.revocations[statement]
        fields = said.fields or {}
        if said.act == "recall":
            found += [
                Finding(
                    "recalled",
                    record,
                    str(fields.get("missed", "")),
                    {"on": said.happened_on, "missed": local_id(str(fields.get("missed", "")))},
                    area_m2=drawn_m2(book, record),
                )
                for record in sorted(fields.get("records", ()))
                if record in book.statements
            ]
            continue
        for kept in sorted(fields.get("still_standing", ())):
            revoked = sorted(fields.get("records", ()))
            params = {
                "revoked": ", ".join(local_id(one) for one in revoked[:5]),
                "reason": str(fields.get("reason", "")),
                "on": said.happened_on,
            }
            found.append(
                Finding(
                    "revocation_names_standing",
                    kept,
                    revoked[0] if revoked else "",
                    params,
                    area_m2=drawn_m2(book, kept),
                )
            )
    return found


register(
    {
        "contested": (
            "{count} statements replace the same one; the earlier one stays in force.",
            "The authority approves the one that holds.",
        ),
        "disputed": (
            "Another organisation disputes the record. Reason: {reason}",
            "Settle it with them; correct the record, or have the dispute withdrawn.",
        ),
        "returned": (
            "The record was returned and counts at reported only. Reason: {reason}",
            "Correct it, then ask who returned it to withdraw the return.",
        ),
        "own_approval": (
            "The organisation approved its own work.",
            "Nothing closes this; have another authority approve, where there is one.",
        ),
        "vouched_by_author": (
            "{actor} vouched for what {actor} had said.",
            "Have another person of the organisation look at it and vouch.",
        ),
        "day_after_said": (
            "It is said to have happened on {happened_on}, after it was said on {said_on}.",
            "Correct the day, or the clock of the device that wrote it.",
        ),
        "hazard_without_polygon": (
            "The hazard area has no polygon ({m2} m² declared); it stands outside the balance.",
            "Survey the ring, and correct the record with it.",
        ),
        "reclassified_to_indication": (
            "A suspected or confirmed area was made an indication; it counts as before.",
            "Cancel the ground by a released area, or withdraw the record if it was a mistake.",
        ),
        "names_unknown_hazard": (
            "It names the hazard area {name}, which is not held.",
            "Import the hazard area, or correct the name.",
        ),
        "withdrawn_with_release": (
            "The hazard area was withdrawn, and {count} releases name it, such as {release}.",
            "Correct the releases to the hazard they were made on, or record it again.",
        ),
        "depth_not_given": (
            "Nobody said how deep the ground was cleared; it counts as deep enough.",
            "Ask the organisation, and correct the release with its depth.",
        ),
        "recalled": (
            "An item was missed ({missed}, {on}) and this release shares its work; prudent counts "
            "the ground as remaining until the authority decides.",
            "Decide with tilth recall decide: revoke the release, or lift the recall.",
        ),
        "revocation_names_standing": (
            "The revocation of {revoked} on {on} leaves this release standing. Reason: {reason}",
            "Check that it was made apart from the revoked work.",
        ),
    }
)
