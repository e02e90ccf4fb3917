"""An open workspace with the person who acts in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import msgspec

from tilth.core import access, canonical, roles, statement
from tilth.core.chains import Said
from tilth.core.days import precision
from tilth.core.geometry.frame import Frame
from tilth.core.keyring import split_origin
from tilth.core.kinds.catalogue import KINDS
from tilth.core.kinds.extra import extend
from tilth.core.kinds.model import Kind
from tilth.core.kinds.versions import upgraded
from tilth.core.problems import Problem, Refused, register
from tilth.core.viewing import Views
from tilth.store.protocol import Draft, Entry
from tilth.store.signing import RemoteKeys
from tilth.store.workspace import Workspace

__all__ = ["Session", "open_session", "said_of", "said_without"]

register(
    {
        "actor_missing": (
            "An act needs a code for who does it.",
            "Give --actor CODE; use a code, never a person's name.",
        ),
        "not_permitted": (
            "Only the {role} may {act} this; {organisation} is not.",
            "Ask the organisation concerned to do it in its own workspace.",
        ),
        "role_not_permitted": (
            "To {act} this needs the role {role}: {kind}.",
            "Ask a colleague with that role, or an administrator of the organisation for the role.",
        ),
        "unknown_kind": (
            "There is no kind called {kind}.",
            "Take one of: {kinds}.",
        ),
    }
)

OPERATION_ID = "operation"
_FRAME = ("frame_longitude_nd", "frame_latitude_nd")


class _Parts(msgspec.Struct):
    fields: dict[str, msgspec.Raw]


_PARTS = msgspec.json.Decoder(_Parts)
_VALUE = msgspec.json.Decoder()


def said_of(entry: Entry) -> Said:
    """Statement as the rules see it, its targets complete; fields None when withheld."""
    header = statement.read_header(entry.header)
    fields = None if entry.content is None else statement.content_fields(entry.content)
    return _said(entry, header, fields)


def said_without(entry: Entry, left_out: str, kinds: Mapping[str, Kind]) -> Said:
    """Statement at the newest version of its kind, one large field replaced by ``has_<name>``.

    What is left out is not decoded: a report's items are most of its bytes.
    """
    header = statement.read_header(entry.header)
    if entry.content is None:
        return _said(entry, header, None)
    parts = _PARTS.decode(entry.content).fields
    fields = {name: _VALUE.decode(raw) for name, raw in parts.items() if name != left_out}
    if left_out in parts:
        fields[f"has_{left_out}"] = True
    kind = kinds.get(header.kind)
    if kind is not None and header.kind_version != kind.version:
        fields = upgraded(kind, fields, header.kind_version)
    return _said(entry, header, fields)


def _said(entry: Entry, header: statement.Header, fields: dict[str, Any] | None) -> Said:
    decides = header.decides
    if header.decides_count and fields is not None:
        decides = tuple(fields.get("decides", ()))
    return Said(
        hash=entry.hash,
        organisation=header.organisation,
        actor=header.actor,
        act=header.act,
        kind=header.kind,
        record=header.record,
        replaces=header.replaces,
        decides=decides,
        happened_on=header.happened_on,
        said_at=header.said_at,
        fields=fields,
        source=header.source.blob if header.source else "",
    )


@dataclass(slots=True)
class Session:
    """A workspace, its kinds with the national fields, and the code of who acts.

    Use it as a context manager; every service function takes one.
    """

    workspace: Workspace
    kinds: Mapping[str, Kind]
    actor: str = ""
    remembered: dict[str, Any] = field(default_factory=dict)
    """What was read or made in this session and is brought forward, by who remembers it."""
    organisation: str = ""
    """Organisation that the person acts for, where many organisations share a server; then nothing
    goes into another one's log, whichever keys are here. Empty: the workspace's own, and any whose
    key is here."""
    roles: frozenset[str] | None = None
    """Roles of the person in the organisation, see `tilth.core.roles`; None asks for none."""
    views: Views | None = None
    """Where views of protected records are noted; see `tilth.service.viewing`."""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the workspace."""
        self.workspace.close()

    @property
    def own(self) -> str:
        """Id of the organisation acted for, by default the workspace's own."""
        return self.organisation or self.workspace.settings.organisation

    @property
    def log(self) -> str:
        """The log that the organisation acted for writes to."""
        return self.workspace.log_of(self.own)

    def own_logs(self) -> list[str]:
        """Logs that this session may write to, the own organisation's first."""
        logs = sorted(self.workspace.logs(), key=lambda log: split_origin(log)[1] != self.own)
        if self.organisation:
            return [log for log in logs if split_origin(log)[1] == self.own]
        return logs

    @property
    def authority(self) -> str:
        """Id of the operation's authority."""
        return self.workspace.settings.authority

    def organisation_name(self, organisation: str) -> str:
        """Name of an organisation as the settings say, or its id."""
        known = {party.id: party.name for party in self.workspace.settings.organisations}
        return known.get(organisation, organisation)

    def today(self) -> str:
        """Today in the operation's time zone."""
        seconds = self.workspace.surroundings.clock() // 1_000_000
        zone = ZoneInfo(self.workspace.settings.time_zone)
        return datetime.fromtimestamp(seconds, UTC).astimezone(zone).date().isoformat()

    def kind(self, name: str) -> Kind:
        """Kind of that name.

        Raises
        ------
        Refused
            ``unknown_kind``.
        """
        if name not in self.kinds:
            raise Refused(
                Problem("unknown_kind", name, {"kind": name, "kinds": ", ".join(self.kinds)})
            )
        return self.kinds[name]

    def require_actor(self) -> str:
        """Code of who acts.

        Raises
        ------
        Refused
            ``actor_missing``: nothing is said by nobody.
        """
        if not self.actor.strip():
            raise Refused(Problem("actor_missing"))
        return self.actor

    def permission(self, act: str, organisation: str, author: str) -> access.Permission:
        """Whether an organisation may do an act on a statement of ``author``, whoever acts."""
        roles = frozenset({"authority"}) if organisation == self.authority else frozenset()
        subject = access.Subject(author, worked=frozenset({""}))
        return access.may(access.Actor(organisation, roles=roles), act, subject)

    def require_role(self, act: str, kind: str) -> None:
        """Refuse an act that the roles of the person do not allow.

        Parameters
        ----------
        kind
            Kind of what is said or decided on; ``decision`` asks for any.

        Raises
        ------
        Refused
            ``role_not_permitted``.
        """
        if not roles.allows(self.roles, act, kind):
            self._refuse_role(act, kind, roles.roles_for(act, kind))

    def require_move(self, axis: str, move: str) -> None:
        """Refuse a move of a task or nonconformity that the roles of the person do not allow.

        Raises
        ------
        Refused
            ``role_not_permitted``.
        """
        if not roles.may_move(self.roles, axis, move):
            self._refuse_role(move, axis, roles.MOVES.get(axis, {}).get(move, ()))

    def _refuse_role(self, act: str, kind: str, needed: Sequence[str]) -> None:
        params = {"act": act, "kind": kind, "role": ", ".join(needed) or "-"}
        raise Refused(Problem("role_not_permitted", kind, params))

    def log_for(self, act: str, author: str, kind: str = "decision") -> str:
        """Log of an organisation that may do this act on a statement of ``author``.

        The own organisation comes first; a workspace may hold the keys of others too.

        Parameters
        ----------
        kind
            Kind of the statement, by which the roles of the person are asked; empty where what is
            drafted for it is asked by itself.

        Raises
        ------
        Refused
            ``not_permitted`` when no organisation whose key is here may; ``role_not_permitted``.
        """
        if kind:
            self.require_role(act, kind)
        for log in self.own_logs():
            if self.permission(act, split_origin(log)[1], author).allowed:
                return log
        role = self.permission(act, self.own, author).role
        raise Refused(
            Problem(
                "not_permitted",
                author,
                {"role": role, "act": act, "organisation": self.organisation_name(self.own)},
            )
        )

    def draft(  # noqa: PLR0913 - the parts of a header, by name
        self,
        act: str,
        kind: str,
        fields: Mapping[str, Any],
        *,
        log: str = "",
        record: str = "",
        replaces: Sequence[str] = (),
        decides: Sequence[str] = (),
        happened_on: str = "",
        source: statement.Source | None = None,
        said_at: str = "",
        actor: str = "",
        follows: bool = False,
    ) -> Draft:
        """Header and content of a statement said now by this session's actor, or as told.

        Parameters
        ----------
        follows
            It goes along with an act that was permitted, and no role of its own is asked.

        Raises
        ------
        Refused
            ``role_not_permitted``, ``actor_missing``.
        """
        if not follows:
            self.require_role(act, kind)
        operation, organisation, epoch = split_origin(log or self.log)
        inline = tuple(decides)
        count, root = 0, ""
        if len(inline) > statement.MAX_INLINE_DECIDES:
            fields = {**fields, "decides": sorted(inline)}
            count, root, inline = len(inline), statement.decides_root(inline), ()
        content = statement.content_bytes(fields, self.workspace.nonce())
        version = self.kinds[kind].version if kind in self.kinds else 1
        header = statement.Header(
            format=statement.FORMAT,
            operation=operation,
            organisation=organisation,
            epoch=epoch,
            act=act,
            kind=kind,
            kind_version=version,
            record=record,
            replaces=tuple(replaces),
            decides=inline,
            decides_count=count,
            decides_root=root,
            happened_on=happened_on,
            precision=precision(happened_on),
            said_at=said_at or self.workspace.now(),
            actor=actor or self.require_actor(),
            source=source,
            synthetic=self.workspace.settings.synthetic,
            content=canonical.sha256(content),
        )
        return Draft(statement.header_bytes(header), content)

    def fields_of(self, entry: Entry) -> dict[str, Any]:
        """Fields of a statement at the newest version of its kind; empty when withheld."""
        if entry.content is None:
            return {}
        header = statement.read_header(entry.header)
        fields = statement.content_fields(entry.content)
        kind = self.kinds.get(header.kind)
        return upgraded(kind, fields, header.kind_version) if kind else fields

    def operation_fields(self) -> dict[str, Any]:
        """Newest reported fields of the operation record, as the authority says them.

        Where its log is not held, or has not fixed the frame, those of the organisation with the
        smallest id: the same in every workspace, whatever came first.
        """
        said = self._said_of_operation()
        fields: dict[str, Any] = {}
        for author in sorted(said.keys() - {self.authority}, reverse=True):
            fields |= said[author]
        if self.authority in said:
            fields = {name: value for name, value in fields.items() if name in _FRAME}
        return fields | said.get(self.authority, {})

    def _said_of_operation(self) -> Mapping[str, dict[str, Any]]:
        """Fields of the operation record by author; read once, and then only what came since."""
        store = self.workspace.store
        until = store.last_seq()
        known: tuple[int, dict[str, dict[str, Any]]] = self.remembered.get(OPERATION_ID, (0, {}))
        seq, said = known
        if seq != until:
            said = {author: dict(fields) for author, fields in said.items()}
            for entry in store.entries_of_kinds(["operation"], after_seq=seq, until_seq=until):
                author = statement.read_header(entry.header).organisation
                said.setdefault(author, {}).update(self.fields_of(entry))
            self.remembered[OPERATION_ID] = (until, said)
        return said

    def frame(self) -> Frame | None:
        """Frame of the operation, None while no area has fixed its centre."""
        fields = self.operation_fields()
        if "frame_longitude_nd" not in fields:
            return None
        return Frame(fields["frame_longitude_nd"], fields["frame_latitude_nd"])

    def fix_frame(self, frame: Frame) -> None:
        """Record the centre of the frame, once and for good: it never follows the data."""
        self.workspace.append_together(self.framing(frame))

    def framing(self, frame: Frame) -> list[tuple[str, list[Draft]]]:
        """Log and draft by which the frame is fixed; empty when it is."""
        if self.frame() is not None:
            return []
        fields = {
            "happened_on": self.today(),
            "frame_longitude_nd": frame.longitude_nd,
            "frame_latitude_nd": frame.latitude_nd,
        }
        record = statement.record_id(self.own, "operation", OPERATION_ID)
        on = str(fields["happened_on"])
        draft = self.draft(
            "revise", "operation", fields, record=record, happened_on=on, follows=True
        )
        return [(self.log, [draft])]


def open_session(
    path: Path, *, actor: str = "", passphrase: str | None = None, signer: Path | None = None
) -> Session:
    """Open a workspace with its national extra fields.

    Parameters
    ----------
    signer
        Socket of the process that alone reads the keys; without it they are read here.

    Raises
    ------
    Refused
        What `Workspace.open` refuses, and a ``fields.toml`` that defines nothing sensible.
    """
    kinds: Mapping[str, Kind] = KINDS
    extra = path / "fields.toml"
    if extra.is_file():
        kinds = extend(KINDS, extra.read_text(encoding="utf-8"))
    keys = None if signer is None else RemoteKeys(signer)
    workspace = Workspace.open(path, kinds=kinds, passphrase=passphrase, keys=keys)
    return Session(workspace, kinds, actor)
