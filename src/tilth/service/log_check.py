"""What anybody needs to check the logs without trusting this program: heads, keys, proofs.

Checkpoints are C2SP signed notes and proofs those of RFC 9162 §2.1.3 and §2.1.4, so that a browser,
a partner or a public witness can do the sums. A leaf is a hash; it tells nothing of what was said.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tilth.core import merkle, statement
from tilth.core.checkpoint import Verifier, parse_checkpoint, parse_note
from tilth.core.keyring import split_origin
from tilth.core.problems import Problem, Refused, register
from tilth.service.lens import Lens
from tilth.service.session import Session, said_of
from tilth.store.protocol import Entry

__all__ = ["LogLine", "Older", "Proven", "compare", "leaves", "log_lines", "prove"]

MOST_LEAVES = 65_536
"""Leaf hashes given out at once: 2 MiB."""
MOST_LOOKED_AT = 200
"""Decided statements of which one must be seen by who looks at the decision."""

register(
    {
        "no_checkpoint": (
            "This is no checkpoint: {why}.",
            "Paste the whole text: three lines, an empty line, and the lines that begin with —.",
        ),
        "log_not_here": (
            "This server holds no log called {log}.",
            "Ask the organisation whose log it is; its members hand over their own checkpoints.",
        ),
        "checkpoint_ahead": (
            "The checkpoint holds {old} statements of {log}, this server only {here}.",
            "Bring the newer statements in. If this server ever held that many, it lost some: keep "
            "the checkpoint, it is evidence.",
        ),
        "history_rewritten": (
            "The first {old} statements of {log} are not those that the checkpoint was made of.",
            "Keep the checkpoint and tell every organisation: one of the two histories is false.",
        ),
        "checkpoint_unsigned": (
            "No key of {log} known here has signed this checkpoint.",
            "Compare the key with the one that the organisation hands over (tilth key export).",
        ),
        "no_statement": (
            "There is no statement {hash} here that you can see.",
            "Copy the hash whole, from a record's life.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """A log: whose it is, how long, its head as signed, and whether this server can write in it.

    Parameters
    ----------
    root
        32 bytes, hexadecimal.
    note
        Newest checkpoint, a signed note.
    verifier
        Key that signed it, as C2SP signed-note writes verifier keys.
    written_here
        The private key is on this server: it could write in the organisation's name.
    """

    log: str
    organisation: str
    epoch: int
    size: int
    root: str
    note: str
    verifier: str
    written_here: bool


@dataclass(frozen=True, slots=True)
class Older:
    """An older checkpoint held against the present log.

    Parameters
    ----------
    proof
        Hashes (hexadecimal) that show the present log to begin with the older one.
    signed_by
        Verifier key of the older checkpoint's signature.
    """

    log: str
    old_size: int
    old_root: str
    size: int
    root: str
    proof: tuple[str, ...]
    signed_by: str


@dataclass(frozen=True, slots=True)
class Proven:
    """A statement, its place, and the proof that the log holds it there.

    Parameters
    ----------
    header
        Bytes of the header in base64: the leaf is SHA-256 of 0x00 and these.
    content
        Fields that the reader may see; None where they are withheld.
    """

    hash: str
    log: str
    index: int
    size: int
    root: str
    proof: tuple[str, ...]
    header: str
    values: dict[str, Any]
    content: dict[str, Any] | None
    note: str


def log_lines(session: Session) -> list[LogLine]:
    """Every log held here, by organisation and epoch."""
    workspace = session.workspace
    here = set(workspace.logs())
    found = []
    for head in workspace.store.heads():
        organisation = split_origin(head.log)[1]
        span = workspace.keyring.span_at(head.log, head.size)
        verifier = str(Verifier(head.log, bytes.fromhex(span.public_key))) if span else ""
        found.append(
            LogLine(
                head.log,
                session.organisation_name(organisation),
                split_origin(head.log)[2],
                head.size,
                head.root,
                workspace.store.checkpoint(head.log) or "",
                verifier,
                head.log in here,
            )
        )
    return sorted(found, key=lambda one: (one.organisation, one.epoch))


def compare(session: Session, note: str) -> Older:
    """Hold a checkpoint that somebody kept against the log as it is now.

    Raises
    ------
    Refused
        ``no_checkpoint``, ``log_not_here``, ``checkpoint_ahead``, ``checkpoint_unsigned``,
        ``history_rewritten``.
    """
    try:
        read = parse_note(note.strip().replace("\r\n", "\n") + "\n")
        old = parse_checkpoint(read.text)
    except ValueError as error:
        raise Refused(Problem("no_checkpoint", "", {"why": str(error)})) from None
    workspace = session.workspace
    head = next((one for one in workspace.store.heads() if one.log == old.origin), None)
    if head is None:
        raise Refused(Problem("log_not_here", old.origin, {"log": old.origin}))
    if old.size > head.size:
        params: dict[str, str | int | float] = {
            "old": old.size,
            "log": old.origin,
            "here": head.size,
        }
        raise Refused(Problem("checkpoint_ahead", old.origin, params))
    span = workspace.keyring.span_at(old.origin, old.size)
    verifier = Verifier(old.origin, bytes.fromhex(span.public_key)) if span else None
    try:
        signed = verifier is not None and verifier.accepts(read)
    except ValueError:
        signed = False
    if not signed:
        raise Refused(Problem("checkpoint_unsigned", old.origin, {"log": old.origin}))
    known = workspace.store.leaves(old.origin, stop=head.size)
    proof = merkle.consistency_proof(known, old.size)
    root = bytes.fromhex(head.root)
    if not merkle.verify_consistency(old.size, old.root, head.size, root, proof):
        raise Refused(
            Problem("history_rewritten", old.origin, {"old": old.size, "log": old.origin})
        )
    return Older(
        old.origin,
        old.size,
        old.root.hex(),
        head.size,
        head.root,
        tuple(one.hex() for one in proof),
        str(verifier),
    )


def prove(session: Session, named: str) -> Proven:
    """A statement with the proof of its place in its log.

    Raises
    ------
    Refused
        ``no_statement``: it is not held here, or not for this reader.
    """
    entry = session.workspace.store.by_hash([named]).get(named) if named.isalnum() else None
    if entry is None:
        raise Refused(Problem("no_statement", named, {"hash": named}))
    header = statement.read_header(entry.header)
    lens = Lens(session)
    author, kind = header.organisation, header.kind
    if not _seen(session, lens, entry):
        raise Refused(Problem("no_statement", named, {"hash": named}))
    head = next(one for one in session.workspace.store.heads() if one.log == entry.log)
    known = session.workspace.store.leaves(entry.log, stop=head.size)
    proof = merkle.inclusion_proof(known, entry.index)
    content = None
    if entry.content is not None:
        content = session.fields_of(entry)
        if kind in session.kinds:
            content = lens.fields(kind, content, author, record=header.record)
        else:
            content = _decided(lens, content)
    return Proven(
        named,
        entry.log,
        entry.index,
        head.size,
        head.root,
        tuple(one.hex() for one in proof),
        base64.b64encode(entry.header).decode("ascii"),
        {
            "record": header.record,
            "kind": kind,
            "act": header.act,
            "organisation": session.organisation_name(author),
            "actor": header.actor,
            "happened_on": header.happened_on,
            "said_at": header.said_at,
            "replaces": list(header.replaces),
            "content_sha256": header.content,
        },
        content,
        session.workspace.store.checkpoint(entry.log) or "",
    )


def _decided(lens: Lens, content: Mapping[str, Any]) -> dict[str, Any]:
    """What a decision says, without the records that it overrode rules on and nobody shows."""
    found = dict(content)
    lines = found.get("overrides")
    if isinstance(lines, list):
        found["overrides"] = [
            {name: value for name, value in one.items() if name != "record" or lens.sees(value)}
            for one in lines
            if isinstance(one, dict)
        ]
    return found


def _seen(session: Session, lens: Lens, entry: Entry) -> bool:
    """Whether the reader sees what a statement is about; acts on keys are everybody's."""
    said = said_of(entry)
    if said.record:
        return lens.sees(said.record)
    if not said.decides:
        return said.kind == "log"
    decided = session.workspace.store.by_hash(said.decides[:MOST_LOOKED_AT])
    return any(lens.sees(statement.read_header(one.header).record) for one in decided.values())


def leaves(session: Session, log: str, start: int) -> bytes:
    """Leaf hashes of a log from a place on, 32 bytes each, at most 65,536 of them.

    Raises
    ------
    Refused
        ``log_not_here``.
    """
    heads = {one.log: one.size for one in session.workspace.store.heads()}
    if log not in heads:
        raise Refused(Problem("log_not_here", log, {"log": log}))
    stop = min(heads[log], max(start, 0) + MOST_LEAVES)
    return b"".join(session.workspace.store.leaves(log, stop=stop)[max(start, 0) :])
