"""A reader who opens every page there is, follows what the pages lead to, and reads all of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import unescape
from io import BytesIO
from subprocess import run
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit
from zipfile import BadZipFile, ZipFile

from addresses import EXCUSED
from django.http import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve

_LINK = re.compile(r'(?:href|src|action|hx-get|hx-post|data-[\w-]+|formaction)="(/[^"/][^"]*|/)"')
_IN_DATA = re.compile(r'"(/map/[^"\\]*(?:\\u0026[^"\\]*)*)"')
_TILES = (("8", "153", "86"), ("12", "2457", "1388"))
"""Tiles that hold the ground of `canaries`: all of it, and a part from near by."""
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


class Seen(NamedTuple):
    """One answer: the path asked for, its status, everything in it as text, its type, its body."""

    path: str
    status: int
    text: str
    kind: str
    response: Any
    body: str = ""


def text_of(answer: HttpResponseBase) -> str:
    """Everything that an answer tells: its headers, and its body opened as far as it can be."""
    body = answer.getvalue()
    kind = answer.get("Content-Type", "")
    heads = "\n".join(f"{name}: {value}" for name, value in answer.items())
    heads += "\n" + "\n".join(one.OutputString() for one in answer.cookies.values())
    parts = [heads, unquote(heads), body.decode("utf-8", "replace")]
    if kind.startswith("application/pdf"):
        parts.append(read_pdf(body))
    elif body[:2] == b"PK":
        try:
            with ZipFile(BytesIO(body)) as held:
                parts += [held.read(name).decode("utf-8", "replace") for name in held.namelist()]
        except BadZipFile:
            pass
    if "json" in kind:
        parts.append(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), parts[2]))
    answer.close()
    return "\n".join(parts)


def read_pdf(data: bytes) -> str:
    """Text of a PDF and what it says of itself, read by a program that is not ours."""
    text = run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True).stdout
    about = run(["pdfinfo", "-"], input=data, capture_output=True, check=True).stdout
    return (text + about).decode("utf-8", "replace")


def links_of(seen: Seen) -> Iterator[str]:
    """Paths that an answer leads to."""
    if "Location" in seen.response:
        yield seen.response["Location"]
    if seen.kind.startswith("text/html"):
        for found in [*_LINK.findall(seen.text), *_IN_DATA.findall(seen.text)]:
            link = unescape(found).replace("\\u0026", "&")
            for z, x, y in _TILES if "{z}" in link else ():
                yield link.replace("{z}", z).replace("{x}", x).replace("{y}", y)
            yield link


def shape_of(path: str) -> tuple[str, tuple[str, ...]] | None:
    """Which address a path belongs to, with the names in its query; None if to none."""
    parts = urlsplit(path)
    try:
        found = resolve(unquote(parts.path))
    except Resolver404:
        return None
    if found.view_name in EXCUSED:
        return None
    names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    return found.view_name, tuple(names)


def walk(
    client: Client, begin: Iterable[str], *, each: int = 1, language: str = "en"
) -> Iterator[Seen]:
    """Open the paths and what they lead to, at most ``each`` new ones of one shape of address."""
    token = getattr(client, "token", "")
    waiting = list(dict.fromkeys(begin))
    known, count = set(waiting), Counter[object]()
    for path in waiting:  # grows while it is read
        more = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if path.startswith("/api/v1") else {}
        answer = client.get(path, HTTP_ACCEPT_LANGUAGE=language, **more)
        kind = answer.get("Content-Type", "")
        text, body = text_of(answer), answer.getvalue()
        seen = Seen(path, answer.status_code, text, kind, answer, body.decode("utf-8", "replace"))
        yield seen
        for link in links_of(seen):
            shape = shape_of(link) if link.startswith("/") and link not in known else None
            if shape is not None and count[shape] < each:
                count[shape] += 1
                known.add(link)
                waiting.append(link)
