"""Why an input was refused, or what about it was noticed: stable codes with parameters.

The core returns a code and parameters; `tilth.text` turns them into sentences in the reader's
language. The English sentences stand here, beside the codes, as gettext message ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["CATALOGUE", "Problem", "ProblemText", "Refused", "register"]

Parameter = str | int | float


@dataclass(frozen=True, slots=True)
class ProblemText:
    """English message ids of one code.

    Parameters
    ----------
    what
        What is wrong, with ``{name}`` places for parameters.
    fix
        How to put it right, in the imperative.
    """

    what: str
    fix: str


CATALOGUE: dict[str, ProblemText] = {}


def register(entries: Mapping[str, tuple[str, str]]) -> None:
    """Add codes to the catalogue; each module that raises a code registers it at import.

    Raises
    ------
    ValueError
        When a code is registered twice with other words: a code means one thing.
    """
    for code, (what, fix) in entries.items():
        text = ProblemText(what, fix)
        if CATALOGUE.setdefault(code, text) != text:
            msg = f"problem code {code!r} is already registered with other words"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input.

    Parameters
    ----------
    code
        Stable code, a key of `CATALOGUE`.
    where
        Row, column, feature, file or record, for example ``"row 17, column happened_on"``.
    params
        Values for the places in the texts.

    Examples
    --------
    >>> Problem("workspace_busy", "demo", {"seconds": 30}).code
    'workspace_busy'
    """

    code: str
    where: str = ""
    params: Mapping[str, Parameter] = field(default_factory=lambda: MappingProxyType({}))


class Refused(Exception):
    """An act was refused; carries the problems that say why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(", ".join(f"{p.code} ({p.where})" for p in problems))
        self.problems = problems


register(
    {
        "workspace_busy": (
            "Another program is writing to this workspace; waited {seconds} s.",
            "Wait until it has finished, then run the same command again.",
        ),
    }
)
