"""Everything a command needs to show its answer, in one place to import from.

Each function takes a `Screen` and the plain JSON value of the command; with ``--json`` a command
calls `Screen.json` on the same value instead.
"""

from __future__ import annotations

from tilth.cli.present_account import account
from tilth.cli.present_import import import_report, problem_list, refusal
from tilth.cli.present_records import (
    decision_preview,
    finding_list,
    log_lines,
    record_life,
    verification,
)
from tilth.cli.screen import Screen, open_screen, progress

__all__ = [
    "Screen",
    "account",
    "decision_preview",
    "finding_list",
    "import_report",
    "log_lines",
    "open_screen",
    "problem_list",
    "progress",
    "record_life",
    "refusal",
    "verification",
]
