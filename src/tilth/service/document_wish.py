"""What a document is asked to say, and what its builder answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tilth.service.session import Session

__all__ = ["Builder", "Built", "Wish"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for.

    Parameters
    ----------
    subject
        Record as named by the person: full id, local id, code; empty for the operation.
    level
        Level of the figures; empty leaves it to the document.
    until, since
        Days of the account; empty for today, and for no beginning.
    """

    subject: str = ""
    level: str = ""
    until: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Built:
    """What a document says, before it is issued.

    Parameters
    ----------
    subject
        Full id of the record it is about; the operation's id for the operation.
    data
        Facts in canonical form: ASCII keys, texts, integers, booleans; decimals as texts, persons
        as codes only.
    level, until, since
        As they hold in the data; a document without an account's figures has no level.
    """

    subject: str
    data: Mapping[str, Any]
    level: str = ""
    until: str = ""
    since: str = ""


Builder = Callable[[Session, Wish], Built]
