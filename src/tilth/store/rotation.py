"""Acts on keys: replace, revoke, begin a new epoch, confirm another's, publish.

Each is a statement in a log. A ``key`` statement is appended alone, because the checkpoint that
closes its batch is the last that the old key signs (`tilth.core.keyring`).
"""

from __future__ import annotations

from typing import NamedTuple

from tilth.core.checkpoint import Verifier
from tilth.core.keyring import KeySpan, log_origin, split_origin
from tilth.core.problems import Problem, Refused, register
from tilth.store.keys import key_id
from tilth.store.workspace import Workspace

__all__ = ["KeyLine", "countersign", "export", "keys", "new_epoch", "revoke", "rotate"]

_SEED_BYTES = 32

register(
    {
        "unknown_key": (
            "No log here was ever sealed by a key {key}.",
            "Take the key's id from tilth key list.",
        ),
        "unknown_statement": (
            "The statement {hash} is not in any log here.",
            "Import the log that holds it first.",
        ),
        "not_the_authority": (
            "Only the authority ({authority}) confirms keys, and its key is not here.",
            "Countersign in the workspace of the authority.",
        ),
    }
)


class KeyLine(NamedTuple):
    """One key of one log, as ``tilth key list`` shows it."""

    log: str
    key: str
    span: KeySpan
    held: bool


def keys(workspace: Workspace) -> list[KeyLine]:
    """Every key of every log by log and age, and whether its private half is here."""
    return [
        KeyLine(log, key_id(span.public_key), span, workspace.keys.holds(span.public_key))
        for log, spans in sorted(workspace.keyring.spans.items())
        for span in spans
    ]


def export(workspace: Workspace, log: str | None = None) -> str:
    """Verifier key of a log in the form of C2SP signed-note, for partners and witnesses.

    Raises
    ------
    Refused
        ``no_log``.
    """
    name = workspace.log if log is None else log
    span = workspace.keyring.current(name)
    if span is None:
        raise Refused(Problem("no_log", str(workspace.path), {"organisation": name}))
    return str(Verifier(name, bytes.fromhex(span.public_key)))


def rotate(workspace: Workspace, *, actor: str, log: str | None = None) -> str:
    """Replace the key of a log by a new one, announced under the old; returns the new key's id.

    Raises
    ------
    Refused
        ``key_missing`` or ``key_locked`` when the old key cannot sign.
    """
    with workspace.writing():
        name = workspace.log if log is None else log
        old = workspace.keyring.current(name)
        if old is None:
            raise Refused(Problem("no_log", str(workspace.path), {"organisation": name}))
        workspace.keys.get(old.public_key)  # refuses before a new key is written
        new = workspace.keys.add(workspace.surroundings.entropy(_SEED_BYTES))
        fields = {"public_key": new.public_key, "previous": old.public_key}
        workspace.append([workspace.log_act("key", fields, log=name, actor=actor)], log=name)
        return key_id(new.public_key)


def revoke(
    workspace: Workspace, key: str, *, reason: str, actor: str, after_size: int | None = None
) -> int:
    """Say that signatures of a stolen key count for nothing beyond a size of its log.

    A key still in use is replaced first, and its private half here destroyed. The revocation is
    written into the log of the key, or into the authority's own where it speaks about another
    organisation's.

    Parameters
    ----------
    key
        Id of the key.
    after_size
        Size of the log up to which the key was surely in good hands; without it the last size that
        it may seal. A smaller one leaves the keys that follow to be confirmed by the authority.

    Returns
    -------
    int
        The size written.

    Raises
    ------
    Refused
        ``unknown_key``.
    """
    with workspace.writing():
        found = [line for line in keys(workspace) if line.key == key]
        if not found:
            raise Refused(Problem("unknown_key", str(workspace.path), {"key": key}))
        log, public_key = found[-1].log, found[-1].span.public_key
        current = workspace.keyring.current(log)
        own = current is not None and workspace.keys.holds(current.public_key)
        if own and found[-1].span.last_size is None:
            rotate(workspace, actor=actor, log=log)
        size = after_size
        if size is None:
            last = next(one for one in workspace.keyring.spans[log] if one.public_key == public_key)
            size = last.last_size if last.last_size is not None else _size_of(workspace, log)
        fields: dict[str, str | int] = {
            "public_key": public_key,
            "after_size": size,
            "reason": reason,
        }
        target = log
        if not own:
            target = _authority_log(workspace)
            fields["log"] = log
        act = workspace.log_act("key_revoke", fields, log=target, actor=actor)
        workspace.append([act], log=target)
        workspace.keys.drop(public_key)
        return size


def new_epoch(
    workspace: Workspace, organisation: str, *, reason: str, actor: str, keep_key: bool = False
) -> str:
    """Go on in a new log whose first statement names the old one's head; returns its origin.

    Parameters
    ----------
    reason
        ``lost_key``, ``restored``, or words of the person who acts.
    keep_key
        The new log begins under the old log's key, which proves that it is the same hand. Without
        it a new key is made, which counts as unconfirmed until the authority countersigns.
    """
    with workspace.writing():
        old = workspace.log_of(organisation)
        operation, _, epoch = split_origin(old)
        head = next(one for one in workspace.store.heads() if one.log == old)
        span = workspace.keyring.current(old)
        if keep_key and span is not None:
            public_key = workspace.keys.get(span.public_key).public_key
        else:
            public_key = workspace.keys.add(workspace.surroundings.entropy(_SEED_BYTES)).public_key
        log = log_origin(operation, organisation, epoch + 1)
        while workspace.keys.seen(log):  # by a copy that is lost: no two logs share a name
            epoch += 1
            log = log_origin(operation, organisation, epoch + 1)
        fields = {
            "public_key": public_key,
            "reason": reason,
            "old_log": old,
            "old_size": head.size,
            "old_root": head.root,
        }
        first = workspace.log_act("epoch", fields, log=log, actor=actor)
        workspace.open_with(log, first, public_key)
        return log


def countersign(workspace: Workspace, statement: str, *, actor: str) -> str:
    """Confirm, as the authority, the key that a statement (by hash) announces; returns the log.

    Raises
    ------
    Refused
        ``unknown_statement``, ``not_the_authority``.
    """
    with workspace.writing():
        if statement not in workspace.store.by_hash([statement]):
            where = str(workspace.path)
            raise Refused(Problem("unknown_statement", where, {"hash": statement}))
        log = _authority_log(workspace)
        act = workspace.log_act("countersign", {}, log=log, actor=actor, decides=(statement,))
        workspace.append([act], log=log)
        return log


def _authority_log(workspace: Workspace) -> str:
    authority = workspace.settings.authority
    log = next((one for one in workspace.logs() if split_origin(one)[1] == authority), None)
    if log is None:
        name = workspace.settings.name_of(authority)
        raise Refused(Problem("not_the_authority", str(workspace.path), {"authority": name}))
    return log


def _size_of(workspace: Workspace, log: str) -> int:
    return next(head.size for head in workspace.store.heads() if head.log == log)
