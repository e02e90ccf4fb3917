"""Whether log and vault of a workspace are sound, each and together."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from tilth.core import statement
from tilth.core.problems import Problem, register
from tilth.store.ledger import Ledger
from tilth.store.vault import Vault
from tilth.store.verify import Trust, Verdict, verify

__all__ = ["Soundness", "commitments", "examine"]

_LOG_KIND = "log"

register(
    {
        "payload_missing": (
            "The protected content of a statement is gone, and no erasure says why.",
            "Put people.vault back from a backup.",
        ),
    }
)


class Soundness(NamedTuple):
    """What the log's own check counted, and the first thing wrong with log or vault."""

    verdict: Verdict
    problem: Problem | None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem is None


class _Commitment(NamedTuple):
    record: str
    organisation: str
    hash: str
    commitment: str


def commitments(store: Ledger, kinds: Collection[str]) -> tuple[list[_Commitment], set[str]]:
    """Commitments that statements of protected kinds hold, and the records that were erased."""
    held: list[_Commitment] = []
    erased: set[str] = set()
    for header, entry_hash, content in _protected(store, kinds):
        if header.act == "erase":
            erased.add(header.record)
        elif header.kind != _LOG_KIND and content is not None:
            named = statement.content_fields(content).get("commitment")
            if isinstance(named, str):
                one = _Commitment(header.record, header.organisation, entry_hash, named)
                held.append(one)
    return held, erased


def examine(
    store: Ledger,
    vault: Vault,
    trust: Trust,
    *,
    kinds: Collection[str],
    organisations: Collection[str],
    deep: bool = False,
) -> Soundness:
    """Check the log from its bytes, then the vault, then that neither holds what the other lacks.

    Parameters
    ----------
    kinds
        Protected kinds.
    organisations
        Those whose payloads belong into this vault; others' commitments come without.
    """
    verdict = verify(store, trust, deep=deep)
    if verdict.first_failure is not None:
        return Soundness(verdict, verdict.first_failure.problem())
    fault = vault.check()
    if fault is not None:
        return Soundness(verdict, Problem("vault_damaged", "people.vault", {"name": fault}))
    here = set(vault.held())
    named, erased = commitments(store, kinds)
    for one in named:
        lost = one.commitment not in here and one.record not in erased
        if lost and one.organisation in organisations:
            return Soundness(verdict, Problem("payload_missing", f"statement {one.hash}"))
    return Soundness(verdict, None)


def _protected(
    store: Ledger, kinds: Collection[str]
) -> Iterator[tuple[statement.Header, str, bytes | None]]:
    for entry in store.entries_of_kinds([_LOG_KIND, *kinds]):
        yield statement.parse_header(entry.header), entry.hash, entry.content
