"""Task orders, and the moves of a task or a nonconformity from one state to the next."""

from __future__ import annotations

from dataclasses import replace

from tilth.core.kinds import lists_task as lists
from tilth.core.kinds.ground import (
    ASSETS,
    DESCRIPTION,
    HAZARD,
    METHODS,
    PROJECT,
    SHAPE_HEADINGS,
)
from tilth.core.kinds.handover import OVERRIDES
from tilth.core.kinds.lists_land import AREA_TYPE, SEARCH
from tilth.core.kinds.lists_work import LAND_USE, PRIORITY
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import IMSMA, MDR, PRACTICE, RULES, every, words
from tilth.core.kinds.work import ACTIVITY

__all__ = ["EXPLOSIVE", "STATUS_CHANGE", "TASK_KIND", "UNIT"]

_DOSSIER = f"task order and dossier; {PRACTICE}"

EXPLOSIVE = Field(
    "explosive",
    FieldType.TEXT,
    "Explosive",
    "Name of the explosive or means of initiation, the same on every paper.",
    clause=PRACTICE,
    longest=200,
    headings=words(
        "explosive | explosives | type of explosive | explosivo | explosif | взрывчатое вещество "
        "| вв | вибухова речовина | متفجرات"
    ),
)
UNIT = Field(
    "unit",
    FieldType.CODE,
    "Unit",
    clause=PRACTICE,
    codelist=lists.EXPLOSIVE_UNIT,
    headings=words("unit | unidad | unité | единица | одиниця | الوحدة"),
)
_QUANTITY = Field(
    "quantity",
    FieldType.DECIMAL,
    "Quantity",
    clause=_DOSSIER,
    least="0",
    most="1000000000",
    headings=words("quantity | amount | cantidad | quantité | количество | кількість | الكمية"),
)


def _plan(name: str, label: str, help: str, heads: str) -> Field:
    return Field(name, FieldType.TEXT, label, help, clause=_DOSSIER, headings=words(heads))


