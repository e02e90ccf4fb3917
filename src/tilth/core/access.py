"""Who may do what to whose record: one table, denied unless a row allows it.

Rules §2: corrections, withdrawals and vouching belong to the author organisation; approval,
revocation and national ids to the authority; either may return; only others dispute.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Permission", "may"]

AUTHOR, AUTHORITY, OTHER = "author", "authority", "other"

_TABLE: dict[str, tuple[str, ...]] = {
    "record": (AUTHOR,),
    "correct": (AUTHOR,),
    "revise": (AUTHOR,),
    "withdraw": (AUTHOR,),
    "erase": (AUTHOR,),
    "vouch": (AUTHOR,),
    "approve": (AUTHORITY,),
    "return": (AUTHOR, AUTHORITY),
    "revoke": (AUTHORITY,),
    "recall": (AUTHOR, OTHER, AUTHORITY),
    "lift": (AUTHORITY,),
    "name": (AUTHORITY,),
    "dispute": (OTHER, AUTHORITY),
}


class Permission(NamedTuple):
    """Whether an act is allowed, and by which role, or which roles it would need."""

    allowed: bool
    role: str


def may(act: str, organisation: str, author: str, authority: str) -> Permission:
    """Decide whether an organisation may do an act on a statement of ``author``.

    Parameters
    ----------
    organisation, author, authority
        Organisation ids: who acts, whose statement it is, who the operation's authority is. An
        ``undo`` is for whoever took the decision, who is then ``author``.

    Examples
    --------
    >>> may("approve", "ab", author="cd", authority="ab")
    Permission(allowed=True, role='authority')
    >>> may("approve", "cd", author="cd", authority="ab")
    Permission(allowed=False, role='authority')
    """
    needed = _TABLE.get(act, (AUTHOR,) if act == "undo" else ())
    held = {AUTHOR} if organisation == author else {OTHER}
    if organisation == authority:
        held.add(AUTHORITY)
    role = next((one for one in needed if one in held), "")
    return Permission(bool(role), role or " or ".join(needed))
