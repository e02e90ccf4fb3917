"""What a person may do and read by the roles held in an organisation: tables, denied unless listed.

`tilth.core.access` says what an *organisation* may; a role says which of that a *person* of it may.
Both have to allow. The tables of `docs/reference/roles.md`, written by hand, are compared with
these for every combination.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from tilth.core.access import ACTS

__all__ = [
    "CLASSES",
    "CUTS",
    "FIELD_CLASSES",
    "MOVES",
    "OPEN_KINDS",
    "RELATIONS",
    "ROLES",
    "allows",
    "class_of",
    "field_class",
    "may_move",
    "reads",
    "roles_for",
    "span",
]

IM, OM, TL = "information_manager", "operations_manager", "team_leader"
QO, AD, OB = "quality_officer", "administrator", "observer"
ROLES = (IM, OM, TL, QO, AD, OB)

DECISION = "decision"
CLASSES: dict[str, tuple[str, ...]] = {
    "hazard": ("hazard_area", "evidence_point", "marking", "accident"),
    "release": ("released_area", "handover"),
    "work": ("clearance_report", "spot_task", "clearance_summary"),
    "outreach": ("eore_session", "beneficiary_count", "stockpile_destruction"),
    "task": ("task",),
    "move": ("status_change",),
    "quality": ("qm_visit", "nonconformity", "sample_inspection", "post_clearance_review"),
    "formation": (
        "project",
        "liaison",
        "team",
        "asset",
        "deployment",
        "honour",
        "training_course",
        "training_result",
    ),
    "permit": ("accreditation",),
    "explosives": ("explosives_issue", "explosives_return", "explosives_use"),
    "staff": ("person",),
    "victims": ("victim",),
    "setting": ("operation", "place", "rule_set"),
    "organisation": ("organisation",),
    "document": ("document",),
    "import": ("delivery",),
    "answer": ("explanation",),
}
"""Kinds of records by class; a kind of no class is denied."""
_CLASS_OF = {kind: name for name, kinds in CLASSES.items() for kind in kinds}

_SAY = ("record", "correct", "revise", "withdraw")
_CHECK = ("vouch", "return", "dispute", "undo")
_DECIDE = ("approve", "revoke", "recall", "lift", "name")
_INSPECT = ("inspect_internal", "inspect_external")
_ALL = (*_SAY, *_CHECK, *_DECIDE)

_ACTING: dict[str, dict[str, tuple[str, ...]]] = {
    "hazard": {IM: _ALL, OM: _SAY, TL: _SAY, QO: _CHECK},
    "release": {IM: _ALL, OM: _SAY, QO: (*_CHECK, "recall")},
    "work": {IM: _ALL, OM: _SAY, TL: _SAY, QO: _CHECK},
    "outreach": {IM: _ALL, OM: _SAY, TL: _SAY, QO: _CHECK},
    "task": {IM: _ALL, OM: (*_SAY, *_CHECK), QO: _CHECK},
    "move": {IM: _ALL, OM: _SAY, TL: ("record",), QO: _SAY},
    "quality": {IM: _ALL, QO: (*_SAY, *_CHECK, "recall", *_INSPECT)},
    "formation": {IM: _ALL, OM: (*_SAY, *_CHECK)},
    "permit": {IM: _ALL, QO: (*_SAY, *_CHECK)},
    "explosives": {IM: (*_SAY, *_CHECK), OM: (*_SAY, *_CHECK), TL: _SAY, QO: _CHECK},
    "staff": {IM: (*_SAY, "erase"), AD: (*_SAY, "erase")},
    "victims": {IM: (*_ALL, "erase")},
    "setting": {IM: _ALL},
    "organisation": {IM: _ALL, AD: _SAY},
    "document": {IM: _ALL, OM: _SAY, QO: _SAY},
    "import": {IM: (*_SAY, *_CHECK)},
    "answer": {IM: (*_SAY, *_CHECK), OM: _SAY, QO: _SAY},
}

MOVES: dict[str, dict[str, tuple[str, ...]]] = {
    "task": {
        "issue": (IM, OM),
        "start": (IM, OM, TL),
        "suspend": (IM, OM, TL, QO),
        "resume": (IM, OM, TL),
        "complete": (IM, OM, TL),
        "accept": (IM, OM),
        "reopen": (IM, OM),
        "cancel": (IM, OM),
        "abandon": (IM, OM),
        "hand_over": (IM, OM),
    },
    "nonconformity": {"act": (IM, OM, TL), "close": (QO,), "reopen": (QO,)},
}
"""Who may make which move of a task or a nonconformity, by axis and move."""

CUTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("level", "until", "month", "category", "method", "classification", "district"), ROLES
    ),
    "organisation": ROLES,
    "project": (IM, OM, OB),
    "place": (IM, OM, TL, QO),
    "hazard": (IM, OM, TL, QO),
}
"""Who may see figures in which cut, as far as the data rights allow the cut at all."""

OPEN_KINDS = frozenset(
    {"released_area", "handover", "operation", "place", "rule_set", "organisation"}
)
"""Kinds that every member reads: settings always, released land once approved and not in doubt."""

RELATIONS = ("own", "authority", "granted", "concerned", "open", "other")
"""How a record stands to who reads it.

