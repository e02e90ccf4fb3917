"""Pages of the log's own check."""

from __future__ import annotations

import json
from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from tilth.core.problems import Problem, Refused
from tilth.service import log_check
from tilth.web.ledger import desk

__all__ = ["check", "checkpoint", "compare_older", "leaf_hashes", "statement"]


@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """Every log with its head, its key and whether this server could write in it."""
    return _page(request)


@require_http_methods(["GET", "POST"])
def compare_older(request: HttpRequest) -> HttpResponse:
    """Hold a checkpoint that somebody took away against the log."""
    note = request.POST.get("note", "")
    if request.method == "GET" or not note.strip():
        return _page(request)
    try:
        with desk(request) as session:
            older = log_check.compare(session, note)
    except Refused as refused:
        return _page(request, note=note, problems=refused.problems, status=422)
    return _page(request, note=note, older=older)


def _page(
    request: HttpRequest,
    *,
    note: str = "",
    older: log_check.Older | None = None,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> HttpResponse:
    with desk(request) as session:
        lines = log_check.log_lines(session)
    values = {
        "lines": lines,
        "written_here": [one for one in lines if one.written_here],
        "logs": [asdict(one) for one in lines],
        "note": note,
        "older": older,
        "older_value": asdict(older) if older else None,
        "problems": problems,
    }
    return render(request, "log/check.html", values, status=status)


@require_GET
def checkpoint(request: HttpRequest, log: str) -> HttpResponse:
    """The newest checkpoint of a log, to take away."""
    with desk(request) as session:
        found = next((one for one in log_check.log_lines(session) if one.log == log), None)
    if found is None or not found.note:
        raise Refused(Problem("log_not_here", log, {"log": log}))
    response = HttpResponse(found.note, content_type="text/plain; charset=utf-8")
    name = f"checkpoint-{log.replace('/', '-')}-{found.size}.txt"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
def leaf_hashes(request: HttpRequest, log: str) -> HttpResponse:
    """Leaf hashes from a place on, as bytes."""
    start = request.GET.get("start", "0")
    with desk(request) as session:
        data = log_check.leaves(session, log, int(start) if start.isdecimal() else 0)
    return HttpResponse(data, content_type="application/octet-stream")


@require_GET
def statement(request: HttpRequest, named: str) -> HttpResponse:
    """One statement with the proof of its place."""
    with desk(request) as session:
        proven = log_check.prove(session, named)
        line = next(one for one in log_check.log_lines(session) if one.log == proven.log)
    values = {
        "proven": proven,
        "content_text": json.dumps(proven.content, ensure_ascii=False, indent=1, sort_keys=True),
        "value": {
            name: value
            for name, value in {**asdict(proven), "verifier": line.verifier}.items()
            if name not in ("values", "content")
        },
    }
    return render(request, "log/statement.html", values)
