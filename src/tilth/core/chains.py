"""Levels, corrections and contested statements: which statement of a record is in force (rules §2).

A level belongs to a statement, never to a record. Nothing here depends on the order of arrival:
statements are linked by ``replaces``, decisions by ``decides``.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "APPROVED",
    "LEVELS",
    "PRUDENT",
    "REPORTED",
    "VERIFIED",
    "Chain",
    "Said",
    "Standing",
    "chains_of",
    "standing_of",
]

REPORTED, VERIFIED, APPROVED, PRUDENT = 1, 2, 3, 4
LEVELS = {"reported": REPORTED, "verified": VERIFIED, "approved": APPROVED, "prudent": PRUDENT}


@dataclass(frozen=True, slots=True)
class Said:
    """A statement as the rules see it.

    Parameters
    ----------
    hash
        Name of the statement.
    organisation
        Id of the log it stands in.
    replaces, decides
        Hashes it replaces or decides, complete.
    happened_on
        Day, month or year in the field.
    fields
        Content; None when the content is withheld or erased.
    """

    hash: str
    organisation: str
    actor: str
    act: str
    kind: str
    record: str
    replaces: tuple[str, ...] = ()
    decides: tuple[str, ...] = ()
    happened_on: str = ""
    said_at: str = ""
    fields: Mapping[str, Any] | None = None
    source: str = ""


@dataclass(slots=True)
class Standing:
    """Levels that decisions give, by statement hash; a statement not named is *reported*.

    ``returned`` holds statements whose vouches and approvals are void while a return stands.
    ``decided_by`` names, per statement, the standing decisions, for the record's life.
    """

    levels: dict[str, int] = field(default_factory=dict)
    returned: set[str] = field(default_factory=set)
    decided_by: dict[str, list[Said]] = field(default_factory=dict)

    def level(self, statement: str) -> int:
        """Level of a statement: `REPORTED`, `VERIFIED` or `APPROVED`."""
        return self.levels.get(statement, REPORTED)


def _undone(decisions: Mapping[str, Said]) -> set[str]:
    """Hashes of decisions withdrawn by who took them; a withdrawal can itself be withdrawn."""
    undoing: dict[str, list[Said]] = {}
    for said in decisions.values():
        if said.act == "undo":
            for target in said.decides:
                undoing.setdefault(target, []).append(said)

    def standing(statement: Said) -> bool:
        return not any(
            undo.organisation == statement.organisation and standing(undo)
            for undo in undoing.get(statement.hash, ())
        )

    return {h for h in undoing if h in decisions and not standing(decisions[h])}


def standing_of(
    decisions: Iterable[Said],
    authors: Mapping[str, str],
    authority: str,
    targets: Container[str] | None = None,
) -> tuple[Standing, list[Said]]:
    """Levels given by decisions, and the revocations that stand.

    Parameters
    ----------
    decisions
        Every decision held.
    authors
        Organisation id of each statement that may be decided on.
    authority
        Organisation id of the operation's authority; only it approves and revokes.
    targets
        Statements asked about; None for all that are named.

    Returns
    -------
    tuple
        The standing, and the standing ``revoke`` and ``recall`` statements ordered by hash. A
        recall stands until the authority lifts it: to withdraw one would take doubt away, which
        is the authority's (rules: nothing an organisation says shrinks the prudent map).
    """
    by_hash = {said.hash: said for said in decisions}
    undone = _undone(by_hash)
    lifted = {
        target
        for said in by_hash.values()
        if said.act == "lift" and said.organisation == authority and said.hash not in undone
        for target in said.decides
    }
    result = Standing()
    revocations = []
    given: dict[str, int] = {}
    for said in sorted(by_hash.values(), key=lambda s: s.hash):
        if said.act == "recall" and said.hash not in lifted:
            revocations.append(said)
        if said.hash in undone:
            continue
        if said.act == "revoke" and said.organisation == authority:
            revocations.append(said)
        for target in said.decides:
            if targets is not None and target not in targets:
                continue
            own = authors.get(target) == said.organisation
            result.decided_by.setdefault(target, []).append(said)
            if said.act == "vouch" and own:
                given[target] = max(given.get(target, REPORTED), VERIFIED)
            elif said.act == "approve" and said.organisation == authority:
                given[target] = APPROVED
            elif said.act == "return" and (own or said.organisation == authority):
                result.returned.add(target)
    result.levels = {h: level for h, level in given.items() if h not in result.returned}
    return result, revocations


@dataclass(slots=True)
class Chain:
    """Statements linked by ``replaces``, from one first statement or from rivals for it."""

    nodes: dict[str, Said]
    roots: list[str]
    children: dict[str, list[str]]

    @property
    def first(self) -> Said:
        """The first statement; of rivals the one with the smaller hash."""
        return self.nodes[self.roots[0]]

    def after(self, statement: str) -> list[str]:
        """Hashes of every statement that follows, on every branch, in order of hash."""
        found: set[str] = set()
        todo = list(self.children.get(statement, ()))
        while todo:
            one = todo.pop()
            if one not in found:
                found.add(one)
                todo.extend(self.children.get(one, ()))
        return sorted(found)

    def _chosen(self, rivals: list[str], standing: Standing) -> str | None:
        """Return the one rival that the authority approved, or None while contested."""
        approved = [
            rival
            for rival in rivals
            if any(standing.level(h) == APPROVED for h in (rival, *self.after(rival)))
        ]
        return approved[0] if len(approved) == 1 else None

    def path(self, standing: Standing) -> tuple[list[str], bool]:
        """Statements in force order, and whether the chain is contested.

        The path follows the only successor, or the one the authority chose; before contested
        successors it stops, so that their common predecessor stays in force.
        """
        contested = False
        rivals = self.roots
        path: list[str] = []
        while rivals:
            if len(rivals) == 1:
                step: str | None = rivals[0]
            else:
                step = self._chosen(rivals, standing)
                contested = contested or step is None
                if step is None and not path:
                    step = rivals[0]  # without a predecessor the smaller hash stays in force
            if step is None or step in path:
                break
            path.append(step)
            rivals = self.children.get(step, [])
        return path, contested

    def value(self, level: int, standing: Standing) -> Said | None:
        """Newest statement on the path that has the level or higher; None when there is none.

        A withdrawal is returned as such: it ends the record.
        """
        path, _ = self.path(standing)
        for statement in reversed(path):
            if standing.level(statement) >= level:
                return self.nodes[statement]
        return None

    def undecided(self, standing: Standing) -> tuple[Said | None, list[Said]]:
        """Newest approved statement, and every statement after it on every branch.

        Without an approved statement: None and all of them. This is what *prudent* reads.
        """
        approved = self.value(APPROVED, standing)
        if approved is None:
            return None, [self.nodes[h] for h in sorted(self.nodes)]
        return approved, [self.nodes[h] for h in self.after(approved.hash)]


def chains_of(statements: Iterable[Said]) -> tuple[Chain | None, list[Chain]]:
    """Sort a record's statements into the chain of its first statement and those of its revisions.

    Statements of another organisation than the record's author are not links: others dispute.
    A correction whose predecessor is not held starts its chain at itself.

    Returns
    -------
    tuple
        The first chain (None when only revisions are held), and one chain for each revision, in
        order of hash.
    """
    nodes = {
        said.hash: said for said in statements if said.record.startswith(f"{said.organisation}/")
    }
    parents = {h: [p for p in said.replaces if p in nodes] for h, said in nodes.items()}
    children: dict[str, list[str]] = {}
    for statement in sorted(nodes):
        for parent in parents[statement]:
            children.setdefault(parent, []).append(statement)
    roots = [h for h in sorted(nodes) if not parents[h]]
    first = [h for h in roots if nodes[h].act != "revise"]
    chains = [_chain(nodes, [root], children) for root in roots if nodes[root].act == "revise"]
    return (_chain(nodes, first, children) if first else None), chains


def _chain(nodes: dict[str, Said], roots: list[str], children: dict[str, list[str]]) -> Chain:
    held: dict[str, Said] = {}
    todo = list(roots)
    while todo:
        one = todo.pop()
        if one not in held:
            held[one] = nodes[one]
            todo.extend(children.get(one, ()))
    return Chain(held, roots, {h: children[h] for h in held if h in children})
