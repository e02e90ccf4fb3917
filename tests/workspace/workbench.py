"""A workspace to try things on, and statements to put into it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tilth.core import canonical, statement
from tilth.core.keyring import split_origin
from tilth.store.protocol import Draft
from tilth.store.workspace import Workspace


def make(path: Path, **given: Any) -> Workspace:
    asked = {"operation_name": "Strip 7", "organisation_name": "Own", "synthetic": True, **given}
    return Workspace.create(path, **asked)


def drafted(workspace: Workspace, local_id: str, *, log: str = "", **given: Any) -> Draft:
    """First statement of a hazard area, or what ``given`` says otherwise."""
    origin = log or workspace.log
    operation, organisation, epoch = split_origin(origin)
    kind = given.pop("kind", "hazard_area")
    fields = given.pop("fields", {"local_id": local_id, "name": f"Field {local_id}"})
    content = statement.content_bytes(fields, workspace.nonce())
    header = {
        "format": statement.FORMAT,
        "operation": operation,
        "organisation": organisation,
        "epoch": epoch,
        "act": "record",
        "kind": kind,
        "record": statement.record_id(organisation, kind, local_id),
        "said_at": workspace.now(),
        "actor": "t1",
        "synthetic": workspace.settings.synthetic,
        "content": canonical.sha256(content),
        **given,
    }
    return Draft(statement.header_bytes(statement.Header(**header)), content)
