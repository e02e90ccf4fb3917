"""What names a record, what it names, the papers issued on it and the files it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tilth.core.life.paper import grouped
from tilth.core.life.register import Held
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import parse_header, split_record_id
from tilth.service import papers
from tilth.service.lens import Lens
from tilth.service.register import MASS, register_of
from tilth.service.search_kept import naming
from tilth.service.session import Session

__all__ = ["NAMED", "blob_of", "links_of", "meant", "papers_of", "short"]

_MOST_NAMING = 400
_TOLD_NAMING = 8

register(
    {
        "blob_not_of_record": (
            "The file {name} does not belong to this record, or is not to be had by you.",
            "Open it from the record's life; the files of people's records stay in the vault.",
        ),
    }
)

NAMED = {
    "team": "team",
    "teams": "team",
    "assets": "asset",
    "course": "training_course",
    "project": "project",
    "projects": "project",
    "place": "place",
    "released_areas": "released_area",
    "subject": "",
    "about": "",
    "other": "",
}
"""Texts that name records, and of which kind."""


def short(name: str) -> str:
    """Local id of a full record id; any other name as it is."""
    return split_record_id(name)[2] if name.count("/") > 1 else name


def meant(session: Session, kind: str, name: str, author: str) -> str:
    """Full id of the record that a name means in a record of this author; empty where unclear."""
    if name.count("/") > 1 and session.workspace.store.of_records([name]):
        return name
    if kind and kind not in MASS:
        one = register_of(session).find(kind, name, author)
        return one.record if one is not None else ""
    found = session.workspace.store.find_record(name)
    found = [one for one in found if not kind or split_record_id(one)[1] == kind]
    own = [one for one in found if one.startswith(f"{author}/")]
    chosen = own if len(own) == 1 else found
    return chosen[0] if len(chosen) == 1 else ""


def papers_of(session: Session, record: str) -> list[dict[str, Any]]:
    """Documents issued on a record that the reader may read, the newest first.

    ``code``, ``type``, ``state`` (as `tilth.service.papers.check` tells it), ``on``, ``by``,
    ``record``.
    """
    names = {record, split_record_id(record)[2]}
    found: list[Held] = [
        one
        for one in register_of(session).of("document").values()
        if str(one.now().get("subject", "")) in names
    ]
    readable = Lens(session).readable(one.record for one in found)
    told = []
    for one in sorted(found, key=lambda one: one.said_at, reverse=True):
        if one.record not in readable:
            continue
        checked = papers.check(session, str(one.now().get("code", "")))
        told.append(
            {
                "code": grouped(str(one.now().get("code", ""))),
                "type": str(one.now().get("document_type", "")),
                "state": checked.state,
                "on": one.happened_on,
                "by": session.organisation_name(one.author),
                "record": one.record,
            }
        )
    return told


def links_of(session: Session, page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Records that name this one, by kind and field, as far as the reader may read them.

    Returns
    -------
    list of dict
        ``kind``, ``label``, ``field`` (label), ``count`` and the newest few ``records``; ``more``
        where further ones were not looked at.
    """
    record = str(page["record"])
    _, _, local = split_record_id(record)
    called = {record, local, *page["names"], str(page["values"].get("code", ""))} - {""}
    if page["protected"]:
        called = {str(page["local_id"])} - {""}
    found = naming(session, sorted(called), _MOST_NAMING)
    found = [
        (one, name) for one, name in found if one != record and _means(session, one, name, page)
    ]
    readable = Lens(session).readable({one for one, _ in found})
    groups: dict[tuple[str, str], list[str]] = {}
    for one, name in found:
        if one in readable:
            groups.setdefault((split_record_id(one)[1], name), []).append(one)
    return [
        {
            "kind": other,
            "label": session.kinds[other].label if other in session.kinds else other,
            "field": _label(session, other, name),
            "count": len(some),
            "records": [{"record": one, "text": short(one)} for one in some[:_TOLD_NAMING]],
            "more": len(found) >= _MOST_NAMING,
        }
        for (other, name), some in sorted(groups.items())
    ]


def _means(session: Session, namer: str, name: str, page: Mapping[str, Any]) -> bool:
    """Whether a field of another record can name this one: it is of its kind."""
    author, kind, _ = split_record_id(namer)
    defined = session.kinds.get(kind)
    if defined is None:
        return False
    one = next((one for one in defined.fields if one.name == name), None)
    if one is None:
        return False
    wanted = one.refers_to or NAMED.get(name, {"holder": "", "person": "person"}.get(name, "?"))
    if wanted not in ("", page["kind"]):
        return False
    own = author == page["author"]
    return own or name == "place" or session.authority in (author, page["author"])


def blob_of(session: Session, record: str, digest: str) -> tuple[bytes, str]:
    """Bytes and name of a file that a statement of a record came from.

    A file may hold more than this record: it is given to the organisation that brought it, and to
    the authority where it reads everything of that kind.

    Raises
    ------
    Refused
        ``not_readable``, ``blob_not_of_record``, ``blob_not_held``.
    """
    lens = Lens(session)
    lens.require_read(record)
    author, kind, _ = split_record_id(record)
    defined = session.kinds.get(kind)
    entries = session.workspace.store.of_records([record]).get(record, [])
    sources = [parse_header(entry.header).source for entry in entries]
    refused = Refused(Problem("blob_not_of_record", digest, {"name": digest[:12]}))
    if defined is None or defined.protected or all(s is None or s.blob != digest for s in sources):
        raise refused
    leads = session.own == session.authority and lens.may_read(author, kind) == "full"
    if session.own != author and not leads:
        raise refused
    if not lens.shows(author, kind, "remarks", record=record):
        raise refused
    names = session.workspace.store.select("delivery", ["filename"], {"file_sha256": digest})
    name = next((str(row[0]) for row in names if row[0]), "")
    return session.workspace.store.blob(digest), name


def _label(session: Session, kind: str, name: str) -> str:
    defined = session.kinds.get(kind)
    found = (one.label for one in defined.fields if one.name == name) if defined else iter(())
    return next(found, name)
