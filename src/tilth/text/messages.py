"""Problems, findings, labels: codes with parameters become sentences for a reader."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tilth.core.findings import FINDINGS, Finding
from tilth.core.kinds.model import Code, Field, Kind
from tilth.core.problems import CATALOGUE, Parameter, Problem, ProblemText
from tilth.text.language import LOCALE, say_in

__all__ = ["finding_text", "help_text", "label", "problem_text"]


def problem_text(
    problem: Problem, language: str = "en", *, folder: Path = LOCALE
) -> dict[str, str]:
    """Say a problem: ``code``, ``where``, ``what`` is wrong and the ``fix``.

    A code that is not in the catalogue stands for itself, so that a newer workspace can still be
    read.

    Examples
    --------
    >>> problem_text(Problem("workspace_busy", "demo", {"seconds": 30}))["what"]
    'Another program is writing to this workspace; waited 30 s.'
    """
    text = CATALOGUE.get(problem.code, ProblemText(problem.code, ""))
    return {
        "code": problem.code,
        "where": problem.where,
        "what": _said(text.what, problem.params, language, folder),
        "fix": _said(text.fix, problem.params, language, folder),
    }


def finding_text(
    finding: Finding, language: str = "en", *, folder: Path = LOCALE
) -> dict[str, str]:
    """Say a finding: ``code``, ``record``, ``other``, ``what`` was noticed, how it is closed."""
    text = FINDINGS.get(finding.code, ProblemText(finding.code, ""))
    params = {"record": finding.record, "other": finding.other, **finding.params}
    return {
        "code": finding.code,
        "record": finding.record,
        "other": finding.other,
        "what": _said(text.what, params, language, folder),
        "fix": _said(text.fix, params, language, folder),
    }


def label(one: Kind | Field | Code, language: str = "en", *, folder: Path = LOCALE) -> str:
    """Name of a kind, a field or a code in the reader's language."""
    return say_in(language, folder)(one.label)


def help_text(one: Kind | Field, language: str = "en", *, folder: Path = LOCALE) -> str:
    """Explanation of a kind or a field in the reader's language; may be empty."""
    return say_in(language, folder)(one.help)


class _Params(dict[str, Parameter]):
    """Parameters of a message; a place without a value keeps its name, ``{name}``."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def _said(message: str, params: Mapping[str, Parameter], language: str, folder: Path) -> str:
    translated = say_in(language, folder)(message)
    try:
        return translated.format_map(_Params(params))
    except (ValueError, IndexError, AttributeError, KeyError):
        # A translator broke a place; the English sentence is better than none.
        return message.format_map(_Params(params))
