"""Who reads what on every page, export, picture and part there is, by the tables of the roles.

Every field of every record of four organisations holds a word of its own. Each reader opens every
address and what the pages lead to; a word that the tables do not give them may stand in no body,
header, file name or error, and each word that they give has to stand somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from addresses import NOWHERE, Address, tried
from canaries import WORD, Told
from django.test import Client
from matrix import CLASS_OF
from spider import Seen, shape_of, text_of, walk
from strip_served import known

from tilth.core.kinds.catalogue import KINDS

Reader = Callable[..., Client]

SMALL = {"record": 8, "name": 3, "statement": 3, "named": 3}
"""How many records each address is tried with, beside the one that shows them all."""


FEW = {CLASS_OF[kind]: kind for kind in reversed(KINDS)}
"""One kind of each class."""
SOME = {*FEW.values(), "hazard_area", "released_area", "task", "nonconformity", "handover"}


def whole_kinds(role: str) -> set[str]:
    """Kinds of which every record's page is opened."""
    return set(KINDS) if role == "information_manager" else SOME


def begin(canaries: Told, role: str) -> list[str]:
    """Every address, with the pages of all records of some kinds, and a few searches."""
    found: list[str] = []
    for one in tried():
        shows = one.name == "record:show"
        parts = known(canaries, whole_kinds(role) if shows else SOME)
        most = max([SMALL.get(part, 2) for part in one.parts], default=1)
        found += one.paths(parts, len(canaries.records) if shows else most)
    return found + [f"/search?q={word}" for word in _sample(canaries)]


def _sample(canaries: Told) -> list[str]:
    """Words of every class of field, to be searched for."""
    seen: dict[tuple[str, str], str] = {}
    for word, one in canaries.words.items():
        seen.setdefault((one.author, one.field), word)
    return list(seen.values())[::15]


def words_in(seen: Seen) -> set[str]:
    """Words that an answer tells and that were not in the question."""
    asked = {one.lower() for one in WORD.findall(seen.path)}
    return {one.lower() for one in WORD.findall(seen.text)} - asked


READERS = [
    ("Red", "information_manager"),
    ("Red", "operations_manager"),
    ("Red", "team_leader"),
    ("Red", "administrator"),
    ("Red", "observer"),
    ("Blue", "information_manager"),
    ("Blue", "quality_officer"),
    ("White", "information_manager"),
]


@pytest.mark.parametrize(("organisation", "role"), READERS)
def test_a_word_is_read_by_whom_the_tables_name_and_by_nobody_else(
    organisation: str, role: str, served_strip: Told, reader: Reader
) -> None:
    client = reader(served_strip.parties[organisation], role)
    language = {"Red": "ar", "Blue": "fr"}.get(organisation, "en")
    told_by: dict[str, str] = {}
    opened: set[str] = set()
    for seen in walk(client, begin(served_strip, role), language=language):
        assert seen.status != 500, seen.path
        for word in words_in(seen):
            told_by.setdefault(word, seen.path)
        if seen.status == 200 and shape_of(seen.path)[0] == "record:show":
            opened |= {one.lower() for one in WORD.findall(seen.path)}
    allowed = {
        word
        for word, one in served_strip.words.items()
        if served_strip.may_see(organisation, role, one)
    }
    leaks = {
        (one.kind, one.field, one.author, one.relation): told_by[word]
        for word in set(told_by) - allowed
        for one in [served_strip.words[word]]
    }
    missing = {
        (one.kind, one.field, one.author, one.relation)
        for word in allowed - set(told_by) - opened
        for one in [served_strip.words[word]]
        if one.kind in whole_kinds(role)
    }
    assert not leaks
    assert not missing


# -- what may not be read ----------------------------------------------------------------------

_TOKENS = re.compile(r'"X-CSRFToken": ?"[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"')


def _bare(answer: Any, asked: str) -> tuple[int, str]:
    """Status and text of an answer, without tokens and without what was asked for."""
    text = _TOKENS.sub("", text_of(answer))
    text = re.sub(r"(?m)^((X-Request-ID|Content-Length|ETag|Vary): .*|tilth_.*|)\n", "", text)
    for value in (asked, asked.replace("/", "%2F"), asked[:12], asked.rsplit("/", 1)[-1]):
        text = text.replace(value, "·")
    return answer.status_code, text


def _absent(value: str) -> str:
    """A name made like another one, that nothing has."""
    if re.fullmatch(r"[0-9a-f]{64}", value):
        return value[::-1]
    author, _, local = value.rpartition("/")
    return f"{author}{'/' if author else ''}{local[:-3]}XXX"


@pytest.mark.parametrize(
    ("organisation", "role"), [("Red", "information_manager"), ("White", "observer")]
)
def test_what_may_not_be_read_is_answered_like_what_is_not_there(
    organisation: str, role: str, served_strip: Told, reader: Reader
) -> None:
    client = reader(served_strip.parties[organisation], role)
    hidden = {
        one.kind: record
        for record, one in served_strip.records.items()
        if not served_strip.may_see(organisation, role, one) and one.author in ("White", "Blue")
    }
    told = []
    for kind in ("hazard_area", "task", "victim"):
        record, statement = hidden[kind], served_strip.statements[hidden[kind]]
        for one in tried():
            if {"statement", "named"} & set(one.parts):
                values = [statement]
            elif {"record", "name"} & set(one.parts):
                values = [record, record.rsplit("/", 1)[1]]
            else:
                continue
            for value in values:
                there, nowhere = (_asked(client, one, name) for name in (value, _absent(value)))
                if there != nowhere:
                    told.append((one.name, kind, *_unlike(there, nowhere)))
    assert not told


def _asked(client: Client, one: Address, value: str) -> list[tuple[int, str]]:
    """Answers to looking at an address and to sending it a form."""
    given = {part: [value] for part in ("record", "name", "statement", "named")}
    more = {"HTTP_AUTHORIZATION": f"Bearer {client.token}"} if "api/v1" in one.route else {}
    form = {"do": "look", "move": "issue", "reason": "x", "national_id": "X-1"}
    sent = {"data": {"reason": "x", "fields": {}}, "content_type": "application/json"}
    found = []
    for path in one.paths({**NOWHERE, **given}, 1):
        found.append(_bare(client.get(path, **more), value))
        body = sent if more else {"data": form}
        found.append(_bare(client.post(path, **body, **more), value))
    return found


def _unlike(there: list[Any], nowhere: list[Any]) -> list[Any]:
    """What two answers do not share, to be read by who has to mend it."""
    for (status, text), (other, beside) in zip(there, nowhere, strict=True):
        lines = set(text.splitlines()) ^ set(beside.splitlines())
        if status != other or lines:
            return [status, other, *sorted(lines)[:2]]
    return []
