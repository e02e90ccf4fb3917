"""Begin a workspace, and look after it: check it to the ground, make anew what is derived."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tilth.core.chains import LEVELS
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import record_id
from tilth.service import accounting, findings
from tilth.service.session import OPERATION_ID, Session, open_session
from tilth.store.workspace import Workspace

__all__ = ["Check", "check", "found", "rebuild"]

AUTHORITY_ID = "authority"
OWN_ID = "own"

register(
    {
        "account_differs": (
            "A kept account is not what the log says.",
            "Run tilth rebuild; if it happens again, restore a backup.",
        ),
        "workspace_unreadable": (
            "The workspace cannot be read: {why}.",
            "Restore the workspace from a backup.",
        ),
    }
)


def found(  # noqa: PLR0913 - each is a question that a new workspace must answer
    path: Path,
    *,
    organisation: str,
    authority: str = "",
    operation: str = "",
    synthetic: bool = False,
    time_zone: str = "UTC",
    store: str = "sqlite",
    actor: str = "init",
    passphrase: str | None = None,
) -> dict[str, Any]:
    """Make a workspace whose first statements say what the operation is and who takes part.

    Parameters
    ----------
    authority
        Name of another organisation that approves; empty where the organisation itself does.
    operation
        Name of the operation; empty for the name of the folder.

    Returns
    -------
    dict
        Ids and names, and ``log``, the origin of the workspace's own log.

    Raises
    ------
    Refused
        What `Workspace.create` refuses.
    """
    with Workspace.create(
        path,
        operation_name=operation or path.resolve().name,
        organisation_name=organisation,
        authority_name=authority or None,
        synthetic=synthetic,
        time_zone=time_zone,
        store=store,
        actor=actor,
        passphrase=passphrase,
    ) as workspace:
        session = Session(workspace, workspace.store.kinds, actor)
        workspace.append(
            [
                session.draft(
                    "record",
                    kind,
                    fields,
                    record=record_id(session.own, kind, fields["local_id"]),
                    happened_on=fields["happened_on"],
                )
                for kind, fields in _first_records(session)
            ]
        )
        return _described(session)


def _first_records(session: Session) -> list[tuple[str, dict[str, Any]]]:
    """Operation and organisations, as the settings name them."""
    settings = session.workspace.settings
    own, authority = settings.name_of(settings.organisation), settings.name_of(settings.authority)
    both = session.own == session.authority
    every = {"happened_on": session.today(), "organisation": own}
    records: list[tuple[str, dict[str, Any]]] = [
        (
            "operation",
            {
                **every,
                "local_id": OPERATION_ID,
                "name": settings.operation_name,
                "authority": authority,
                "organisations": list(dict.fromkeys((own, authority))),
                "time_zone": settings.time_zone,
            },
        )
    ]
    roles = ["authority", "operator"] if both else ["operator"]
    records.append(("organisation", {**every, "local_id": OWN_ID, "name": own, "roles": roles}))
    if not both:
        fields = {"local_id": AUTHORITY_ID, "name": authority, "roles": ["authority"]}
        records.append(("organisation", {**every, **fields}))
    return records


def _described(session: Session) -> dict[str, Any]:
    settings = session.workspace.settings
    return {
        "workspace": str(session.workspace.path),
        "operation": {"id": settings.operation, "name": settings.operation_name},
        "organisation": {
            "id": settings.organisation,
            "name": settings.name_of(settings.organisation),
        },
        "authority": {"id": settings.authority, "name": settings.name_of(settings.authority)},
        "synthetic": settings.synthetic,
        "log": session.log,
    }


class Check(NamedTuple):
    """What `check` found: how much was derived again, and the first thing that failed."""

    statements: int
    checkpoints: int
    problem: Problem | None


NOT_DAMAGE = frozenset(
    {
        "database_newer",
        "database_unreachable",
        "network_folder",
        "no_database_address",
        "no_workspace",
        "workspace_busy",
        "workspace_newer",
    }
)
"""Why a workspace cannot be looked at that says nothing about its soundness."""


def check(path: Path, *, deep: bool = False) -> Check:
    """Derive a workspace's log again from its bytes, and its vault; name the first failure.

    Parameters
    ----------
    deep
        Derive the read tables and the kept accounts again, too.

    Raises
    ------
    Refused
        When there is nothing to check: ``no_workspace`` and the like.
    """
    try:
        with open_session(path) as session:
            return _checked(session, deep)
    except Refused as refused:
        if refused.problems[0].code in NOT_DAMAGE:
            raise
        return Check(0, 0, refused.problems[0])
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        return Check(0, 0, Problem("workspace_unreadable", str(path), {"why": why}))


def _checked(session: Session, deep: bool) -> Check:
    result = session.workspace.verify(deep=deep)
    verdict, problem = result.verdict, result.problem
    if deep and problem is None:
        _, wrong = accounting.wrongly_kept(session)
        problem = Problem("account_differs", wrong) if wrong else None
    return Check(verdict.statements, verdict.checkpoints, problem)


def rebuild(session: Session) -> Mapping[str, int]:
    """Make read tables and accounts anew from the log, and sweep up what a kill left behind."""
    workspace = session.workspace
    swept = workspace.sweep()
    with workspace.writing():
        workspace.store.rebuild()
        for book in (accounting.BOOK, findings.BOOK):
            workspace.store.keep_many(book, dict.fromkeys(workspace.store.kept_keys(book)))
    made = accounting.kept_at(session, accounting.position_at(session, ""), list(LEVELS))
    return {"statements": workspace.store.last_seq(), "swept": swept, "accounts": len(made)}
