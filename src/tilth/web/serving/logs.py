"""The server's log: one JSON object a line, and nothing in it that is about a person or a place.

A line holds what a program said in its own words, and of what it was about only the values listed
in `TOLD`. Messages of other people's libraries are written as they stand in the source, without the
values put into them, and of an error only its kind and where in the program it happened: values
may be paths, names, coordinates or codes of one-time links.
"""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from traceback import extract_tb
from typing import Any

__all__ = ["TOLD", "JSONLines", "current_request", "logging_settings"]

TOLD = (
    *("request", "method", "route", "status", "ms", "user"),
    *("child", "pid", "pause_s", "seconds", "log", "size", "position", "seq", "job", "kind"),
    *("code", "attempt"),
)
"""Values that a line may carry beside its message."""

_OURS = ("tilth", "django_tasks_db")
"""Loggers whose messages hold numbers and words of the program only; so do gunicorn's at INFO."""
current_request: ContextVar[str] = ContextVar("request", default="")
"""Id of the request that is being answered; it goes into every line written meanwhile."""


class JSONLines(logging.Formatter):
    """Format a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; times are UTC to the millisecond."""
        at = datetime.fromtimestamp(record.created, UTC)
        ours = record.name.split(".", 1)[0] in _OURS or (
            record.name == "gunicorn.error" and record.levelno == logging.INFO
        )
        line: dict[str, Any] = {
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if ours else str(record.msg),
        }
        if current_request.get():
            line["request"] = current_request.get()
        for name in TOLD:
            value = getattr(record, name, None)
            if isinstance(value, str | int | float) and value != "":
                line[name] = value
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            codes = [one.code for one in getattr(record.exc_info[1], "problems", ())]
            if codes:
                line["code"] = " ".join(codes)
            frames = extract_tb(record.exc_info[2])
            line["where"] = [f"{_short(one.filename)}:{one.lineno} {one.name}" for one in frames]
        return json.dumps(line, ensure_ascii=False)


def _short(path: str) -> str:
    for mark in ("/site-packages/", "/src/"):
        if mark in path:
            return path.rsplit(mark, 1)[1]
    return path.rsplit("/", 1)[-1]


def logging_settings(level: str = "info") -> dict[str, Any]:
    """Settings for `logging.config.dictConfig`, the same in every process of a server."""
    upper = level.upper()
    quiet = {"level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "tilth.web.serving.logs.JSONLines"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "tilth": {"level": upper},
            "tilth.security": {"level": "INFO"},
            "gunicorn.error": {"level": upper, "handlers": [], "propagate": True},
            "gunicorn.access": quiet,
            "django": quiet,
            "django.request": {"level": "CRITICAL"},  # the line of `request_log` says it
            "django_tasks": quiet,
        },
    }
