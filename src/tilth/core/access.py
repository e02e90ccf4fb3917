"""Who may do what to whose record: one table, denied unless a row allows it.

Rules §2: corrections, withdrawals and vouching belong to the author organisation; approval,
revocation and national ids to the authority; either may return; only others dispute. Above the
table stands the second person: nobody verifies what they said themselves, approves or inspects
what their own organisation did. The table of `docs/reference/permissions.md`, written by hand, is
compared with this one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

__all__ = [
    "ACTS",
    "INSPECTING",
    "Actor",
    "Permission",
    "Subject",
    "granted",
    "may",
    "same_person",
    "share",
]

AUTHOR, AUTHORITY, OTHER, INSPECTOR = "author", "authority", "other", "inspector"

_TABLE: dict[str, tuple[str, ...]] = {
    "record": (AUTHOR,),
    "correct": (AUTHOR,),
    "revise": (AUTHOR,),
    "withdraw": (AUTHOR,),
    "erase": (AUTHOR,),
    "undo": (AUTHOR,),
    "vouch": (AUTHOR,),
    "approve": (AUTHORITY,),
    "return": (AUTHOR, AUTHORITY),
    "revoke": (AUTHORITY,),
    "recall": (AUTHOR, OTHER, AUTHORITY),
    "lift": (AUTHORITY,),
    "name": (AUTHORITY,),
    "dispute": (OTHER, AUTHORITY),
    "inspect_internal": (AUTHOR,),
    "inspect_external": (INSPECTOR,),
}
ACTS = tuple(_TABLE)

INSPECTING = frozenset({"authority", "mine_action_centre", "quality_body"})
"""Roles in the operation by which an organisation inspects the work of others."""


class Actor(NamedTuple):
    """Who acts.

    Parameters
    ----------
    organisation
        Id of the organisation in whose log the act will stand.
    code
        Code of the person.
    roles
        Roles of the organisation in the operation; the authority has the role ``authority``.
    """

    organisation: str
    code: str = ""
    roles: frozenset[str] = frozenset()


class Subject(NamedTuple):
    """What is acted on: the organisation in whose log it stands, who said it, who did the work.

    For ``undo`` the author is whoever took the decision; for an inspection whoever is inspected.
    """

    author: str
    said_by: str = ""
    worked: frozenset[str] = frozenset()


class Permission(NamedTuple):
    """Whether an act is allowed.

    Parameters
    ----------
    role
        The role by which it is, or the roles that it needs.
    why
        What stands in the way: ``not_permitted``, or one of `SECOND_PERSON`, which a reason
        overrides where an operation has nobody else; that stays a finding for ever.
    """

    allowed: bool
    role: str
    why: str = ""

    @property
    def overridable(self) -> bool:
        """Whether a reason can stand in for a second person or organisation."""
        return self.why in SECOND_PERSON


SECOND_PERSON = frozenset({"own_statement", "own_work", "own_inspection"})


def same_person(one: str, other: str) -> bool:
    """Whether two codes name one person, however they are typed; no code names nobody.

    Examples
    --------
    >>> same_person("im1", " IM1"), same_person("im1", "im2"), same_person("", "")
    (True, False, False)
    """
    return bool(one.strip()) and _folded(one) == _folded(other)


def _folded(code: str) -> str:
    return "".join(unicodedata.normalize("NFKC", code).casefold().split())


def may(actor: Actor, act: str, subject: Subject) -> Permission:
    """Decide whether somebody may do an act on a record.

    Examples
    --------
    >>> may(Actor("ab", roles=frozenset({"authority"})), "approve", Subject("cd"))
    Permission(allowed=True, role='authority', why='')
    >>> may(Actor("cd"), "approve", Subject("cd"))
    Permission(allowed=False, role='authority', why='not_permitted')
    >>> may(Actor("cd", "im1"), "vouch", Subject("cd", said_by="im1"))
    Permission(allowed=False, role='author', why='own_statement')
    """
    needed = _TABLE.get(act, ())
    held = _held(actor, subject)
    role = next((one for one in needed if one in held), "")
    if not role:
        return Permission(False, " or ".join(needed), "not_permitted")
    return Permission(not (why := _own(actor, act, subject)), role, why)


def _held(actor: Actor, subject: Subject) -> set[str]:
    held = {AUTHOR} if actor.organisation == subject.author else {OTHER}
    if AUTHORITY in actor.roles:
        held.add(AUTHORITY)
    if actor.roles & INSPECTING:
        held.add(INSPECTOR)
    return held


def _own(actor: Actor, act: str, subject: Subject) -> str:
    """Rule of the second person that stands in the way, empty when none does."""
    if act == "vouch" and same_person(actor.code, subject.said_by):
        return "own_statement"
    did_it = actor.organisation in (subject.worked or {subject.author})
    if act == "approve" and did_it:
        return "own_work"
    if act == "inspect_external" and (did_it or actor.organisation == subject.author):
        return "own_inspection"
    if act == "inspect_internal" and same_person(actor.code, subject.said_by):
        return "own_inspection"
    return ""


def share(reader: Actor, owner: str, *, protected: bool, granted: str = "") -> str:
    """How much of an organisation's records another may read: ``full``, ``aggregate``, ``none``.

    Parameters
    ----------
    owner
        Organisation id of the record's author.
    protected
        The record is of a person.
    granted
        What the owner's data rights give this reader for the kind: ``full``, ``aggregate`` or
        ``none``; empty where they say nothing.

    Notes
    -----
    Everybody reads their own. The authority reads everything but people's data of others, of
    which it reads aggregates unless the owner grants more. Others read aggregates of what is not
    of people, unless the owner's data rights say otherwise.
    """
    if reader.organisation == owner:
        return "full"
    if AUTHORITY in reader.roles and not protected:
        return "full"
    if granted in ("full", "aggregate", "none"):
        return granted
    if protected and AUTHORITY not in reader.roles:
        return "none"
    return "aggregate"


def granted(
    lines: Iterable[Mapping[str, Any]], words: Collection[str], kind: str, *, protected: bool
) -> str:
    """What lines of data rights give a reader for a kind; empty where they say nothing.

    The line that names the reader goes before one for everybody, then one that names the kind
    before one that names none; of two equal ones the one that gives less holds.

    Parameters
    ----------
    lines
        ``kinds``, ``to``, ``share`` each. Without kinds a line is about all that is not protected.
    words
        Every code, name and id of the reader.

    Examples
    --------
    >>> lines = [{"to": "*", "share": "aggregate"}, {"to": "GF", "share": "full"}]
    >>> granted(lines, {"GF"}, "task", protected=False)
    'full'
    >>> granted(lines, {"GF"}, "victim", protected=True)
    ''
    """
    found: list[tuple[bool, bool, int]] = []
    for line in lines:
        to, kinds = str(line.get("to", "")), tuple(line.get("kinds", ()))
        share_given = str(line.get("share", ""))
        fits = kind in kinds if kinds else not protected
        if (to == "*" or to in words) and fits and share_given in _SHARES:
            found.append((to != "*", bool(kinds), -_SHARES.index(share_given)))
    return _SHARES[-max(found)[2]] if found else ""


_SHARES = ("none", "aggregate", "full")
