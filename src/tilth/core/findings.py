"""What the accounts and checks noticed: stable codes with what is at stake (rules §7).

Like problems, findings carry a code and parameters; the words stand beside the codes as gettext
message ids and are put together by `tilth.text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from shapely.geometry.base import BaseGeometry

from tilth.core.problems import Parameter, ProblemText

__all__ = ["FINDINGS", "Finding", "register"]

FINDINGS: dict[str, ProblemText] = {}


def register(entries: Mapping[str, tuple[str, str]]) -> None:
    """Add codes with (what was noticed, how it can be closed).

    Raises
    ------
    ValueError
        When a code is registered twice with other words.
    """
    for code, (what, fix) in entries.items():
        text = ProblemText(what, fix)
        if FINDINGS.setdefault(code, text) != text:
            msg = f"finding code {code!r} is already registered with other words"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed about one record, or about two of them.

    Parameters
    ----------
    code
        A key of `FINDINGS`.
    record, other
        Full record ids; ``other`` for findings between two records.
    params
        Values for the places in the texts.
    area_m2, items
        What is at stake.
    shape
        Where, in WGS 84 degrees; None when the finding has no place.
    """

    code: str
    record: str
    other: str = ""
    params: Mapping[str, Parameter] = field(default_factory=lambda: MappingProxyType({}))
    area_m2: float = 0.0
    items: int = 0
    shape: BaseGeometry | None = None

    @property
    def key(self) -> str:
        """Stable identity of the finding, by which its state and age are kept."""
        return "|".join((self.code, self.record, self.other))