``own``: of the own organisation; ``authority``: read for the authority; ``granted``: by the owner's
data rights; ``concerned``: of a task issued to the organisation, or about it; ``open``: to every
member; ``other``: none of these, of which only counts and sums are told."""

FIELD_CLASSES = ("ordinary", "position", "internal", "protected")

_WHOLE = frozenset(RELATIONS[:5])
_OWN = frozenset({"own", "concerned", "open"})
_OPEN = frozenset({"open"})
_NOTHING: frozenset[str] = frozenset()
_EVERYBODY = {IM: _WHOLE, OM: _WHOLE, TL: _WHOLE, QO: _WHOLE, AD: _WHOLE, OB: _WHOLE}
_FIELD = {IM: _WHOLE, OM: _WHOLE, TL: _OWN, QO: _WHOLE}

_READING: dict[str, dict[str, frozenset[str]]] = {
    "hazard": _FIELD,
    "release": {**_FIELD, AD: _OPEN, OB: _OPEN},
    "work": _FIELD,
    "outreach": _FIELD,
    "task": _FIELD,
    "move": _FIELD,
    "quality": _FIELD,
    "formation": {**_FIELD, AD: _OWN},
    "permit": {**_FIELD, AD: _OWN},
    "explosives": _FIELD,
    "staff": {IM: _WHOLE, OM: _OWN, AD: _OWN},
    "victims": {IM: _WHOLE},
    "setting": _EVERYBODY,
    "organisation": _EVERYBODY,
    "document": _FIELD,
    "import": {IM: _WHOLE},
    "answer": _FIELD,
}

_FIELDS_READ = {
    "own": frozenset(FIELD_CLASSES),
    "authority": frozenset({"ordinary", "position", "internal"}),
    "granted": frozenset({"ordinary", "position", "protected"}),
    "concerned": frozenset({"ordinary", "position"}),
    "open": frozenset({"ordinary"}),
    "other": _NOTHING,
}

_OUTLINES = ("shape", "point", "benchmark")
_WHERE = frozenset(
    {
        *_OUTLINES,
        "admin1",
        "boundary",
        "description",
        "disposal_place",
        "evacuation_plan",
        "found_at",
        "items",
        "map_reference",
        "markers",
        "marking",
        "medical_plan",
        "missed_at",
        "name",
        "place",
        "stockpile",
        "work",
    }
)
"""Names of fields that tell where ground is that may not be cleared, in kinds that are not open."""
_WHERE_IN_OPEN = frozenset({"items", "markers", "not_searched_reason", "description"})
"""The same in open kinds: items left behind, and free text."""
_INTERNAL = frozenset(
    {
        "agreement_number",
        "by",
        "citation",
        "data_rights",
        "double_count_key",
        "inspectors",
        "members",
        "person",
        "present_boys",
        "present_girls",
        "present_men",
        "present_women",
        "recipients",
        "remarks",
        "reported_by",
        "serial",
        "signatories",
        "speaker",
        "store",
        "targets",
    }
)
"""Names of fields that stay within the organisation and the authority: persons, money, remarks."""
_NAMES_NO_PLACE = frozenset({"formation", "permit", "explosives", "document", "import", "answer"})


def class_of(kind: str) -> str:
    """Class of a kind, empty for one that no class names."""
    return _CLASS_OF.get(kind, "")


@cache
def _acts_in(role: str, name: str) -> frozenset[str]:
    return frozenset(_ACTING[name].get(role, ()))


@cache
def _decides(role: str) -> frozenset[str]:
    """Acts of decision that a role may do on records of any class."""
    everything = frozenset(act for name in _ACTING for act in _acts_in(role, name))
    return everything - {*_SAY, "erase", *_INSPECT}


def allows(roles: Collection[str] | None, act: str, kind: str) -> bool:
    """Whether the roles of a person allow an act on records of a kind.

    Parameters
    ----------
    roles
        Of the person in the organisation acted for; None for whom no roles are asked.
    kind
        Kind of what is said or decided on; ``decision`` asks for any kind at all.

    Examples
    --------
    >>> allows({"team_leader"}, "record", "clearance_report")
    True
    >>> allows({"team_leader"}, "approve", "clearance_report"), allows(None, "approve", "task")
    (False, True)
    """
    if roles is None:
        return True
    if kind == DECISION:
        return any(act in _decides(role) for role in roles if role in ROLES)
    name = class_of(kind)
    return bool(name) and any(act in _acts_in(role, name) for role in roles)


def roles_for(act: str, kind: str) -> tuple[str, ...]:
    """Roles that allow an act on a kind, in the order of `ROLES`."""
    return tuple(role for role in ROLES if act in ACTS and allows((role,), act, kind))


def may_move(roles: Collection[str] | None, axis: str, move: str) -> bool:
    """Whether the roles allow a move of a task or a nonconformity.

    Examples
    --------
    >>> may_move({"team_leader"}, "task", "start"), may_move({"team_leader"}, "task", "issue")
    (True, False)
    """
    return roles is None or bool(set(MOVES.get(axis, {}).get(move, ())) & set(roles))


def span(roles: Collection[str] | None, kind: str) -> frozenset[str]:
    """Relations in which a person of these roles reads records of a kind in full."""
    name = class_of(kind)
    if roles is None:
        return _WHOLE
    if not name:
        return _NOTHING
    found = _NOTHING.union(*(_READING[name].get(role, _NOTHING) for role in roles))
    return found if kind in OPEN_KINDS else found - _OPEN


def field_class(kind: str, field: str, *, protected: bool = False, extra: bool = False) -> str:
    """Class of a field: ``ordinary``, ``position``, ``internal`` or ``protected``.

    Parameters
    ----------
    protected
        The kind is of people.
    extra
        A national programme added the field, so that no table knows what it tells: it stays
        within the organisation and the authority.

    Examples
    --------
    >>> field_class("hazard_area", "shape"), field_class("released_area", "shape")
    ('position', 'ordinary')
    """
    if protected or class_of(kind) in ("staff", "victims"):
        return "protected"
    if extra or field in _INTERNAL:
        return "internal"
    if kind in OPEN_KINDS:
        return "position" if field in _WHERE_IN_OPEN else "ordinary"
    if field in ("name", "description") and class_of(kind) in _NAMES_NO_PLACE:
        return "ordinary"
    return "position" if field in _WHERE else "ordinary"


def reads(roles: Collection[str] | None, relation: str, kind: str, field_class: str) -> bool:
    """Whether a person reads fields of a class in a record that stands in this relation.

    Examples
    --------
    >>> reads({"observer"}, "open", "released_area", "ordinary")
    True
    >>> reads({"observer"}, "own", "hazard_area", "ordinary")
    False
    """
    return relation in span(roles, kind) and field_class in _FIELDS_READ[relation]
