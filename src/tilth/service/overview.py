"""Publishes what the operation page shows."""

from __future__ import annotations

from tilth.core.chains import LEVELS
from tilth.core.days import ordinal
from tilth.service.answer import answer_of
from tilth.service.current import Current

__all__ = ["publish"]


def publish(current: Current) -> None:
    """Publish the account of today at every level."""
    pace = current.pace
    if pace.due(current, "overview"):
        with pace.at(current, "overview", share=0.25, least_s=1.0):
            until = ordinal(current.today)
            accounts = {
                level: answer_of(
                    current.session, current.position, level, until, current.figures(level)
                )
                for level in LEVELS
            }
            pace.put(current, "overview", {"accounts": accounts})
