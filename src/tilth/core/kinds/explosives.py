"""Explosives for demolition: drawn for a task, brought back, used, by day and by lot.

Tilth counts them and ties them to what they destroyed; it holds no instruction for their use.
"""

from __future__ import annotations

from dataclasses import replace

from tilth.core.kinds.ground import TASK
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import MDR, PRACTICE, every, words
from tilth.core.kinds.task import EXPLOSIVE, UNIT

__all__ = ["EXPLOSIVES_ISSUE", "EXPLOSIVES_RETURN", "EXPLOSIVES_USE"]

_STORES = f"accounting for demolition stores; {PRACTICE}"

_QUANTITY = Field(
    "quantity",
    FieldType.DECIMAL,
    "Quantity",
    clause=_STORES,
    minimum=True,
    least="0",
    most="1000000000",
    headings=words("quantity | amount | cantidad | quantité | количество | кількість | الكمية"),
)
_FIELDS = (
    *every("organisation"),
    replace(TASK, help="The task it was drawn for.", minimum=True),
    replace(EXPLOSIVE, minimum=True),
    replace(UNIT, minimum=True),
    _QUANTITY,
    Field(
        "lot",
        FieldType.TEXT,
        "Lot",
        clause=_STORES,
        longest=200,
        headings=words("lot | batch | lote | партия | партія | دفعة"),
    ),
    Field(
        "store",
        FieldType.TEXT,
        "Store",
        "Code of the magazine or store.",
        clause=_STORES,
        longest=200,
        headings=words("store | magazine | depot | polvorín | dépôt | склад | مستودع"),
    ),
    Field(
        "by",
        FieldType.TEXT,
        "By",
        "Code of the person who signs; never a name.",
        clause=_STORES,
        longest=100,
        headings=words("by | signed by | received by | firmado por | signé par"),
    ),
)
_REQUIRED = ("happened_on", "explosive", "quantity")

EXPLOSIVES_ISSUE = Kind(
    "explosives_issue",
    1,
    "Explosives issued",
    "Explosives that left the store for a task.",
    fields=_FIELDS,
    required=_REQUIRED,
)
EXPLOSIVES_RETURN = Kind(
    "explosives_return",
    1,
    "Explosives returned",
    "Explosives of a task that went back to the store.",
    fields=_FIELDS,
    required=_REQUIRED,
)
EXPLOSIVES_USE = Kind(
    "explosives_use",
    1,
    "Explosives used",
    "A line of the demolition log: what was used, and which items of which reports it destroyed.",
    fields=(
        *_FIELDS,
        Field(
            "charges",
            FieldType.LINES,
            "Charges",
            "One for each item line that was destroyed with it.",
            clause=f"{MDR}: disposal method; {_STORES}",
            longest=10_000,
            fields=(
                Field(
                    "report",
                    FieldType.TEXT,
                    "Report",
                    "Id of the report that holds the item.",
                    minimum=True,
                    longest=500,
                    clause=_STORES,
                ),
                Field(
                    "line_id",
                    FieldType.TEXT,
                    "Item line",
                    "Its line id in that report; left out where one charge was for all of them.",
                    longest=200,
                ),
                Field(
                    "quantity",
                    FieldType.DECIMAL,
                    "Quantity",
                    "How much of the explosive, in the unit of the record.",
                    least="0",
                    most="1000000000",
                ),
            ),
        ),
    ),
    required=_REQUIRED,
)
