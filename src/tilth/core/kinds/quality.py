"""Quality: visits with their checklist, nonconformities, samples of finished ground."""

from __future__ import annotations

from dataclasses import replace

from tilth.core.kinds import lists_quality as lists
from tilth.core.kinds.ground import DESCRIPTION, POINT_HEADINGS, SHAPE_HEADINGS
from tilth.core.kinds.lists_items import CATEGORY
from tilth.core.kinds.lists_work import METHOD
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.overrides import OVERRIDES, REASON
from tilth.core.kinds.shared import IMSMA, MDR, PRACTICE, RULES, every, words
from tilth.core.kinds.work import ACTIVITY, TEAM

__all__ = ["CAUSE_OF_MISS", "NONCONFORMITY", "QM_VISIT", "SAMPLE_INSPECTION"]

CAUSE_OF_MISS = Field(
    "cause_of_miss",
    FieldType.CODE,
    "Cause of the miss",
    "What the investigation names; without one, all that shares any of them is recalled.",
    clause=f"{RULES}: recall",
    codelist=lists.RECALL_CAUSE,
    headings=words("cause of miss | cause of the miss | root cause | causa raíz | cause première"),
)
_TASK = Field(
    "task",
    FieldType.RECORD,
    "Task",
    clause=f"{IMSMA}: reference of a QA record",
    refers_to="task",
    longest=500,
    headings=words("task | task id | task order | tarea | tâche | задание | завдання | المهمة"),
)
_INSPECTED = Field(
    "inspected",
    FieldType.TEXT,
    "Organisation inspected",
    "Code of the organisation whose work is looked at.",
    clause=f"{MDR}: organisation inspected",
    minimum=True,
    longest=200,
    headings=words(
        "inspected | organisation inspected | organization inspected | entidad inspeccionada "
        "| organisme inspecté | проверяемая организация | перевірена організація"
    ),
)
_AREAS = Field(
    "released_areas",
    FieldType.RECORDS,
    "Released areas",
    "The polygons that it bears on; without them, those of its task.",
    clause=f"{RULES} §5",
    refers_to="released_area",
    headings=words("released areas | released area | areas | polygons | áreas | polygones"),
)
_STAGE = Field(
    "stage",
    FieldType.CODE,
    "Internal or external",
    clause=f"{RULES} §5",
    minimum=True,
    codelist=lists.STAGE,
    headings=words("stage | internal or external | etapa | étape | вид проверки | вид перевірки"),
)
_CHECKLIST = Field(
    "checklist",
    FieldType.LINES,
    "Checklist",
    clause=f"{IMSMA}: QA columns",
    longest=1000,
    fields=(
        Field(
            "question",
            FieldType.CODE,
            "Question",
            clause=f"{IMSMA}: QA columns",
            minimum=True,
            codelist=lists.QUESTION,
        ),
        Field(
            "answer",
            FieldType.CODE,
            "Answer",
            clause=PRACTICE,
            minimum=True,
            codelist=lists.ANSWER,
        ),
        Field("remark", FieldType.TEXT, "Remark", "What was seen; never names.", longest=2000),
    ),
)

QM_VISIT = Kind(
    "qm_visit",
    1,
    "Quality visit",
    "A visit to a team at work, to a site or an office, with its checklist; the organisation of "
    "the record is the one that inspects.",
    fields=(
        *every("happened_on", "organisation"),
        _INSPECTED,
        TEAM,
        _TASK,
        replace(ACTIVITY, minimum=True, clause=f"{MDR}: activity inspected"),
        _STAGE,
        Field(
            "shape",
            FieldType.SHAPE,
            "Where",
            clause=PRACTICE,
            shapes=("Point",),
            headings=POINT_HEADINGS,
        ),
        _CHECKLIST,
        Field(
            "result",
            FieldType.CODE,
            "Result",
            clause=f"{IMSMA}: QA result status",
            codelist=lists.VISIT_RESULT,
            headings=words("result | qa result | resultado | résultat | результат | النتيجة"),
        ),
        Field(
            "special_monitoring",
            FieldType.BOOLEAN,
            "Closer watching ordered",
            clause=f"{IMSMA}: special monitoring",
            headings=words("special monitoring | seguimiento especial | surveillance renforcée"),
        ),
        Field(
            "operations_suspended",
            FieldType.BOOLEAN,
            "Work stopped by the visit",
            clause=f"{IMSMA}: operations suspended",
            headings=words("operations suspended | trabajo suspendido | travaux suspendus"),
        ),
        Field(
            "inspectors",
            FieldType.TEXTS,
            "Inspectors",
            "Codes of people; never names.",
            clause=PRACTICE,
            headings=words("inspectors | inspector | inspectores | inspecteurs | инспекторы"),
        ),
        DESCRIPTION,
        OVERRIDES,
        REASON,
    ),
    required=("happened_on",),
)

