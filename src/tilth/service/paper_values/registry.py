"""Kinds of document: what each is about, who builds its value and who lays it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tilth.documents.layouts import completion as completion_pages
from tilth.documents.layouts import handover as handover_pages
from tilth.documents.layouts import operation as operation_pages
from tilth.documents.layouts import qa_visit as qa_visit_pages
from tilth.documents.layouts import release as release_pages
from tilth.documents.layouts import service as service_pages
from tilth.documents.layouts import situation as situation_pages
from tilth.documents.layouts import task_order as task_order_pages
from tilth.documents.paper import Paper
from tilth.documents.reader import Reader
from tilth.service.paper_values import (
    completion,
    handover,
    operation,
    qa_visit,
    release,
    service,
    situation,
    task_order,
)

__all__ = ["KINDS_OF_DOCUMENT", "DocumentKind"]


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document.

    Parameters
    ----------
    name
        As it is asked for on the command line and stands in the value.
    about
        Kind of the record it is made of; empty for the operation or a period of it.
    build
        ``build(session, subject, *, level, until)`` reads the value; nothing is written.
    layout
        ``layout(value, reader)`` puts the value on pages.
    """

    name: str
    about: str
    build: Callable[..., dict[str, Any]]
    layout: Callable[[Mapping[str, Any], Reader], Paper]


KINDS_OF_DOCUMENT: Mapping[str, DocumentKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            DocumentKind("task_order", "task", task_order.build, task_order_pages.layout),
            DocumentKind("situation_report", "", situation.build, situation_pages.layout),
            DocumentKind("qa_visit_report", "qm_visit", qa_visit.build, qa_visit_pages.layout),
            DocumentKind("completion_report", "task", completion.build, completion_pages.layout),
            DocumentKind("handover_certificate", "handover", handover.build, handover_pages.layout),
            DocumentKind("release_report", "released_area", release.build, release_pages.layout),
            DocumentKind(
                "operation_completion_report", "", operation.build, operation_pages.layout
            ),
            DocumentKind("service_record", "team", service.build, service_pages.layout),
        )
    }
)
