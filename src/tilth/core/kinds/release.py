"""Released areas: polygons that were cancelled, reduced or cleared."""

from __future__ import annotations

from tilth.core.kinds import lists_land as land
from tilth.core.kinds import lists_work as work
from tilth.core.kinds.ground import (
    DECLARED_AREA,
    DESCRIPTION,
    HAZARD,
    METHODS,
    POINT,
    SHAPE_HEADINGS,
    TASK,
)
from tilth.core.kinds.items import ITEMS, ITEMS_TOTAL
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import (
    IMSMA,
    MDR,
    PRACTICE,
    RULES,
    counts_by_sex_and_age,
    every,
    words,
)

__all__ = ["RELEASED_AREA"]

RELEASED_AREA = Kind(
    "released_area",
    1,
    "Released area",
    "Ground that was cancelled, reduced or cleared; nothing else takes ground out of the account.",
    fields=(
        *every("organisation"),
        Field(
            "name",
            FieldType.TEXT,
            "Name",
            longest=500,
            headings=words("name | nombre | nom | название | назва | الاسم"),
        ),
        Field(
            "release_type",
            FieldType.CODE,
            "Type of release",
            "Cancelled after non-technical survey, reduced after technical survey, or cleared.",
            clause=f"{MDR}: type of land release",
            codelist=land.RELEASE_TYPE,
            headings=words(
                "release_type | release type | type of release | land release | land release type "
                "| type | typearea | tipo de liberación | tipo | type de remise "
                "| тип освобождения | вид | тип звільнення | вид звільнення | نوع الإفراج | النوع"
            ),
        ),
        Field(
            "technical_asset",
            FieldType.CODE,
            "Technical asset",
            "Whether ground was reduced with a technical asset or without one.",
            clause=f"{IMSMA}: reduced area with or without technical asset",
            codelist=land.TECHNICAL_ASSET,
            headings=words("technical asset | with technical asset | reduced with asset"),
        ),
        HAZARD,
        TASK,
        Field(
            "teams",
            FieldType.TEXTS,
            "Teams",
            "Codes of the teams that did the work; never names.",
            clause=PRACTICE,
            headings=words("teams | team | equipos | équipes | команды | групи | الفرق"),
        ),
        Field(
            "assets",
            FieldType.TEXTS,
            "Assets",
            "Codes of the detectors, machines and animals used.",
            clause=f"{IMSMA}: deployed asset",
            headings=words("assets | deployed assets | asset codes | medios | moyens"),
        ),
        Field(
            "projects",
            FieldType.TEXTS,
            "Projects",
            "Codes of the projects it counts under; several are one combined key.",
            clause=PRACTICE,
            headings=words("projects | project | proyectos | proyecto | projets | projet | проект"),
        ),
        METHODS,
        Field(
            "coverage_percent",
            FieldType.DECIMAL,
            "Coverage",
            "Share of the polygon that was searched by the methods named.",
            clause=PRACTICE,
            unit="%",
            least="0",
            most="100",
            headings=words(
                "coverage | coverage percent | coverage % | cobertura | couverture | покрытие"
            ),
        ),
        Field(
            "depth_cm",
            FieldType.DECIMAL,
            "Depth",
            "Depth to which the ground was cleared; 0 for the surface alone.",
            clause=f"{MDR}: depth to which an area is cleared",
            minimum=True,
            unit="cm",
            least="0",
            most="10000",
            headings=words(
                "depth | depth cm | depth_cm | clearance depth | profundidad | profundidad cm "
                "| profondeur | глубина | глубина см | глибина | глибина см | العمق"
            ),
        ),
        Field(
            "search",
            FieldType.CODE,
            "Search",
            clause=f"{RULES} §3",
            codelist=land.SEARCH,
            headings=words("search | search type | búsqueda | recherche | поиск | пошук"),
        ),
        Field(
            "shape",
            FieldType.SHAPE,
            "Perimeter",
            clause=f"{MDR}: perimeter of cancelled, reduced and cleared areas",
            minimum=True,
            shapes=("Polygon",),
            headings=SHAPE_HEADINGS,
        ),
        Field(
            "benchmark",
            FieldType.SHAPE,
            "Benchmark",
            clause=f"{MDR}: benchmark of cancelled, reduced and cleared areas",
            minimum=True,
            shapes=("Point",),
            headings=words("benchmark | punto de referencia | point de repère | ориентир | репер"),
        ),
        POINT,
        DECLARED_AREA,
        Field(
            "extent",
            FieldType.CODE,
            "Extent",
            "The shape given, or the whole of the rings named in *whole of*.",
            clause=f"{RULES} §3: whole hazard, no polygon",
            codelist=land.EXTENT,
            headings=words("extent | alcance | étendue | охват"),
        ),
        Field(
            "whole_of",
            FieldType.TEXTS,
            "Whole of",
            "Hashes of the statements whose rings are meant.",
            clause=f"{RULES} §3: whole hazard, no polygon",
        ),
        Field(
            "not_searched_reason",
            FieldType.TEXT,
            "Reason for parts not searched",
            "Pond, grave, building; such parts stay remaining.",
            clause=f"{RULES} §3: hole, or part not searched",
            headings=words("not searched | reason not searched | no despejado | non fouillé"),
        ),
        Field(
            "criteria",
            FieldType.CODES,
            "Criteria for cancellation or reduction",
            clause=f"{IMSMA}: criteria for cancellation, criteria for reduction",
            codelist=work.RELEASE_CRITERION,
            headings=words("criteria | criterios | critères | критерии | критерії"),
        ),
        Field(
            "intended_use",
            FieldType.CODE,
            "Intended use",
            "What the ground is released for; the rule set may ask for more depth.",
            clause=f"{IMSMA}: intended land use",
            codelist=work.LAND_USE,
            headings=words("intended use | intended land use | uso previsto | utilisation prévue"),
        ),
        Field(
            "release_state",
            FieldType.CODE,
            "State of the release",
            "As the source states it; levels come from decisions, not from this field.",
            clause=f"{RULES} §5",
            codelist=land.RELEASE_STATE,
            headings=words("release state | release status | estado de liberación"),
        ),
        Field(
            "started_on",
            FieldType.DAY,
            "Work started on",
            clause=f"{MDR}: operational start date",
            headings=words(
                "start date | started on | from | fecha de inicio | date de début | дата начала "
                "| дата початку | تاريخ البدء"
            ),
        ),
        Field(
            "completion_report",
            FieldType.TEXT,
            "Completion report",
            "Identifier of the completion, cancellation or reduction report.",
            clause=f"{IMSMA}: completion report; IMAS 08.30",
            longest=200,
            headings=words("completion report | report no | informe final | rapport d'achèvement"),
        ),
        Field(
            "handed_over_on",
            FieldType.DAY,
            "Handed over on",
            clause="IMAS 08.30: handover certificate",
            headings=words(
                "handover date | handed over on | fecha de entrega | date de remise "
                "| дата передачи | дата передачі | تاريخ التسليم"
            ),
        ),
        Field(
            "land_use_after",
            FieldType.CODE,
            "Use after release",
            clause=PRACTICE,
            codelist=work.LAND_USE,
            headings=words("land use after | land use | uso posterior | utilisation"),
        ),
        DESCRIPTION,
        ITEMS,
        ITEMS_TOTAL,
        *counts_by_sex_and_age(
            "actual_direct", "Direct beneficiaries", f"{MDR}: confirmed beneficiaries of release"
        ),
        *counts_by_sex_and_age(
            "actual_indirect",
            "Indirect beneficiaries",
            f"{MDR}: confirmed beneficiaries of release",
        ),
    ),
    placed_by=("shape", "point", "benchmark", "place", "description", "hazard", "whole_of"),
    required=("release_type", "happened_on"),
)
