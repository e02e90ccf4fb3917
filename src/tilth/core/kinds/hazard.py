"""Hazard areas: ground suspected or confirmed to hold explosive ordnance."""

from __future__ import annotations

from tilth.core.kinds import lists_land as land
from tilth.core.kinds import lists_work as work
from tilth.core.kinds.ground import DECLARED_AREA, DESCRIPTION, POINT, SHAPE_HEADINGS
from tilth.core.kinds.lists_items import CATEGORY
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import (
    IMSMA,
    MDR,
    PRACTICE,
    RULES,
    SYRIA,
    counts_by_sex_and_age,
    every,
    words,
)

__all__ = ["HAZARD_AREA"]

HAZARD_AREA = Kind(
    "hazard_area",
    1,
    "Hazard area",
    "Ground suspected or confirmed to hold explosive ordnance.",
    fields=(
        *every(),
        Field(
            "name",
            FieldType.TEXT,
            "Name",
            clause=f"{IMSMA}: Land",
            longest=500,
            headings=words(
                "name | hazard name | area name | nombre | nom | название | назва | الاسم "
                "| hazard_nam | area_name"
            ),
        ),
        Field(
            "classification",
            FieldType.CODE,
            "Classification",
            "Direct evidence makes ground confirmed, indirect evidence suspected.",
            clause=f"{MDR}: type of area; IMAS 04.10: confirmed hazardous area",
            minimum=True,
            codelist=land.CLASSIFICATION,
            headings=words(
                "classification | class | hazard class | type | type of area | typearea "
                "| area type "
                "| hazard_cla | hazardclas | hazard_type | sha/cha | clasificación | clase | tipo "
                "| tipo de área | classement | catégorie de zone | тип | классификация "
                "| тип района | класифікація | тип ділянки | التصنيف | نوع المنطقة"
            ),
        ),
        Field(
            "area_type",
            FieldType.CODE,
            "Type of contamination",
            clause=f"{IMSMA}: type of contamination",
            codelist=land.AREA_TYPE,
            headings=words(
                "hazard type | hazard_typ | type of contamination | contamination type "
                "| type of minefield | tipo de contaminación | type de contamination "
                "| тип загрязнения | тип забруднення | نوع التلوث"
            ),
        ),
        Field(
            "shape",
            FieldType.SHAPE,
            "Perimeter",
            clause=f"{MDR}: perimeter coordinates",
            minimum=True,
            shapes=("Polygon",),
            headings=SHAPE_HEADINGS,
        ),
        POINT,
        Field(
            "benchmark",
            FieldType.SHAPE,
            "Benchmark",
            "Close to the area and outside it, found again by survey.",
            clause=f"{MDR}: benchmark coordinates",
            minimum=True,
            shapes=("Point",),
            headings=words("benchmark | punto de referencia | point de repère | ориентир | репер"),
        ),
        DECLARED_AREA,
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
            codelist=land.SEARCH,
            headings=words("required search | search required"),
        ),
        Field(
            "parents",
            FieldType.RECORDS,
            "Parents",
            "Hazard areas that this one was split from or merged out of.",
            clause=f"{RULES} §3: split, merge",
            refers_to="hazard_area",
            headings=words("parent | parents | parent id | split from | merged from"),
        ),
        Field(
            "replaced",
            FieldType.BOOLEAN,
            "Replaced by its children",
            clause=f"{RULES} §3: split, merge",
            headings=words("replaced | superseded"),
        ),
        Field(
            "work_status",
            FieldType.CODE,
            "Status of work",
            "How far work has come; moves no ground.",
            clause="one of three axes of status",
            codelist=land.WORK_STATUS,
            headings=words("work status | estado del trabajo | état des travaux"),
        ),
        Field(
            "release_claim",
            FieldType.CODE,
            "Release claimed by the status",
            "What the entered word says of release; only a released area releases ground.",
            clause=f"{RULES} §3",
            codelist=land.RELEASE_CLAIM,
        ),
        Field(
            "status_entered",
            FieldType.TEXT,
            "Status as entered",
            "The word of the source, kept as it was.",
            clause=f"{MDR}: status",
            minimum=True,
            longest=200,
            headings=words(
                "status | area status | hazard status | status_1 | hazard_sta | status_ha | estado "
                "| statut | état | статус | состояние | стан | حالة المنطقة | الحالة | workflow_s"
            ),
        ),
        Field(
            "status_vocabulary",
            FieldType.TEXT,
            "Vocabulary of the status",
            "Which list of status words the source uses, see the reference of statuses.",
            longest=50,
        ),
        Field(
            "status_changed_on",
            FieldType.DAY,
            "Status changed on",
            clause=f"{IMSMA}: status changed, date",
            headings=words(
                "status changed | status changed on | status date | status_cha | status_dat "
                "| fecha de estado | date du statut | дата изменения статуса | дата зміни статусу"
            ),
        ),
        Field(
            "status_reason",
            FieldType.TEXT,
            "Reason of the status",
            clause=f"{IMSMA}: status changed, reason; {SYRIA}: reason for closure",
            headings=words("status reason | reason for closure | motivo | motif | причина | السبب"),
        ),
        DESCRIPTION,
        Field(
            "contamination",
            FieldType.CODES,
            "Ordnance suspected or confirmed",
            clause=f"{MDR}: category of devices in the area",
            minimum=True,
            codelist=CATEGORY,
            headings=words(
                "contamination | devices | ordnance | threat | hazards | contaminación | amenaza "
                "| menace | загрязнение | угроза | забруднення | загроза | التلوث | mine_types"
            ),
        ),
        Field(
            "evidence",
            FieldType.CODE,
            "Evidence of contamination",
            clause=f"{IMSMA}: evidence of contamination",
            codelist=land.EVIDENCE_CATEGORY,
            headings=words("evidence | evidencia | preuve | доказательства | докази | الدليل"),
        ),
        Field(
            "direct_evidence",
            FieldType.CODES,
            "Direct evidence",
            clause=f"{MDR}: type of direct evidence found; IMAS 04.10",
            codelist=land.DIRECT_EVIDENCE,
            headings=words(
                "direct evidence | evidencia directa | preuve directe | прямые доказательства "
                "| прямі докази | دليل مباشر"
            ),
        ),
        Field(
            "indirect_evidence",
            FieldType.CODES,
            "Indirect evidence",
            clause=f"{IMSMA}: indirect evidence",
            codelist=land.INDIRECT_EVIDENCE,
            headings=words(
                "indirect evidence | evidencia indirecta | preuve indirecte "
                "| косвенные доказательства | непрямі докази | دليل غير مباشر"
            ),
        ),
        Field(
            "information_class",
            FieldType.CODE,
            "Reliability of the information",
            clause=f"{IMSMA}: information classification M1 to M4",
            codelist=land.INFORMATION_CLASS,
            headings=words("information class | information classification | reliability"),
        ),
        Field(
            "information_sources",
            FieldType.CODES,
            "Sources of information",
            clause=f"{SYRIA}: source of information",
            codelist=work.INFORMATION_SOURCE,
            headings=words("source of information | fuente de información | مصدر المعلومات"),
        ),
        Field(
            "source_reports",
            FieldType.TEXTS,
            "Source reports",
            "Identifiers of the reports the information comes from.",
            clause=f"{SYRIA}: id of the source report",
            headings=words("source report | source reports | source report id"),
        ),
        Field(
            "surveyed_by",
            FieldType.TEXT,
            "Survey team",
            "Code of the team; never names.",
            clause=f"{SYRIA}: team",
            longest=200,
            headings=words("survey team | team | equipo | équipe | группа | команда | الفريق"),
        ),
        Field(
            "marked",
            FieldType.TEXT,
            "Marking",
            "How the edge is marked on the ground.",
            clause=f"{IMSMA}: marking",
            headings=words("marked | marking | señalizado | marquage | маркировка | маркування"),
        ),
        Field(
            "terrain",
            FieldType.CODE,
            "Terrain",
            clause=f"{IMSMA}: terrain category",
            codelist=work.TERRAIN,
            headings=words("terrain | terreno | местность | рельеф | рельєф | التضاريس"),
        ),
        Field(
            "slope",
            FieldType.CODE,
            "Slope",
            clause=f"{IMSMA}: slope",
            codelist=work.SLOPE,
            headings=words("slope | pendiente | pente | уклон | схил | الانحدار"),
        ),
        Field(
            "vegetation",
            FieldType.CODE,
            "Vegetation",
            clause=f"{IMSMA}: vegetation density",
            codelist=work.VEGETATION,
            headings=words("vegetation | vegetación | végétation | растительность | рослинність"),
        ),
        Field(
            "metal_contamination",
            FieldType.CODE,
            "Metal in the ground",
            clause=f"{IMSMA}: metal contamination level",
            codelist=work.DIFFICULTY,
            headings=words("metal | metal content | metal contamination | metal level"),
        ),
        Field(
            "blockages",
            FieldType.CODES,
            "What people cannot use",
            clause=f"{IMSMA}: blockages; {SYRIA}: blockages",
            codelist=work.BLOCKAGE,
            headings=words("blockage | blockages | blocked | bloqueo | blocage"),
        ),
        Field(
            "land_use_before",
            FieldType.CODE,
            "Use before contamination",
            clause=PRACTICE,
            codelist=work.LAND_USE,
            headings=words("land use before | previous land use | uso anterior"),
        ),
        Field(
            "land_use_intended",
            FieldType.CODE,
            "Intended use",
            clause=f"{IMSMA}: intended land use",
            codelist=work.LAND_USE,
            headings=words(
                "intended land use | land use | uso de la tierra | uso previsto "
                "| utilisation prévue | использование земли | використання землі"
            ),
        ),
        Field(
            "land_dispute",
            FieldType.BOOLEAN,
            "Land in dispute",
            clause=f"{IMSMA}: land disputes",
            headings=words("land dispute | disputa de tierras | litige foncier"),
        ),
        Field(
            "returnees_expected",
            FieldType.BOOLEAN,
            "Return of people expected",
            clause=f"{IMSMA}: returnees expected",
            headings=words("returnees expected | returns expected"),
        ),
        Field(
            "priority",
            FieldType.CODE,
            "Priority",
            clause=f"{IMSMA}: priority",
            codelist=work.PRIORITY,
            headings=words("priority | prioridad | priorité | приоритет | пріоритет | الأولوية"),
        ),
        *counts_by_sex_and_age(
            "expected_direct",
            "Expected direct beneficiaries",
            f"{MDR}: expected beneficiaries, by sex and age",
            minimum=True,
        ),
        *counts_by_sex_and_age(
            "expected_indirect",
            "Expected indirect beneficiaries",
            f"{MDR}: expected beneficiaries, by sex and age",
            minimum=True,
        ),
    ),
    placed_by=("shape", "point", "benchmark", "place", "description"),
    required=("happened_on",),
)
