"""Marking of hazardous ground: signs and fences, with their state on a day."""

from __future__ import annotations

from dataclasses import replace

from tilth.core.kinds import lists_task as lists
from tilth.core.kinds.ground import DESCRIPTION, HAZARD, TASK
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import IMSMA, PRACTICE, every, words

__all__ = ["MARKING"]

MARKING = Kind(
    "marking",
    1,
    "Marking",
    "Signs, fence or other marking that stands around ground; it releases nothing.",
    fields=(
        *every("organisation"),
        replace(HAZARD, help="The hazard area it warns of."),
        TASK,
        Field(
            "marking_type",
            FieldType.CODE,
            "Type of marking",
            clause=f"{IMSMA}: marking method",
            minimum=True,
            codelist=lists.MARKING_TYPE,
            headings=words(
                "marking type | type of marking | tipo de señalización | type de marquage "
                "| вид маркировки | вид маркування"
            ),
        ),
        Field(
            "shape",
            FieldType.SHAPE,
            "Where",
            clause=f"{IMSMA}: marking",
            minimum=True,
            shapes=("Point", "LineString", "Polygon"),
            headings=words("geometry | geom | wkt | line | point | punto | línea | точка | линия"),
        ),
        Field(
            "signs",
            FieldType.INTEGER,
            "Signs",
            clause=PRACTICE,
            least="0",
            most="1000000",
            headings=words("signs | number of signs | señales | panneaux | знаки | عدد اللافتات"),
        ),
        Field(
            "state",
            FieldType.CODE,
            "State",
            clause=PRACTICE,
            minimum=True,
            codelist=lists.MARKING_STATE,
            headings=words("state | marking state | estado | état | состояние | стан | الحالة"),
        ),
        Field(
            "removed_on",
            FieldType.DAY,
            "Removed on",
            clause=PRACTICE,
            headings=words("removed on | date removed | fecha de retiro | date de retrait"),
        ),
        DESCRIPTION,
    ),
    required=("happened_on",),
)
