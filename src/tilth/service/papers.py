"""Documents: issue one, make it again, say what became of one.

A document's *value* holds every fact on its pages in canonical form, with the position it was read
at, and of persons the codes alone. The value is kept by its hash; the record of kind ``document``
names the hash, and the verification code is made of it. Pages are made of the value whenever they
are asked for: the same value gives the same bytes, but for names that were erased since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tilth.core import canonical
from tilth.core.life.handover import revocations_of
from tilth.core.life.paper import code_of, grouped, read_code
from tilth.core.life.register import Held
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import split_record_id
from tilth.documents.paper import Paper
from tilth.documents.reader import Reader, reader_in
from tilth.documents.typeset import pdf
from tilth.service.handing_over import certificate_of
from tilth.service.lens import is_readable
from tilth.service.paper_values.registry import KINDS_OF_DOCUMENT, DocumentKind
from tilth.service.recording import author_of, say
from tilth.service.register import register_of
from tilth.service.session import Session
from tilth.service.withholding import name_of_person, require_paper
from tilth.text.language import languages

__all__ = ["Checked", "Issued", "again", "check", "documents", "issue", "paper_of", "value_of"]

register(
    {
        "unknown_document": (
            "There is no document called {name}.",
            "Take one of: {names}.",
        ),
        "unknown_language": (
            "There is no catalogue for the language {language}.",
            "Take one of: {languages}.",
        ),
        "code_unknown": (
            "No document with the code {code} is held here.",
            "Take in the log of the organisation that issued it, and check again.",
        ),
        "value_changed": (
            "The kept value of the document {code} is not the one that was issued.",
            "Restore the workspace from a backup: tilth verify says what else is damaged.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A document on paper.

    Parameters
    ----------
    code
        Verification code in groups.
    record
        Record id of kind ``document``.
    new
        False when nothing it says has changed since it was issued: the earlier one, its code
        unchanged.
    """

    code: str
    record: str
    language: str
    pdf: bytes
    new: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a document.

    Parameters
    ----------
    state
        ``issued``, ``superseded``, ``revoked`` or ``unknown``.
    by
        Code of the document that took its place, or record for which it is no longer good.
    """

    code: str
    state: str
    document: str = ""
    subject: str = ""
    issued_on: str = ""
    issued_by: str = ""
    level: str = ""
    until: str = ""
    language: str = ""
    by: str = ""


def _kind(name: str) -> DocumentKind:
    if name not in KINDS_OF_DOCUMENT:
        params = {"name": name, "names": ", ".join(KINDS_OF_DOCUMENT)}
        raise Refused(Problem("unknown_document", name, params))
    return KINDS_OF_DOCUMENT[name]


def _require_language(language: str) -> None:
    if language not in languages():
        params = {"language": language, "languages": ", ".join(languages())}
        raise Refused(Problem("unknown_language", language, params))


def value_of(
    session: Session, document: str, subject: str = "", *, level: str = "", until: str = ""
) -> dict[str, Any]:
    """Value of a document as it would be issued now; nothing is written.

    Raises
    ------
    Refused
        ``unknown_document``, ``not_readable`` and what the document's builder refuses.
    """
    kind = _kind(document)
    require_paper(session, document, kind.about, subject)
    value = kind.build(session, subject, level=level, until=until)
    known = _codes(session)
    return {**value, "persons": sorted(known.intersection(_texts(value)))}


def issue(
    session: Session,
    document: str,
    subject: str = "",
    *,
    language: str = "en",
    level: str = "",
    until: str = "",
    speaking_for: str = "",
) -> Issued:
    """Issue a document: keep its value, record it with its code, and set it.

    A newer document of one kind about one record, at one level and about one period, supersedes
    the older of the same organisation. Where the newest says the same already, that one is set
    again.

    Parameters
    ----------
    subject
        Record it is about, as the kind of document asks for; empty for the operation.
    level, until
        Level and day of its figures; the kind's own and today without.

    Raises
    ------
    Refused
        ``unknown_document``, ``unknown_language``, what the builder refuses, ``actor_missing``,
        ``not_permitted``.
    """
    _require_language(language)
    session.require_actor()
    session.require_role("record", "document")
    value = value_of(session, document, subject, level=level, until=until)
    author = author_of(session, speaking_for)
    about = _about(value)
    former = _newest(session, about, author)
    if former is not None and _facts(_kept(session, former)) == _facts(value):
        made = _set(session, former, language)
        return Issued(grouped(_code(former)), former.record, language, made, False)
    data = canonical.encode(value)
    code = code_of(data)
    fields = {
        **about,
        "code": code,
        "value_sha256": session.workspace.store.put_blob(data),
        "position": "\n".join(
            f"{head['log']} {head['size']} {head['root']}" for head in value["position"]
        ),
        "language": language,
        "until": str(value.get("until", "")),
        "supersedes": _code(former) if former else "",
    }
    spoken = say(
        session,
        "document",
        {name: text for name, text in fields.items() if text},
        speaking_for=speaking_for,
    )
    made = pdf(paper_of(session, {**value, "code": grouped(code)}, language), data)
    return Issued(grouped(code), spoken.record, language, made, True)


def again(session: Session, code: str, language: str = "") -> Issued:
    """Make a document again from its kept value, in the language it was issued in or another.

    Raises
    ------
    Refused
        ``code_unknown``, ``blob_not_held`` where only the record of it came here,
        ``value_changed``, ``unknown_language``.
    """
    plain = read_code(code)
    found = _by_code(session, plain)
    if found is None or not is_readable(session, found.record):
        raise Refused(Problem("code_unknown", code, {"code": grouped(plain)}))
    chosen = language or str(found.now().get("language", "en"))
    _require_language(chosen)
    return Issued(grouped(plain), found.record, chosen, _set(session, found, chosen), False)


def paper_of(session: Session, value: Mapping[str, Any], language: str) -> Paper:
    """Lay a value out for a reader; names come from the vault as it is now."""
    return _kind(str(value["document"])).layout(value, _reader(session, value, language))


def check(session: Session, code: str) -> Checked:
    """Say what became of the document with a code.

    ``revoked`` when its ground was, ``superseded`` when a newer one took its place or what was
    approved is no longer approved so, ``unknown`` when nobody here issued it.

    Raises
    ------
    Refused
        ``code_length``, ``code_character``, ``code_misread``.
    """
    plain = read_code(code)
    found = _by_code(session, plain)
    if found is None:
        return Checked(grouped(plain), "unknown")
    values = found.now()
    subject = str(values.get("subject", ""))
    state, by = _state_of(session, subject)
    if state == "issued":
        state, by = _superseded(session, found)
    return Checked(
        code=grouped(plain),
        state=state,
        document=str(values["document_type"]),
        subject=subject,
        issued_on=found.happened_on,
        issued_by=session.organisation_name(found.author),
        level=str(values.get("level", "")),
        until=str(values.get("until", "")),
        language=str(values.get("language", "")),
        by=by,
    )


def documents(session: Session) -> list[Checked]:
    """Every document that was issued, as far as it may be read, with what became of it."""
    held = register_of(session).of("document").values()
    newest = sorted(held, key=lambda one: (one.said_at, one.record), reverse=True)
    return [
        check(session, str(one.now()["code"])) for one in newest if is_readable(session, one.record)
    ]


def _by_code(session: Session, code: str) -> Held | None:
    """Record of a document; of several the first by id, they have one value."""
    found = [one for one in register_of(session).of("document").values() if _code(one) == code]
    return min(found, key=lambda one: one.record, default=None)


def _code(one: Held) -> str:
    return str(one.now().get("code", ""))


def _about(value: Mapping[str, Any]) -> dict[str, str]:
    """What a document is about: only one that is about the same supersedes it."""
    subject = value["subject"]
    named = subject["record"] or ("" if subject["name"] == value["operation"] else subject["name"])
    return {
        "document_type": str(value["document"]),
        "subject": str(named),
        "level": str(value.get("level", "")),
        "since": str(value.get("since", "")),
        **({"until": str(value["until"])} if value.get("since") else {}),
    }


def _newest(session: Session, about: Mapping[str, str], author: str) -> Held | None:
    """Document about the same that no other of its organisation has superseded."""
    same = [
        one
        for one in register_of(session).of("document").values()
        if one.author == author and all(one.now().get(k, "") == v for k, v in about.items())
    ]
    superseded = {one.now().get("supersedes") for one in same}
    left = [one for one in same if _code(one) not in superseded]
    return max(left, key=lambda one: (one.said_at, one.record), default=None)


def _superseded(session: Session, found: Held) -> tuple[str, str]:
    """Whether a newer document of the same organisation, or of the authority, names this one."""
    for one in register_of(session).of("document").values():
        if one.now().get("supersedes") == _code(found) and one.author in (
            found.author,
            session.authority,
        ):
            return "superseded", grouped(_code(one))
    return "issued", ""


def _state_of(session: Session, subject: str) -> tuple[str, str]:
    """What became of the record that a document is about, and the record that says so."""
    kind = split_record_id(subject)[1] if subject.count("/") > 1 else ""
    if kind == "handover":
        _, certificate = certificate_of(session, subject)
        return certificate.state, certificate.because[0][0] if certificate.because else ""
    if kind == "released_area" and revocations_of(register_of(session), subject):
        return "revoked", subject
    return "issued", ""


def _kept(session: Session, found: Held) -> dict[str, Any]:
    """Value of a document that was issued.

    Raises
    ------
    Refused
        ``blob_not_held``, ``value_changed``.
    """
    data = session.workspace.store.blob(str(found.now()["value_sha256"]))
    if code_of(data) != _code(found):
        raise Refused(Problem("value_changed", found.record, {"code": grouped(_code(found))}))
    return dict(canonical.decode(data))


def _set(session: Session, found: Held, language: str) -> bytes:
    value = _kept(session, found)
    paper = paper_of(session, {**value, "code": grouped(_code(found))}, language)
    return pdf(paper, canonical.encode(value))


def _of_the_position(name: str, value: object) -> bool:
    """Whether a value says where the logs stood, not what they say: heads, sizes, times."""
    kinds = {"moment": str, "known_at": str, "position": list, "statements": int}
    return name in kinds and isinstance(value, kinds[name])


def _facts(value: Any) -> Any:
    """A value without the position it was read at: what two documents say alike."""
    if isinstance(value, Mapping):
        return {k: _facts(one) for k, one in value.items() if not _of_the_position(k, one)}
    if isinstance(value, list | tuple):
        return [_facts(one) for one in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    """Every text of a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _codes(session: Session) -> set[str]:
    """Codes of the persons in the vault: the same value for whoever makes it."""
    payloads = session.workspace.vault.payloads()
    return {
        str(canonical.decode(payload)["code"])
        for record, _, payload in payloads
        if split_record_id(record)[1] == "person"
    }


def _reader(session: Session, value: Mapping[str, Any], language: str) -> Reader:
    """Reader who sees names; one known when the document was issued and gone since is erased."""
    name, then = name_of_person(session, str(value["document"])), set(value.get("persons", ()))
    erased = reader_in(language).erased()

    def person(code: str) -> str:
        told = name(code)
        if told is not None:
            return told
        return erased if code in then else code

    return reader_in(language, person)
