"""Words of states, moves and documents, so that they are translated."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

__all__ = ["DOCUMENTS", "DOCUMENT_STATES", "MOVES", "STATES"]

STATES: dict[str, Any] = {
    "planned": _("planned"),
    "issued": _("issued"),
    "worked_on": _("worked on"),
    "suspended": _("suspended"),
    "work_complete": _("work complete"),
    "reopened": _("reopened"),
    "accepted": _("accepted"),
    "handed_over": _("handed over"),
    "cancelled": _("cancelled"),
    "abandoned": _("abandoned"),
    "open": _("open"),
    "action_taken": _("action taken"),
    "closed": _("closed"),
}

MOVES: dict[str, Any] = {
    "issue": _("Issue the order"),
    "start": _("Start work"),
    "suspend": _("Suspend"),
    "resume": _("Resume"),
    "complete": _("Report work complete"),
    "accept": _("Accept the work"),
    "reopen": _("Reopen"),
    "cancel": _("Cancel the order"),
    "abandon": _("Abandon"),
    "hand_over": _("Hand over to another order"),
    "act": _("Say what was done about it"),
    "close": _("Close it"),
}

DOCUMENTS: dict[str, Any] = {
    "task_order": _("Task order"),
    "situation_report": _("Situation report"),
    "qa_visit_report": _("Report of a quality visit"),
    "completion_report": _("Completion report"),
    "handover_certificate": _("Handover certificate"),
    "operation_completion_report": _("Completion report of the operation"),
    "release_report": _("Report of released land"),
    "service_record": _("Service record"),
}
DOCUMENT_STATES: dict[str, Any] = {
    "issued": _("issued, and stands"),
    "superseded": _("superseded by a newer one"),
    "revoked": _("revoked: it is no longer good"),
    "unknown": _("unknown: nobody here issued it"),
}