NONCONFORMITY = Kind(
    "nonconformity",
    1,
    "Nonconformity",
    "Something not as it must be. An open major one blocks release and handover, a critical one "
    "also stops the task.",
    fields=(
        *every("happened_on", "organisation"),
        Field(
            "visit",
            FieldType.RECORD,
            "Visit",
            "The visit that found it.",
            clause=f"{MDR}: nonconformities of a QA visit",
            refers_to="qm_visit",
            longest=500,
            headings=words("visit | visit id | visita | visite | визит | візит"),
        ),
        _TASK,
        _AREAS,
        _INSPECTED,
        TEAM,
        Field(
            "nonconformity_type",
            FieldType.CODE,
            "Type",
            clause=f"{MDR}: type of nonconformity",
            minimum=True,
            codelist=lists.NONCONFORMITY_TYPE,
            headings=words(
                "nonconformity type | type of nonconformity | type | tipo | вид | тип | النوع"
            ),
        ),
        Field(
            "severity",
            FieldType.CODE,
            "Severity",
            clause=f"{MDR}: severity of nonconformities",
            codelist=lists.SEVERITY,
            headings=words("severity | gravedad | gravité | серьезность | серйозність | الخطورة"),
        ),
        replace(DESCRIPTION, minimum=True, clause=PRACTICE),
        Field(
            "cause",
            FieldType.TEXT,
            "Cause",
            clause=PRACTICE,
            headings=words("cause | causa | причина | السبب"),
        ),
        Field(
            "corrective_action",
            FieldType.TEXT,
            "Corrective action",
            clause=f"{MDR}: measures taken",
            headings=words(
                "corrective action | measures taken | medidas | acción correctiva | mesures prises "
                "| принятые меры | вжиті заходи"
            ),
        ),
        Field(
            "due_on",
            FieldType.DAY,
            "To be put right by",
            clause=PRACTICE,
            future=True,
            headings=words("due on | due | due date | fecha límite | échéance | срок | строк"),
        ),
    ),
    required=("happened_on", "severity"),
)

SAMPLE_INSPECTION = Kind(
    "sample_inspection",
    1,
    "Sample inspection",
    "Finished ground searched again in part, before or after it is handed over.",
    fields=(
        *every("happened_on", "organisation"),
        _STAGE,
        _TASK,
        replace(_AREAS, minimum=True, help="The polygons that the sample was taken from."),
        Field(
            "shape",
            FieldType.SHAPE,
            "Ground sampled",
            clause=PRACTICE,
            shapes=("Polygon",),
            headings=SHAPE_HEADINGS,
        ),
        Field(
            "sampled_area_m2",
            FieldType.DECIMAL,
            "Area sampled",
            "As the paper states it; counts where no polygon was drawn.",
            clause=PRACTICE,
            unit="m2",
            least="0",
            headings=words(
                "sampled area | sampled area m2 | sample m2 | área muestreada "
                "| surface échantillonnée"
            ),
        ),
        Field(
            "items_missed",
            FieldType.INTEGER,
            "Items missed",
            "Items found that the clearance should have found.",
            clause=PRACTICE,
            minimum=True,
            least="0",
            headings=words(
                "items missed | items found | artefactos hallados | пропущено | знайдено"
            ),
        ),
        Field(
            "missed_category",
            FieldType.CODE,
            "Category of what was missed",
            clause=PRACTICE,
            codelist=CATEGORY,
            headings=words("missed category | category missed"),
        ),
        Field(
            "missed_at",
            FieldType.SHAPE,
            "Where it was missed",
            clause=PRACTICE,
            shapes=("Point",),
            headings=words("missed at | position of the miss"),
        ),
        Field(
            "method",
            FieldType.CODE,
            "Method of the sample",
            clause=PRACTICE,
            codelist=METHOD,
            headings=words("method | método | méthode | метод | الطريقة"),
        ),
        Field(
            "result",
            FieldType.CODE,
            "Result",
            clause=PRACTICE,
            codelist=lists.SAMPLE_RESULT,
            headings=words("result | resultado | résultat | результат | النتيجة"),
        ),
        CAUSE_OF_MISS,
        DESCRIPTION,
        OVERRIDES,
        REASON,
    ),
    required=("happened_on", "result"),
)
