"""Take another organisation into a workspace: its log, its key, and what it is in the operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tilth.core.problems import Problem, Refused, register
from tilth.service.recording import Spoken, draft_record
from tilth.service.register import register_of
from tilth.service.session import Session
from tilth.store.settings import Party

__all__ = ["Joined", "join"]

register(
    {
        "organisation_here": (
            "{name} has a log in this workspace already.",
            "Change what it is with tilth revise; another one needs another name and code.",
        ),
        "name_missing": (
            "An organisation needs a name.",
            "Give the name by which its records call it.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Joined:
    """An organisation with a log here: its id, the log's origin, and its record."""

    organisation: str
    log: str
    record: Spoken


def join(
    session: Session,
    name: str,
    *,
    code: str = "",
    roles: Sequence[str] = (),
    state: str = "",
    on: str = "",
) -> Joined:
    """Begin the log of another organisation here and record what it is in the operation.

    The workspace then holds its key and can write in its name; every statement still names who
    said it. An authority that was only named so far gets the log of its own id.

    Parameters
    ----------
    roles
        Codes of ``organisation_role``.
    on
        Day from which it takes part; today without.

    Raises
    ------
    Refused
        ``name_missing``, ``organisation_here``, and what the kind refuses.
    """
    session.require_actor()
    wanted = name.strip()
    if not wanted:
        raise Refused(Problem("name_missing", "name"))
    known = {one.name: one.id for one in session.workspace.settings.organisations}
    organisation = known.get(wanted, "")
    held = {log.split("/")[2] for log in session.workspace.logs()}
    if organisation in held:
        raise Refused(Problem("organisation_here", wanted, {"name": wanted}))
    if code and register_of(session).organisation_of(code):
        raise Refused(Problem("organisation_here", code, {"name": code}))
    organisation = organisation or session.workspace.nonce()
    fields = {
        "local_id": code or wanted,
        "happened_on": on or session.today(),
        "name": wanted,
        "roles": list(roles) or ["operator"],
        "log_id": organisation,
        **({"code": code} if code else {}),
        **({"state": state} if state else {}),
    }
    with session.workspace.writing():
        log = session.log_for("record", session.own, "organisation")
        draft, spoken = draft_record(session, "organisation", fields, log=log, author=session.own)
        opened = session.workspace.open_log(
            Party(organisation, wanted), actor=session.actor, beside=[(log, [draft])]
        )
    session.remembered.clear()  # the register knows the parties of when it was made
    return Joined(organisation, opened, spoken)
