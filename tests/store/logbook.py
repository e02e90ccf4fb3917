"""Small kinds, statements and keys for the tests of the stores."""

import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tilth.core import statement
from tilth.core.checkpoint import Checkpoint, checkpoint_text, sign_note
from tilth.core.keyring import log_origin
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.statement import Header
from tilth.store.protocol import Draft
from tilth.store.sealing import Growth, Sealer
from tilth.store.verify import Trust

OPERATION, ORGANISATION, OTHER = "0a" * 16, "1b" * 16, "2c" * 16
LOG = log_origin(OPERATION, ORGANISATION, 1)
OTHER_LOG = log_origin(OPERATION, OTHER, 1)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
TRUST = Trust(ORGANISATION, {LOG: PUBLIC, OTHER_LOG: PUBLIC}, (PUBLIC,))


def sign_checkpoint(growth: Growth) -> str:
    head = Checkpoint(growth.log, growth.after.size, growth.after.root)
    return sign_note(checkpoint_text(head), [(growth.log, KEY)])


SEALER = Sealer(sign_checkpoint, KEY.sign)


def field(name: str, kind: FieldType, **more: Any) -> Field:
    return Field(name, kind, name.replace("_", " "), **more)


LINE_FIELDS = (
    field("line_id", FieldType.TEXT),
    field("position", FieldType.SHAPE),
    field("quantity", FieldType.INTEGER),
    field("weight_kg", FieldType.DECIMAL),
    field("fuzed", FieldType.BOOLEAN),
    field("marks", FieldType.TEXTS),
)
PATCH = Kind(
    "patch",
    2,
    "Patch",
    "A piece of ground, for the tests.",
    (
        field("local_id", FieldType.TEXT),
        field("happened_on", FieldType.DAY),
        field("organisation", FieldType.TEXT),
        field("seen_at", FieldType.TIME),
        field("classification", FieldType.CODE),
        field("methods", FieldType.CODES),
        field("declared_area_m2", FieldType.DECIMAL),
        field("people", FieldType.INTEGER),
        field("replaced", FieldType.BOOLEAN),
        field("parent", FieldType.RECORD),
        field("parents", FieldType.RECORDS),
        field("notes", FieldType.TEXTS),
        field("shape", FieldType.SHAPE),
        field("point", FieldType.SHAPE),
        field("items", FieldType.LINES, fields=LINE_FIELDS),
        field(
            "finds",
            FieldType.LINES,
            fields=(field("line_id", FieldType.TEXT), field("position", FieldType.SHAPE)),
        ),
        field(
            "stoppages",
            FieldType.LINES,
            fields=(field("cause", FieldType.CODE), field("hours", FieldType.DECIMAL)),
        ),
    ),
    # version 1 called the organisation "operator"
    upgrades={1: lambda old: {**old, "organisation": old.get("operator")}},
)
PERSON = Kind(
    "person",
    1,
    "Person",
    "Personal data, for the tests.",
    (field("local_id", FieldType.TEXT), field("name", FieldType.TEXT)),
    protected=True,
)
KINDS = {kind.name: kind for kind in (PATCH, PERSON)}

NANO = 10**9


def square(west: float, south: float, side: float = 1.0) -> dict[str, Any]:
    """A square in degrees, in canonical form."""
    corners = [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]
    ring = [[round((west + x) * NANO), round((south + y) * NANO)] for x, y in corners]
    return {"type": "Polygon", "coordinates": [ring]}


def patch_fields(number: int) -> dict[str, Any]:
    """A patch with a value in every field; patches lie in a row along the equator."""
    return {
        "local_id": f"P-{number}",
        "happened_on": f"2026-03-{1 + number % 28:02d}",
        "organisation": "NPA" if number % 2 else "DCA",
        "seen_at": "2026-03-01T08:00:00Z",
        "classification": "CHA",
        "methods": ["manual", "dog"],
        "declared_area_m2": f"{number}0.50",
        "people": number,
        "replaced": number % 2 == 0,
        "parent": "P-0",
        "parents": ["P-0", "P-00"],
        "notes": ["мінне поле", 'quoted "so"'],
        "shape": square(2 * number, 0),
        "point": {"type": "Point", "coordinates": [2 * number * NANO, 0]},
        "items": [
            {"line_id": f"{number}#1", "quantity": 3, "weight_kg": "0.10", "fuzed": True},
            {
                "line_id": f"{number}#2",
                "marks": ["a", "b"],
                "position": {"type": "Point", "coordinates": [1, -1]},
            },
        ],
        "finds": [
            {"line_id": "a"},
            {"line_id": "b", "position": {"type": "Point", "coordinates": [number, 2]}},
        ],
        "stoppages": [{"cause": "rain", "hours": "1.50"}],
    }


def draft(
    fields: Mapping[str, Any] | None,
    *,
    act: str = "record",
    kind: str = "patch",
    local_id: str = "",
    record: str | None = None,
    organisation: str = ORGANISATION,
    nonce: str = "",
    withheld: bool = False,
    **header: Any,
) -> Draft:
    """A statement; its nonce follows from what it says, so that runs repeat."""
    said = dict(fields or {})
    salt = nonce or hashlib.sha256(repr((said, act, kind, local_id, header)).encode()).hexdigest()
    content = statement.content_bytes(said, salt[:32])
    if record is None:
        name = local_id or said.get("local_id", "")
        record = statement.record_id(organisation, kind, name) if name else ""
    kind_versions = {"patch": 2, "person": 1}
    header = {
        "kind_version": kind_versions.get(kind, 1),
        "said_at": "2026-04-01T12:00:00Z",
        "actor": "A1",
        "epoch": 1,
        **header,
    }
    made = Header(
        format=statement.FORMAT,
        operation=OPERATION,
        organisation=organisation,
        act=act,
        kind=kind,
        record=record,
        content=hashlib.sha256(content).hexdigest(),
        **header,
    )
    return Draft(statement.header_bytes(made), None if withheld else content)


def patch(number: int, **header: Any) -> Draft:
    return draft(patch_fields(number), **header)


def patches(count: int, start: int = 0) -> list[Draft]:
    return [patch(number) for number in range(start, start + count)]


def hash_of(one: Draft) -> str:
    return statement.statement_hash(one.header)
