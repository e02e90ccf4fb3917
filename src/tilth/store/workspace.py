"""A workspace: one folder with the log, the blobs, the vault of personal data and the keys.

Whoever can read the folder can read everything in it; its mode is 0700. ::

    DIR/tilth.toml     what it is (ids, names, time zone, languages, settings; no secrets)
    DIR/tilth.db       logs, receipts, read tables
    DIR/blobs/         files by SHA-256
    DIR/people.vault   personal data, each entry under its own key
    DIR/keys/          private keys, mode 0600
    DIR/fields.toml    national extra fields, if there are any
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Self

from tilth.core import canonical, statement
from tilth.core.keyring import Keyring, LogAct, log_origin, replay, split_origin
from tilth.core.kinds.catalogue import KINDS
from tilth.core.kinds.model import Kind
from tilth.core.problems import Problem, Refused, register
from tilth.store import settings as toml
from tilth.store.files import refuse_occupied, storing, sweep_drafts, whole_folder
from tilth.store.keys import KeyFolder, Keys
from tilth.store.lock import WriterLock, refuse_network_folder
from tilth.store.opening import open_store
from tilth.store.protocol import Draft, Entry, Receipt
from tilth.store.settings import Party, Settings
from tilth.store.signers import OUTSIDE, Signers, Surroundings
from tilth.store.soundness import Soundness, commitments, examine
from tilth.store.upgrade import upgrade
from tilth.store.vault import Erased, Vault, refuse_bare
from tilth.store.verify import Trust

__all__ = ["Workspace"]

_ID_BYTES = 16
_SEED_BYTES = 32
_LOG_KIND = "log"
_PER_BATCH, _PER_COMMIT = 1_000, 20

Parts = Iterable[tuple[str, Sequence[Draft]]]
"""Drafts with the log that they belong into."""

register(
    {
        "not_protected": (
            "Only records of people can be erased; others stay in the log for ever.",
            "Withdraw the record instead.",
        ),
        "no_log": (
            "This workspace keeps no log of the organisation {organisation}.",
            "Act for an organisation whose log is kept here.",
        ),
    }
)


class Workspace:
    """An open workspace.

    Made by `create` or `open`, never by hand. One object serves one thread; several programs and
    objects may have the same folder open.

    Attributes
    ----------
    path
        The folder.
    store
        Logs, blobs and read tables; append through `append`, which guards it.
    vault
        Personal data.
    keys
        The private keys.
    lock
        The writer lock; `writing` takes it.
    """

    def __init__(
        self,
        path: Path,
        settings: Settings,
        *,
        kinds: Mapping[str, Kind],
        keys: Keys,
        surroundings: Surroundings = OUTSIDE,
        create: bool = False,
    ) -> None:
        self.path = path
        self.surroundings = surroundings
        self.keys = keys
        self._settings = settings
        self.lock = WriterLock(path / "lock")
        self._signers = Signers(self.keys, settings.receipt_keys[-1])
        self._acts: list[LogAct] = []
        self._protected = tuple(sorted(kind.name for kind in kinds.values() if kind.protected))
        self._followed = 0
        self.store = open_store(path, settings, kinds, self._signers, create=create)
        self._signers.committed = self.store.checkpoint
        try:
            self.vault = Vault(path / "people.vault", self.lock, entropy=surroundings.entropy)
            self._follow()
        except BaseException:
            self.store.close()
            raise

    @classmethod
    def create(  # noqa: PLR0913 - each is a question that a new workspace must answer
        cls,
        path: Path,
        *,
        operation_name: str,
        organisation_name: str,
        authority_name: str | None = None,
        synthetic: bool = False,
        time_zone: str = "UTC",
        languages: Sequence[str] = ("en",),
        store: str = "sqlite",
        actor: str = "init",
        kinds: Mapping[str, Kind] = KINDS,
        passphrase: str | None = None,
        surroundings: Surroundings = OUTSIDE,
    ) -> Self:
        """Make a workspace with a key and a log of its own organisation.

        The folder appears whole or not at all. Ids are random; without ``authority_name`` the
        organisation is the authority too.

        Raises
        ------
        Refused
            ``folder_not_empty``, ``network_folder`` or ``unknown_time_zone``.
        ValueError
            When chance comes from a seed and the workspace is not synthetic.
        """
        if surroundings.seeded and not synthetic:
            msg = "only a synthetic workspace may take its keys from a seed"
            raise ValueError(msg)
        toml.check_time_zone(time_zone, str(path))
        refuse_occupied(path)
        refuse_network_folder(path)
        random = surroundings.entropy
        own = Party(random(_ID_BYTES).hex(), organisation_name)
        operation = random(_ID_BYTES).hex()
        authority = own
        if authority_name is not None:
            authority = Party(random(_ID_BYTES).hex(), authority_name)
        settings = Settings(
            operation=operation,
            operation_name=operation_name,
            organisation=own.id,
            authority=authority.id,
            organisations=(own,) if authority is own else (own, authority),
            synthetic=synthetic,
            time_zone=time_zone,
            languages=tuple(languages),
            store=store,
        )
        with whole_folder(path) as draft:
            draft.mkdir(mode=0o700)
            keys = KeyFolder(draft / "keys", passphrase)
            receipts = keys.add(random(_SEED_BYTES))
            settings = replace(settings, receipt_keys=(receipts.public_key,))
            toml.save(draft, settings)
            with cls(
                draft, settings, kinds=kinds, keys=keys, surroundings=surroundings, create=True
            ) as workspace:
                workspace.open_log(own, actor=actor)
        return cls.open(path, kinds=kinds, passphrase=passphrase, surroundings=surroundings)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        kinds: Mapping[str, Kind] = KINDS,
        passphrase: str | None = None,
        keys: Keys | None = None,
        surroundings: Surroundings = OUTSIDE,
    ) -> Self:
        """Open the workspace in a folder, bringing an older format up to date after a backup.

        Parameters
        ----------
        kinds
            What can be recorded; with national extra fields where the operation has any.
        passphrase
            Needed only to sign, where the keys are protected.
        keys
            Who signs, see `tilth.store.signing`; by default the folder ``keys/`` itself.

        Raises
        ------
        Refused
            ``no_workspace``, ``workspace_damaged``, ``workspace_newer``, ``network_folder``.
        """
        table = toml.read_table(path)
        refuse_network_folder(path)
        if toml.format_of(path, table) < toml.FORMAT:
            at = surroundings.utc()
            upgrade(path, at=at, check=lambda copy: _require_sound(cls.open(copy, kinds=kinds)))
        settings = toml.load(path)
        held = KeyFolder(path / "keys", passphrase) if keys is None else keys
        with storing(path):
            return cls(path, settings, kinds=kinds, keys=held, surroundings=surroundings)

    @property
    def settings(self) -> Settings:
        """What ``tilth.toml`` says."""
        return self._settings

    @property
    def keyring(self) -> Keyring:
        """The keys of every log, as the logs held here say."""
        return self._signers.keyring

    @property
    def log(self) -> str:
        """The log that the workspace's own organisation writes to."""
        return self.log_of(self._settings.organisation)

    def log_of(self, organisation: str) -> str:
        """Return the newest log of an organisation.

        Raises
        ------
        Refused
            ``no_log`` when none is kept here.
        """
        logs = self.keyring.logs_of(organisation)
        if not logs:
            raise Refused(Problem("no_log", str(self.path), {"organisation": organisation}))
        return logs[-1]

    def logs(self) -> tuple[str, ...]:
        """Newest log of each organisation whose private key is here: those it can write to."""
        newest = {split_origin(log)[1]: log for log in sorted(self.keyring.spans, key=_by_epoch)}
        return tuple(
            log
            for log in newest.values()
            if (span := self.keyring.current(log)) and self.keys.holds(span.public_key)
        )

    def now(self) -> str:
        """Time of the author's clock as a statement's ``said_at``: UTC to the second."""
        return self.surroundings.utc()

    def nonce(self) -> str:
        """Return random 128 bits (hex) for one content."""
        return self.surroundings.entropy(_ID_BYTES).hex()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer lock: read, decide and append inside it. May be nested.

        Raises
        ------
        Refused
            ``workspace_busy`` after 30 s; ``storage_failed`` when the disk fails inside it.
        """
        with storing(self.path), self.lock.writing():
            self._follow()
            yield

    def append(
        self, drafts: Sequence[Draft], *, log: str | None = None, received_at: int | None = None
    ) -> Receipt:
        """Append and seal up to 1,000 drafts in one log, by default the own organisation's.

        Raises
        ------
        Refused
            ``workspace_busy``, ``no_log``, ``key_missing``, ``key_locked``, and what the store
            refuses: other logs, mixed synthetic and real statements, bytes that do not fit.
        """
        with self.writing():
            target = self.log if log is None else log
            refuse_bare(drafts, self._protected)
            moment = self.surroundings.clock() if received_at is None else received_at
            receipt = self.store.append(target, drafts, received_at=moment)
            self._signers.settled([target])
            self._follow()
        return receipt

    def append_together(self, parts: Parts) -> list[Receipt]:
        """Append any number of drafts to several logs in one transaction; refused as by `append`.

        What belongs to one act goes in by one call: all of it stands, or nothing.
        """
        with self.writing():
            whole = [
                (log, drafts[start : start + _PER_BATCH])
                for log, drafts in parts
                for start in range(0, len(drafts), _PER_BATCH)
            ]
            for _, drafts in whole:
                refuse_bare(drafts, self._protected)
            moment = self.surroundings.clock()
            receipts = self.store.append_together(whole, received_at=moment) if whole else []
            self._signers.settled(log for log, _ in whole)
            self._follow()
        return receipts

    def append_many(
        self, batches: Iterable[Sequence[Draft]], *, log: str | None = None
    ) -> Iterator[Receipt]:
        """Append batches for a bulk import, each sealed on its own; others may write in between.

        A receipt is yielded once its batch is on the disk; what was yielded stays if a later batch
        is refused, as by `append`.
        """
        remaining = iter(batches)
        while some := list(islice(remaining, _PER_COMMIT)):
            for drafts in some:
                refuse_bare(drafts, self._protected)
            with self.writing():
                target = self.log if log is None else log
                receipts = list(
                    self.store.append_many(
                        target, some, clock=self.surroundings.clock, per_commit=_PER_COMMIT
                    )
                )
                self._signers.settled([target])
            yield from receipts

    def log_act(
        self,
        act: str,
        fields: Mapping[str, Any],
        *,
        log: str,
        actor: str,
        record: str = "",
        decides: tuple[str, ...] = (),
    ) -> Draft:
        """Draft of an act about a log itself: key, key_revoke, epoch, countersign, erase."""
        operation, organisation, epoch = split_origin(log)
        content = statement.content_bytes(fields, self.nonce())
        header = statement.Header(
            format=statement.FORMAT,
            operation=operation,
            organisation=organisation,
            epoch=epoch,
            act=act,
            kind=_LOG_KIND,
            record=record,
            decides=decides,
            said_at=self.now(),
            actor=actor,
            synthetic=self._settings.synthetic,
            content=canonical.sha256(content),
        )
        return Draft(statement.header_bytes(header), content)

    def open_log(self, party: Party, *, actor: str, beside: Parts = ()) -> str:
        """Begin the first log of an organisation here: a key, and the statement that names it.

        What stands ``beside`` it, in other logs, is appended in the same transaction.

        Returns
        -------
        str
            The log's origin.
        """
        log = log_origin(self._settings.operation, party.id, 1)
        with self.writing():
            if self.keyring.current(log) is not None:
                self.append_together(beside)
                return log
            key = self.keys.add(self.surroundings.entropy(_SEED_BYTES))
            self.change_settings(
                lambda known: known.with_party(party).with_anchor(log, key.public_key)
            )
            first = self.log_act("key", {"public_key": key.public_key}, log=log, actor=actor)
            self.open_with(log, first, key.public_key, beside)
        return log

    def open_with(self, log: str, first: Draft, key: str, beside: Parts = ()) -> Receipt:
        """Append a log's first statement, sealed by the public key that it announces."""
        self._signers.opening[log] = key
        try:
            return self.append_together([(log, [first]), *beside])[0]
        finally:
            del self._signers.opening[log]

    def erase(self, records: Sequence[str], *, reason: str, actor: str) -> Erased:
        """Erase protected records: say so in the log, then destroy their payloads and files.

        The statement comes first: should the program die between the two, `sweep` completes it. It
        stands in the log of the organisation whose record it is, where that log is kept here.

        Raises
        ------
        Refused
            ``not_protected``; ``erasure_waits`` when all is done but the last overwriting.
        """
        for record in records:
            if statement.split_record_id(record)[1] not in self._protected:
                raise Refused(Problem("not_protected", record))
        kept = {split_origin(log)[1] for log in self.logs()}
        by_log: dict[str, list[Draft]] = {}
        with self.writing():
            for record in records:
                author = statement.split_record_id(record)[0]
                log = self.log_of(author) if author in kept else self.log
                draft = self.log_act(
                    "erase", {"reason": reason}, log=log, actor=actor, record=record
                )
                by_log.setdefault(log, []).append(draft)
            for log, drafts in by_log.items():
                for start in range(0, len(drafts), _PER_BATCH):
                    self.append(drafts[start : start + _PER_BATCH], log=log)
            return self.vault.erase(records)

    def sweep(self) -> int:
        """Remove payloads without a statement and complete erasures; returns how many went.

        Both are what a killed program leaves behind, and half-written files, which go too.
        """
        with self.writing():
            known, erased = commitments(self.store, self._protected)
            for place in (self.path, self.path / "keys"):
                sweep_drafts(place)
            orphans = self.vault.sweep_orphans({one.commitment for one in known})
            return orphans + self.vault.erase(erased).payloads

    def change_settings(self, change: Callable[[Settings], Settings]) -> None:
        """Write settings changed by a function of the present ones, read again under the lock."""
        with self.writing():
            self._settings = change(toml.load(self.path))
            toml.save(self.path, self._settings)

    def verify(self, *, deep: bool = False) -> Soundness:
        """Derive the log again from its bytes and open every entry of the vault.

        Parameters
        ----------
        deep
            Make the read tables again and compare, too.
        """
        known = self._settings
        return examine(
            self.store,
            self.vault,
            Trust(known.authority, known.anchors, known.receipt_keys),
            kinds=self._protected,
            organisations={split_origin(log)[1] for log in known.anchors},
            deep=deep,
        )

    def close(self) -> None:
        """Release the files."""
        self.vault.close()
        self.store.close()
        self.keys.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _follow(self) -> None:
        """Read the acts about keys that arrived since the last look."""
        fresh = False
        last = self.store.last_seq()
        if last == self._followed:
            return
        for entry in self.store.entries_of_kinds(
            [_LOG_KIND], after_seq=self._followed, until_seq=last
        ):
            self._acts.append(_log_act(entry))
            fresh = True
        self._followed = last
        if fresh:
            self._signers.keyring = replay(
                self._acts, authority=self._settings.authority, anchors=self._settings.anchors
            )


def _require_sound(copy: Workspace) -> None:
    with copy:
        problem = copy.verify().problem
    if problem is not None:
        raise Refused(problem)


def _log_act(entry: Entry) -> LogAct:
    header = statement.parse_header(entry.header)
    fields = {} if entry.content is None else statement.content_fields(entry.content)
    return LogAct(entry.log, entry.index, entry.hash, header.act, header.decides, fields)


def _by_epoch(log: str) -> int:
    return split_origin(log)[2]
