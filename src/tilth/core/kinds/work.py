"""Work: a team's day, a spot task, a declared summary of a period."""

from __future__ import annotations

from dataclasses import replace

from tilth.core.kinds import lists_work as lists
from tilth.core.kinds.ground import (
    ASSETS,
    DECLARED_AREA,
    DESCRIPTION,
    HAZARD,
    METHODS,
    POINT,
    PROJECT,
    SHAPE_HEADINGS,
    TASK,
)
from tilth.core.kinds.items import ITEMS, ITEMS_TOTAL
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import IMSMA, MDR, PRACTICE, RULES, every, words

__all__ = ["CLEARANCE_REPORT", "CLEARANCE_SUMMARY", "SPOT_TASK"]

_AREA_HEADINGS = words(
    "processed area | processed area m2 | area processed | m2 processed | area cleared "
    "| m2 cleared "
    "| cleared m2 | area | area m2 | daily m2 | área procesada | metros cuadrados | superficie "
    "| surface traitée | обработанная площадь | площадь | оброблена площа | площа | المساحة"
)
_HOURS_HEADINGS = words("hours | hours worked | horas | heures | часы | години | الساعات | ساعات")

ACTIVITY = Field(
    "activity",
    FieldType.CODE,
    "Activity",
    clause=f"{MDR}: activity; {IMSMA}: classes of activity",
    codelist=lists.ACTIVITY,
    headings=words(
        "activity | activity type | type of activity | actividad | activité | деятельность "
        "| вид работ "
        "| діяльність | вид робіт | النشاط"
    ),
)
TEAM = Field(
    "team",
    FieldType.TEXT,
    "Team",
    "Code of the team; never names.",
    clause=PRACTICE,
    longest=200,
    headings=words("team | team id | equipo | équipe | команда | группа | група | الفريق"),
)

_WORK = Field(
    "work",
    FieldType.LINES,
    "Work by method",
    "One line for each method; their areas may overlap, since each is processed land.",
    clause=f"{MDR}: operational method; {RULES} §3",
    longest=1000,
    fields=(
        Field(
            "method",
            FieldType.CODE,
            "Method",
            minimum=True,
            codelist=lists.METHOD,
            headings=words("method | método | méthode | метод | الطريقة"),
        ),
        Field(
            "processed_area_m2",
            FieldType.DECIMAL,
            "Area processed",
            unit="m2",
            least="0",
            headings=_AREA_HEADINGS,
        ),
        Field(
            "hours",
            FieldType.DECIMAL,
            "Hours",
            unit="h",
            least="0",
            most="100000",
            headings=_HOURS_HEADINGS,
        ),
        Field("shape", FieldType.SHAPE, "Perimeter", shapes=("Polygon",)),
    ),
)
_STOPPAGES = Field(
    "stoppages",
    FieldType.LINES,
    "Stoppages",
    clause=PRACTICE,
    longest=1000,
    fields=(
        Field(
            "cause",
            FieldType.CODE,
            "Cause",
            minimum=True,
            codelist=lists.STOPPAGE_CAUSE,
            headings=words("stoppage cause | cause | causa | причина | السبب"),
        ),
        Field(
            "hours",
            FieldType.DECIMAL,
            "Hours",
            unit="h",
            least="0",
            most="100000",
            headings=words("stoppage hours | hours lost | downtime | horas perdidas | простой"),
        ),
    ),
)

