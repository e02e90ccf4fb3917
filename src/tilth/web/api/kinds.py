"""Kinds of records and their fields, as JSON Schema."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from tilth.core.kinds.schema import json_schema
from tilth.core.roles import allows
from tilth.web.api.answering import head, responses
from tilth.web.api.entrance import reading
from tilth.web.api.schemas import Answer, Name

__all__ = ["router"]

router = Router(tags=["kinds"])


class KindLine(Schema):
    """A kind of record."""

    name: str
    version: int
    label: str
    help: str
    protected: bool = Field(description="Of people: each view is noted.")
    may_record: bool = Field(description="Whether your roles may say a new one.")


class KindsAnswer(Answer):
    """All kinds of this operation, with its national ones."""

    kinds: list[KindLine]


class KindAnswer(Answer):
    """A kind with the schema of its fields."""

    name: str
    version: int
    definition: dict[str, Any] = Field(description="JSON Schema, draft 2020-12.")


@router.get("/kinds", response=responses(KindsAnswer), summary="Kinds of records")
def kinds(request: HttpRequest, response: HttpResponse) -> Any:
    """Every kind, in the order of the reference."""
    with reading(request, response) as session:
        return {
            **head(session),
            "kinds": [
                {
                    **{name: getattr(one, name) for name in ("name", "version", "label", "help")},
                    "protected": one.protected,
                    "may_record": allows(session.roles, "record", one.name),
                }
                for one in session.kinds.values()
            ],
        }


@router.get("/kinds/{kind}", response=responses(KindAnswer), summary="Fields of a kind")
def kind(
    request: HttpRequest,
    response: HttpResponse,
    kind: Name,
    of: Literal["record", "revision"] = "record",
) -> Any:
    """Fields in the form in which they stand in the log, for a record or for an event of one."""
    with reading(request, response) as session:
        found = session.kind(kind)
        return {
            **head(session),
            "name": found.name,
            "version": found.version,
            "definition": json_schema(found, partial=of == "revision"),
        }
