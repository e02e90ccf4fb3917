"""Build the demonstration operation: every act of the story into the log of who says it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from tilth.core import canonical
from tilth.core.kinds.catalogue import KINDS
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import record_id, statement_hash
from tilth.demonstration.mandate import Rules
from tilth.demonstration.scale import SCALES
from tilth.demonstration.story import Act, Story, tell
from tilth.service.ruling import default_rules
from tilth.service.session import Session
from tilth.store.protocol import Draft
from tilth.store.settings import Party
from tilth.store.signers import Surroundings
from tilth.store.workspace import Workspace

__all__ = ["build_demonstration"]

BATCH = 1_000
_EVENING = timedelta(hours=18)
_PROTECTED = frozenset(kind.name for kind in KINDS.values() if kind.protected)

register(
    {
        "unknown_scale": (
            "There is no demonstration of scale {scale}.",
            "Take one of: {scales}.",
        ),
    }
)


@dataclass(slots=True)
class _Chance:
    """Bytes from a seed; the ids of the story are the first that are drawn."""

    seed: int
    first: list[bytes]
    drawn: int = 0

    def __call__(self, size: int) -> bytes:
        """Next bytes: what is laid ready, then SHA-256 in counter mode."""
        if self.first:
            return self.first.pop(0)
        made = b""
        while len(made) < size:
            text = f"tilth demonstration {self.seed} {self.drawn}"
            made += hashlib.sha256(text.encode()).digest()
            self.drawn += 1
        return made[:size]


@dataclass(slots=True)
class _Clock:
    """The story's clock: the evening of the day on which acts arrive; it only goes forward."""

    now: int = 0

    def __call__(self) -> int:
        """Microseconds since 1970."""
        self.now += 1_000
        return self.now

    def turn_to(self, day: str) -> None:
        """Go on to the evening of a day."""
        evening = datetime.fromisoformat(day).replace(tzinfo=UTC) + _EVENING
        self.now = max(self.now, int(evening.timestamp()) * 1_000_000)


@dataclass(slots=True)
class _Writer:
    session: Session
    story: Story
    clock: _Clock
    hashes: list[str] = field(default_factory=list)

    def write(self, day: str, acts: list[Act]) -> None:
        """Append a day's acts, log by log; each statement is drafted once, in the story's order."""
        self.clock.turn_to(day)
        logs: dict[str, list[Draft]] = {}
        workspace = self.session.workspace
        with workspace.writing():  # a payload waits in the vault for its statement
            commitments = self._commitments(acts)
            for act in acts:
                log = workspace.log_of(act.author)
                draft = self._draft(act, log, commitments.get(act.number, ""))
                self.hashes.append(statement_hash(draft.header))
                logs.setdefault(log, []).append(draft)
            for log, drafts in logs.items():
                batches = (drafts[at : at + BATCH] for at in range(0, len(drafts), BATCH))
                for _ in workspace.append_many(batches, log=log):
                    pass

    def _commitments(self, acts: list[Act]) -> dict[int, str]:
        """Commitments to what is said of people, which goes into the vault, by the act's number."""
        people = [act for act in acts if act.kind in _PROTECTED]
        if not people:
            return {}
        payloads = [(_record(act), canonical.encode(act.fields)) for act in people]
        put = self.session.workspace.vault.put_payloads(payloads)
        return {act.number: commitment for act, commitment in zip(people, put, strict=True)}

    def _draft(self, act: Act, log: str, commitment: str) -> Draft:
        targets = [self.hashes[number] for number in act.targets]
        links = act.act in ("correct", "withdraw")
        fields = {"commitment": commitment} if commitment else act.fields
        if act.act == "record" and targets:
            fields = {**fields, "statements": targets}
        return self.session.draft(
            act.act,
            act.kind,
            fields,
            log=log,
            record=_record(act),
            replaces=targets if links else (),
            decides=() if links or act.act == "record" else targets,
            happened_on="" if commitment else act.happened_on,
            said_at=act.said_at,
            actor=act.actor,
        )


def _rules() -> Rules:
    """Rule set that ships, which the authority of the story makes its own."""
    rules = default_rules()
    return Rules(rules.name, rules.version, rules.text)


def _record(act: Act) -> str:
    return record_id(act.author, act.kind, act.local_id) if act.local_id else ""


def build_demonstration(
    path: Path,
    *,
    scale: str = "small",
    seed: int = 1,
    store: str = "sqlite",
    progress: Callable[[int], None] | None = None,
) -> int:
    """Make a synthetic workspace that tells the yardstick story; returns its number of acts.

    The workspace is the authority's and holds the logs, with their keys, of all organisations. The
    same seed gives the same ids, keys, statements and roots, in either store.

    Raises
    ------
    Refused
        ``unknown_scale``, ``folder_not_empty`` and what `Workspace.create` refuses.
    """
    if scale not in SCALES:
        raise Refused(
            Problem("unknown_scale", scale, {"scale": scale, "scales": ", ".join(SCALES)})
        )
    story = tell(scale, seed, rules=_rules())
    clock = _Clock()
    clock.turn_to(story.period_from)
    chance = _Chance(seed, [bytes.fromhex(story.authority), bytes.fromhex(story.operation)])
    names = {party.id: party.name for party in story.parties}
    with Workspace.create(
        path,
        operation_name=story.name,
        organisation_name=names[story.authority],
        synthetic=True,
        store=store,
        actor="demo",
        surroundings=Surroundings(clock, chance),
    ) as workspace:
        for party in story.parties:
            workspace.open_log(Party(party.id, party.name), actor="demo")
        writer = _Writer(Session(workspace, KINDS, "demo"), story, clock)
        done = 0
        for day, acts in _days(story):
            writer.write(day, acts)
            done += len(acts)
            if progress is not None:
                progress(done)
    return done


def _days(story: Story) -> Iterator[tuple[str, list[Act]]]:
    for day, acts in groupby(story.acts(), key=lambda act: act.received_on):
        yield day, list(acts)
