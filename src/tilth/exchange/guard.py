"""Hostile files, refused within limits on time and memory before a reader opens them.

A file from outside may be a bomb (a few kilobytes that unpack to gigabytes), may name paths
outside its folder, may ask an XML parser to fetch or to multiply entities. What is checked here
is checked on the bytes; the readers of binary formats run besides in a confined process
(`tilth.exchange.confined`), since a declared size can lie.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from tilth.core.problems import Problem, Refused, register

__all__ = [
    "Limits",
    "check_markup",
    "check_nul",
    "check_prolog",
    "check_size",
    "open_archive",
    "read_member",
]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a delivery may ask for.

    The defaults take a national archive in one file and leave a laptop usable.
    """

    file_bytes: int = 2 * 1024**3
    markup_bytes: int = 512 * 1024**2
    members: int = 5_000
    member_bytes: int = 1024**3
    unpacked_bytes: int = 2 * 1024**3
    ratio: int = 200
    cell_chars: int = 2_000_000
    columns: int = 2_000
    rows: int = 2_000_000
    depth: int = 200
    feature_bytes: int = 64 * 1024**2
    reader_bytes: int = 3 * 1024**3
    reader_seconds: int = 300


_RATIO_FLOOR = 4 * 1024**2  # below it a high ratio harms nobody: a sheet of one repeated word
_HEAD = 1024**2
_ROOT = re.compile(rb"<[A-Za-z_]")
_DIRECTORY_END = struct.Struct("<4s4H2LH")
_ENTRY_LEAST = 46  # bytes of a central directory entry without its name (APPNOTE 4.3.12)


def check_size(size: int, limits: Limits, where: str) -> None:
    """Refuse an empty file, or one larger than the limit in bytes."""
    if size == 0:
        raise Refused(Problem("file_empty", where))
    if size > limits.file_bytes:
        raise Refused(Problem("file_too_large", where, {"bytes": size, "most": limits.file_bytes}))


def check_nul(data: bytes, where: str) -> None:
    """Refuse text with NUL bytes: programs disagree about where such a cell ends."""
    if b"\0" in data:
        raise Refused(Problem("nul_bytes", where, {"offset": data.index(b"\0")}))


def open_archive(stream: BinaryIO, limits: Limits, where: str) -> zipfile.ZipFile:
    """Open a zip after checking every member's name, size and ratio.

    Raises
    ------
    Refused
        ``archive_broken``, ``archive_too_many``, ``archive_path``, ``archive_link``,
        ``archive_encrypted``, ``archive_bomb``.
    """
    size = stream.seek(0, io.SEEK_END)
    _check_directory(stream, size, limits, where)
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused(Problem("archive_broken", where, {"reason": str(error)})) from error
    members = archive.infolist()
    if len(members) > limits.members:
        raise Refused(_too_many(where, len(members), limits))
    for member in members:
        _check_member(member, limits, where)
    packed = sum(member.compress_size for member in members)
    unpacked = sum(member.file_size for member in members)
    # More packed bytes than the file has: members overlap, as in bombs that share one kernel.
    if unpacked > limits.unpacked_bytes or packed > size:
        raise Refused(
            Problem("archive_bomb", where, {"bytes": unpacked, "most": limits.unpacked_bytes})
        )
    return archive


def _check_directory(stream: BinaryIO, size: int, limits: Limits, where: str) -> None:
    """Bound the directory before `zipfile` makes an object for each of its entries."""
    tail = min(size, 65_536 + _DIRECTORY_END.size)
    stream.seek(size - tail)
    data = stream.read(tail)
    at = data.rfind(b"PK\x05\x06")
    if at < 0 or len(data) - at < _DIRECTORY_END.size:
        raise Refused(Problem("archive_broken", where, {"reason": "no directory"}))
    _, _, _, _, entries, directory, _, _ = _DIRECTORY_END.unpack_from(data, at)
    # 0xFFFF and 0xFFFFFFFF send the reader to the zip64 record; `size` bounds that case.
    if directory == 0xFFFFFFFF:
        entries = size // _ENTRY_LEAST if size > 64 * 1024**2 else 0
    elif directory > limits.members * 1_024:
        entries = directory // _ENTRY_LEAST
    if entries > limits.members and entries != 0xFFFF:
        raise Refused(_too_many(where, entries, limits))
    stream.seek(0)


def _too_many(where: str, members: int, limits: Limits) -> Problem:
    return Problem("archive_too_many", where, {"members": members, "most": limits.members})


def _check_member(member: zipfile.ZipInfo, limits: Limits, where: str) -> None:
    name = member.filename
    here = f"{where}, member {name[:80]!r}"
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        raise Refused(Problem("archive_path", here))
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Refused(Problem("archive_link", here))
    if member.flag_bits & 0x1:
        raise Refused(Problem("archive_encrypted", here))
    ratio = member.file_size / max(member.compress_size, 1)
    bomb = member.file_size > _RATIO_FLOOR and ratio > limits.ratio
    if member.file_size > limits.member_bytes or bomb:
        params = {"bytes": member.file_size, "most": limits.member_bytes}
        raise Refused(Problem("archive_bomb", here, params))