TASK_KIND = Kind(
    "task",
    1,
    "Task",
    "An order to one organisation to do one activity on one hazard area, with its dossier.",
    fields=(
        *every(),
        Field(
            "order_number",
            FieldType.TEXT,
            "Order number",
            clause=f"{IMSMA}: tasks",
            minimum=True,
            longest=200,
            headings=words(
                "order number | task order number | order no | número de orden | numéro d'ordre "
                "| номер приказа | номер наказу | رقم الأمر"
            ),
        ),
        replace(
            HAZARD,
            help="The hazard area that the order is about.",
            minimum=True,
        ),
        Field(
            "assigned_to",
            FieldType.TEXT,
            "Assigned to",
            "Code of the organisation that is to do it.",
            clause=f"{MDR}: implementing organisation",
            minimum=True,
            longest=200,
            headings=words(
                "assigned to | tasked organisation | tasked organization | asignado a | assigné à "
                "| исполнитель | виконавець | مكلف"
            ),
        ),
        Field(
            "teams",
            FieldType.TEXTS,
            "Teams",
            "Codes of the teams; never names.",
            clause=_DOSSIER,
            minimum=True,
            headings=words("teams | team | equipos | équipes | команды | групи | الفرق"),
        ),
        ASSETS,
        replace(ACTIVITY, minimum=True),
        replace(METHODS, help="Methods that the order allows."),
        Field(
            "hazard_types",
            FieldType.CODES,
            "Types of contamination",
            "What the teams must be accredited for.",
            clause=f"{IMSMA}: type of contamination",
            codelist=AREA_TYPE,
            headings=words(
                "hazard type | hazard types | type of contamination | tipo de contaminación "
                "| type de contamination | вид загрязнения | вид забруднення | نوع التلوث"
            ),
        ),
        Field(
            "required_depth_cm",
            FieldType.DECIMAL,
            "Required depth",
            "Depth to which clearance must reach here.",
            clause="IMAS 04.10: clearance to a specified depth",
            unit="cm",
            least="0",
            most="10000",
            headings=words(
                "required depth | depth required | profundidad requerida | profondeur requise "
                "| требуемая глубина | необхідна глибина | العمق المطلوب"
            ),
        ),
        Field(
            "required_search",
            FieldType.CODE,
            "Required search",
            "Surface only, or beneath it too.",
            clause=f"{RULES} §3",
            codelist=SEARCH,
            headings=words("required search | search required"),
        ),
        Field(
            "shape",
            FieldType.SHAPE,
            "Worksite",
            "Ground that the order covers; without it, the whole hazard area.",
            clause=f"{MDR}: reference point of all activities",
            shapes=("Polygon",),
            headings=SHAPE_HEADINGS,
        ),
        _plan("marking", "Marking", "How the worksite is to be marked.", "marking | señalización"),
        _plan(
            "medical_plan",
            "Medical plan",
            "Who gives first care, with what, where.",
            "medical plan | plan médico | plan médical | медицинский план | медичний план",
        ),
        _plan(
            "evacuation_plan",
            "Evacuation plan",
            "Route, vehicle and hospital.",
            "evacuation plan | medevac | casevac | plan de evacuación | plan d'évacuation",
        ),
        Field(
            "evacuation_minutes",
            FieldType.INTEGER,
            "Minutes to the hospital",
            clause=_DOSSIER,
            unit="min",
            least="0",
            most="100000",
            headings=words("evacuation minutes | minutes to hospital | evacuation time"),
        ),
        Field(
            "explosives_allotted",
            FieldType.LINES,
            "Explosives allotted",
            "What may be drawn for this task, at most.",
            clause=_DOSSIER,
            longest=1000,
            fields=(replace(EXPLOSIVE, minimum=True), UNIT, replace(_QUANTITY, minimum=True)),
        ),
        Field(
            "planned_from",
            FieldType.DAY,
            "Planned from",
            clause=f"{MDR}: start and end date",
            future=True,
            headings=words("planned from | planned start | inicio previsto | début prévu"),
        ),
        Field(
            "planned_to",
            FieldType.DAY,
            "Planned to",
            clause=f"{MDR}: start and end date",
            future=True,
            headings=words("planned to | planned end | fin previsto | fin prévue"),
        ),
        Field(
            "continues",
            FieldType.RECORD,
            "Continues",
            "The order of another organisation that this one takes over.",
            clause=PRACTICE,
            refers_to="task",
            longest=500,
            headings=words("continues | takes over | continúa | reprend"),
        ),
        PROJECT,
        Field(
            "intended_use",
            FieldType.CODE,
            "Intended use of the land",
            clause=f"{IMSMA}: intended land use",
            codelist=LAND_USE,
            headings=words("intended use | intended land use | uso previsto | usage prévu"),
        ),
        Field(
            "priority",
            FieldType.CODE,
            "Priority",
            clause=f"{IMSMA}: priority",
            codelist=PRIORITY,
            headings=words("priority | prioridad | priorité | приоритет | пріоритет | الأولوية"),
        ),
        Field(
            "map_reference",
            FieldType.TEXT,
            "Map",
            "Sheet and edition of the map in the dossier.",
            clause=_DOSSIER,
            longest=500,
            headings=words("map reference | map | map sheet | mapa | carte | карта | خريطة"),
        ),
        DESCRIPTION,
    ),
    required=("happened_on",),
)


def _text(name: str, label: str, help: str = "", *, minimum: bool = False) -> Field:
    clause = f"{RULES}: moves"
    return Field(name, FieldType.TEXT, label, help, clause=clause, minimum=minimum, longest=500)


STATUS_CHANGE = Kind(
    "status_change",
    1,
    "Change of status",
    "One move of a task or a nonconformity, in the log of who makes it.",
    fields=(
        *every(),
        Field(
            "axis",
            FieldType.CODE,
            "Axis",
            "Which state is moved.",
            clause=f"{RULES}: moves",
            minimum=True,
            codelist=lists.STATUS_AXIS,
        ),
        Field(
            "subject",
            FieldType.RECORD,
            "Subject",
            "Full id of the task or nonconformity.",
            clause=f"{RULES}: moves",
            minimum=True,
            longest=500,
        ),
        _text("move", "Move", "As in the table of moves.", minimum=True),
        _text("from_state", "From", "State that whoever moved it saw."),
        _text("to_state", "To", "State that the move leads to."),
        _text(
            "follows",
            "Follows",
            "Full id of the change before; left out for the first.",
        ),
        Field(
            "reason",
            FieldType.TEXT,
            "Reason",
            clause=f"{IMSMA}: status changed reason",
            headings=words("reason | motivo | motif | причина | السبب"),
        ),
        Field(
            "cause",
            FieldType.CODE,
            "Cause",
            clause=f"{IMSMA}: status changed reason",
            codelist=lists.STATUS_CAUSE,
            headings=words("cause | causa"),
        ),
        OVERRIDES,
        _text("rule_set", "Rule set", "Name, version and SHA-256 of the rule set followed."),
    ),
    required=("happened_on", "axis", "subject", "move"),
)
