"""A whole document as a value: what every page says, the blocks, and the files embedded in it."""

from __future__ import annotations

import msgspec

from tilth.documents.blocks import Block

__all__ = ["Attachment", "Paper"]


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file embedded in the document, for programs.

    Parameters
    ----------
    name
        File name with its ending, ASCII.
    media_type
        ``text/csv``, ``application/geo+json``, ``application/json``.
    about
        What it holds, in the reader's language.
    """

    name: str
    media_type: str
    about: str
    text: str


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A whole document.

    Parameters
    ----------
    kind
        Kind of document, such as ``task_order``.
    title
        Its name in the reader's language.
    subject
        Lines under the title: what it is about.
    operation
        Name of the operation, in the head of every page.
    language
        Tag.
    right_to_left
        Pages are set from right to left; numbers, days and codes keep their own direction.
    level, level_name
        Level of its figures, its mark in the head of every page; empty where it has none.
    until, known_at
        As written, with their words; `moment` is the position's own time, ``YYYY-MM-DDThh:mm:ssZ``,
        which is also the file's date: making it again gives the same bytes.
    position
        Short position.
    code
        Verification code, in groups; empty on a draft, which says so.
    notes
        Lines of the foot of every page, such as "not reviewed by a native speaker".
    words
        Words that the pages themselves need, by their English message: see
        `tilth.documents.reader.PAGE_WORDS`.
    """

    kind: str
    title: str
    subject: tuple[str, ...]
    operation: str
    language: str
    right_to_left: bool
    synthetic: bool
    level: str
    level_name: str
    until: str
    known_at: str
    moment: str
    position: str
    code: str
    notes: tuple[str, ...]
    words: dict[str, str]
    blocks: tuple[Block, ...]
    attachments: tuple[Attachment, ...] = ()