def read_member(archive: zipfile.ZipFile, name: str, where: str) -> bytes:
    """Unpack one checked member; `zipfile` stops at its declared size.

    Raises
    ------
    Refused
        ``archive_broken`` when the member does not unpack to what was declared.
    """
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        problem = Problem(
            "archive_broken", f"{where}, member {name[:80]!r}", {"reason": str(error)}
        )
        raise Refused(problem) from error
    except Exception as error:  # zlib.error, lzma.LZMAError: one class for each compressor
        problem = Problem(
            "archive_broken", f"{where}, member {name[:80]!r}", {"reason": str(error)}
        )
        raise Refused(problem) from error


def check_prolog(data: bytes, where: str) -> None:
    """Refuse an XML part that declares a document type or entities before its root.

    For the parts of office files, whose readers expand nothing; KML and GPX go through
    `check_markup`, which parses them wholly.
    """
    head = data[:_HEAD].replace(b"\0", b"")  # UTF-16 letters without their empty halves
    root = _ROOT.search(head)
    prolog = head[: root.start()] if root else head
    if b"<!DOCTYPE" in prolog or b"<!ENTITY" in prolog or root is None:
        raise Refused(Problem("xml_entities", where))


class _Depth(ContentHandler):
    def __init__(self, most: int) -> None:
        super().__init__()
        self.depth = 0
        self.most = most
        self.names: dict[str, int] = {}

    def startElement(self, name: str, attrs: object) -> None:
        self.depth += 1
        if self.depth > self.most:
            msg = "too deep"
            raise _TooDeepError(msg)
        self.names[name] = self.names.get(name, 0) + 1
        if len(self.names) > 10_000:
            msg = "too many element names"
            raise _TooDeepError(msg)

    def endElement(self, name: str) -> None:
        self.depth -= 1


class _TooDeepError(Exception):
    pass


def check_markup(stream: BinaryIO, limits: Limits, where: str) -> Mapping[str, int]:
    """Parse KML or GPX once, refusing document types, entities and external references.

    Returns
    -------
    dict
        How often each element name occurs.

    Raises
    ------
    Refused
        ``xml_entities``, ``nested_too_deep``, ``xml_broken``, ``file_too_large``.
    """
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size > limits.markup_bytes:
        params = {"bytes": size, "most": limits.markup_bytes}
        raise Refused(Problem("file_too_large", where, params))
    handler = _Depth(limits.depth)
    try:
        defusedxml.sax.parse(stream, handler, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Refused(Problem("xml_entities", where)) from error
    except _TooDeepError as error:
        raise Refused(Problem("nested_too_deep", where, {"most": limits.depth})) from error
    except (SAXException, ValueError, LookupError, UnicodeError) as error:
        raise Refused(Problem("xml_broken", where, {"reason": str(error)[:200]})) from error
    return handler.names


register(
    {
        "file_empty": ("The file is empty.", "Check that it was saved or sent completely."),
        "file_too_large": (
            "The file has {bytes} bytes; at most {most} are read.",
            "Split it into several files and import them one after the other.",
        ),
        "nul_bytes": (
            "The text contains a NUL byte at offset {offset}.",
            "Save the file again as CSV in UTF-8 from a spreadsheet program.",
        ),
        "archive_broken": (
            "The archive cannot be unpacked: {reason}.",
            "Pack it again as a plain zip file, or send the files unpacked.",
        ),
        "archive_too_many": (
            "The archive has {members} members; at most {most} are read.",
            "Pack only the files of this delivery.",
        ),
        "archive_path": (
            "A member of the archive names a path outside its own folder.",
            "Pack the files again by their plain names; if you did not make this file, do not "
            "trust it.",
        ),
        "archive_link": (
            "A member of the archive is a link to another file.",
            "Pack the file itself, not a link to it.",
        ),
        "archive_encrypted": (
            "The archive is protected by a password.",
            "Remove the password and import the file again.",
        ),
        "archive_bomb": (
            "The archive unpacks to {bytes} bytes, far more than its size explains; at most {most} "
            "are read.",
            "If the data are really that large, send them unpacked or in parts.",
        ),
        "xml_entities": (
            "The file declares a document type or entities, which is not needed for data and can "
            "be used to attack the reader.",
            "Export the data again from the program that made them.",
        ),
        "xml_broken": (
            "The XML cannot be read: {reason}.",
            "Export the file again; it may have been cut off.",
        ),
        "nested_too_deep": (
            "The data are nested more than {most} levels deep.",
            "Export them as plain features with properties.",
        ),
    }
)