CLEARANCE_REPORT = Kind(
    "clearance_report",
    1,
    "Clearance report",
    "What one team did on one day or in one week: land processed, hours, stoppages, items. "
    "It releases nothing.",
    fields=(
        *every("organisation"),
        replace(TEAM, minimum=True),
        ACTIVITY,
        TASK,
        HAZARD,
        METHODS,
        ASSETS,
        PROJECT,
        Field(
            "shape",
            FieldType.SHAPE,
            "Ground processed",
            clause=f"{MDR}: perimeter",
            shapes=("Polygon",),
            headings=SHAPE_HEADINGS,
        ),
        replace(POINT, minimum=True, clause=f"{MDR}: reference point of all activities"),
        Field(
            "processed_area_m2",
            FieldType.DECIMAL,
            "Declared area processed",
            "As the paper states it.",
            clause=PRACTICE,
            unit="m2",
            least="0",
            headings=_AREA_HEADINGS,
        ),
        Field(
            "depth_cm",
            FieldType.DECIMAL,
            "Depth",
            clause=f"{MDR}: depth to which an area is cleared",
            unit="cm",
            least="0",
            most="10000",
            headings=words(
                "depth | depth cm | profundidad | profondeur | глубина | глибина | العمق"
            ),
        ),
        Field(
            "period_to",
            FieldType.DAY,
            "Last day",
            "For a report on several days; *happened on* is then the first.",
            clause=f"{MDR}: start and end date",
            headings=words("to | end date | until | hasta | fecha final | date de fin | по | до"),
        ),
        Field(
            "hours",
            FieldType.DECIMAL,
            "Hours worked",
            "Hours of the team on task.",
            clause=f"{IMSMA}: hours spent",
            unit="h",
            least="0",
            most="100000",
            headings=_HOURS_HEADINGS,
        ),
        Field(
            "personnel",
            FieldType.INTEGER,
            "People at work",
            clause=PRACTICE,
            least="0",
            most="100000",
            headings=words(
                "personnel | deminers | number of deminers | staff | personal | desminadores "
                "| démineurs | effectif | саперы | сапери | персонал | العدد"
            ),
        ),
        Field(
            "clutter_count",
            FieldType.INTEGER,
            "Pieces of metal removed",
            clause=PRACTICE,
            least="0",
            headings=words(
                "clutter | scrap | metal pieces | fragments | chatarra | металл | метал"
            ),
        ),
        Field(
            "weather",
            FieldType.TEXT,
            "Weather",
            clause=PRACTICE,
            longest=500,
            headings=words("weather | clima | tiempo | météo | погода | الطقس"),
        ),
        Field(
            "terrain",
            FieldType.CODE,
            "Terrain",
            clause=f"{IMSMA}: terrain category",
            codelist=lists.TERRAIN,
            headings=words("terrain | terreno | местность | рельеф | рельєф | التضاريس"),
        ),
        Field(
            "vegetation",
            FieldType.CODE,
            "Vegetation",
            clause=f"{IMSMA}: vegetation density",
            codelist=lists.VEGETATION,
            headings=words("vegetation | vegetación | végétation | растительность | рослинність"),
        ),
        _WORK,
        _STOPPAGES,
        ITEMS,
        ITEMS_TOTAL,
    ),
    required=("happened_on",),
)

SPOT_TASK = Kind(
    "spot_task",
    1,
    "EOD spot task",
    "One or few items dealt with at a place outside area clearance; releases nothing.",
    fields=(
        *every("organisation"),
        TEAM,
        TASK,
        ASSETS,
        PROJECT,
        Field(
            "shape",
            FieldType.SHAPE,
            "Where",
            clause=f"{MDR}: reference point of all activities",
            minimum=True,
            shapes=("Point", "Polygon"),
            headings=words("point | geometry | location | punto | точка | نقطة"),
        ),
        HAZARD,
        Field(
            "occasion",
            FieldType.TEXT,
            "Occasion",
            "How the task arose, such as a call, a find outside hazardous areas, damaged stock.",
            clause="IMAS 04.10: explosive ordnance disposal",
            longest=500,
            headings=words("occasion | reason | motivo | motif | причина"),
        ),
        Field(
            "reported_by",
            FieldType.TEXT,
            "Reported by",
            "Role or code; the name of an informant is not recorded here.",
            clause=f"{IMSMA}: spot task",
            longest=200,
            headings=words("reported by | informado por | signalé par | кто сообщил | повідомив"),
        ),
        Field(
            "reported_on",
            FieldType.DAY,
            "Reported on",
            clause=PRACTICE,
            headings=words("reported on | date reported | fecha de reporte | дата сообщения"),
        ),
        Field(
            "hours",
            FieldType.DECIMAL,
            "Hours worked",
            clause=f"{IMSMA}: hours spent",
            unit="h",
            least="0",
            most="100000",
            headings=_HOURS_HEADINGS,
        ),
        DESCRIPTION,
        ITEMS,
        ITEMS_TOTAL,
    ),
    required=("happened_on",),
)

CLEARANCE_SUMMARY = Kind(
    "clearance_summary",
    1,
    "Clearance summary",
    "Totals declared for a period and a place, without polygons; compared, never added to reports.",
    fields=(
        *every("organisation", "place"),
        Field(
            "period_from",
            FieldType.DAY,
            "From",
            clause=f"{MDR}: start date",
            minimum=True,
            headings=words("from | start date | period from | desde | du | с | від | من"),
        ),
        Field(
            "period_to",
            FieldType.DAY,
            "To",
            clause=f"{MDR}: end date",
            minimum=True,
            headings=words("to | end date | period to | hasta | au | по | до | إلى"),
        ),
        ACTIVITY,
        Field(
            "programme",
            FieldType.TEXT,
            "Programme",
            "Type of operation as the source names it.",
            longest=200,
            headings=words("programme | program | tipodesminado | tipo de desminado | programa"),
        ),
        HAZARD,
        replace(METHODS, minimum=False),
        replace(DECLARED_AREA, minimum=True),
        DESCRIPTION,
        ITEMS,
        ITEMS_TOTAL,
    ),
    required=("happened_on",),
)
