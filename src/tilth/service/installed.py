"""What an operation is set up with: its organisations, and the fields its programme added."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tilth.core.keyring import split_origin
from tilth.core.kinds.lists_work import ORGANISATION_ROLE
from tilth.core.kinds.model import Field, Kind
from tilth.service.register import register_of
from tilth.service.session import Session

__all__ = ["ExtraField", "Party", "extra_fields", "parties"]

_EXTRA = "x_"


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation as the operation's records describe it.

    Parameters
    ----------
    id
        Of its log; empty for one that writes nothing here, such as a donor.
    roles
        English labels of ``organisation_role``.
    key_here
        The private key is on this machine: whoever runs it could write in the organisation's name.
    """

    id: str
    name: str
    code: str
    roles: tuple[str, ...]
    state: str
    first_day: str
    last_day: str
    key_here: bool
    authority: bool


@dataclass(frozen=True, slots=True)
class ExtraField:
    """A field or a code list's code that the national programme added.

    Parameters
    ----------
    where
        Kind, or kind and name of its lines, as in ``clearance_report.items``.
    """

    where: str
    name: str
    label: str
    type: str
    codes: tuple[str, ...]
    minimum: bool


def parties(session: Session) -> list[Party]:
    """Organisations of the operation, those with a log first, by name."""
    known = register_of(session)
    words = {one.value: one.label for one in ORGANISATION_ROLE.codes}
    here = {split_origin(log)[1] for log in session.workspace.logs()}
    found: dict[str, Party] = {}
    for held in known.of("organisation").values():
        fields = held.now()
        id_ = str(fields.get("log_id", ""))
        party = Party(
            id_,
            str(fields.get("name", held.local_id)),
            str(fields.get("code", "")),
            tuple(words.get(one, one) for one in fields.get("roles", ())),
            str(fields.get("state", "")),
            str(fields.get("period_from", "")),
            str(fields.get("period_to", "")),
            id_ in here,
            bool(id_) and id_ == session.authority,
        )
        if held.author == session.authority or (id_ or held.record) not in found:
            found[id_ or held.record] = party
    for one in session.workspace.settings.organisations:
        if one.id not in found:
            is_authority = one.id == session.authority
            roles = (words["authority"],) if is_authority else ()
            found[one.id] = Party(
                one.id, one.name, "", roles, "", "", "", one.id in here, is_authority
            )
    return sorted(found.values(), key=lambda one: (not one.id, not one.authority, one.name))


def extra_fields(session: Session) -> list[ExtraField]:
    """Fields of ``fields.toml``, by kind and name; none where the programme added none."""
    return [
        ExtraField(
            where,
            one.name,
            one.label,
            str(one.type),
            tuple(code.value for code in one.codelist.codes) if one.codelist else (),
            one.minimum,
        )
        for kind in session.kinds.values()
        for where, one in _all_fields(kind)
        if one.name.startswith(_EXTRA)
    ]


def _all_fields(kind: Kind) -> Iterator[tuple[str, Field]]:
    for one in kind.fields:
        yield kind.name, one
        for inner in one.fields:
            yield f"{kind.name}.{one.name}", inner
