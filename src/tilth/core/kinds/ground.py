"""Fields shared by the records that lie on ground."""

from __future__ import annotations

from tilth.core.kinds.lists_work import METHOD
from tilth.core.kinds.model import Field, FieldType
from tilth.core.kinds.shared import IMSMA, MDR, PRACTICE, RULES, words

__all__ = [
    "ASSETS",
    "DECLARED_AREA",
    "DESCRIPTION",
    "HAZARD",
    "METHODS",
    "POINT",
    "POINT_HEADINGS",
    "PROJECT",
    "SHAPE_HEADINGS",
    "TASK",
]

SHAPE_HEADINGS = words(
    "geometry | geom | wkt | the_geom | polygon | polígono | polygone | полигон | полігон | مضلع"
)
POINT_HEADINGS = words("point | punto | точка | نقطة | coordinates | coordenadas | координаты")
DECLARED_HEADINGS = words(
    "declared area | area | area m2 | area_m2 | area (m2) | area sqm | area_sqm | size | area size "
    "| areasize | area_size | estimated area | calculated area | área | área m2 | superficie "
    "| superficie m2 | surface | surface m2 | площадь | площадь м2 | площадь кв м | площа "
    "| площа м2 | площа кв м | المساحة | مساحة | hectares | ha | shape_area | areadespejada "
    "| área despejada | area cleared | cleared area m2 | estimated_ | calculated"
)

DECLARED_AREA = Field(
    "declared_area_m2",
    FieldType.DECIMAL,
    "Declared area",
    "As the source states it; summed only with other declared areas, never with computed ones.",
    clause=f"{MDR}: area; {RULES} §3",
    unit="m2",
    least="0",
    headings=DECLARED_HEADINGS,
)
DESCRIPTION = Field(
    "description",
    FieldType.TEXT,
    "Description",
    "Where it is and how to know it, in words.",
    clause=f"{IMSMA}: description",
    headings=words(
        "description | narrative | descripción | descripcion | descriptif | описание | опис | الوصف"
    ),
)
POINT = Field(
    "point",
    FieldType.SHAPE,
    "Reference point",
    "A point that places the record when no area was drawn.",
    clause=f"{MDR}: benchmark or reference point",
    shapes=("Point",),
    headings=POINT_HEADINGS,
)
HAZARD = Field(
    "hazard",
    FieldType.RECORD,
    "Hazard area",
    "The hazard area the work was done on; ground decides where it counts.",
    clause=f"{IMSMA}: linked hazard",
    refers_to="hazard_area",
    longest=500,
    headings=words(
        "hazard | hazard id | hazard area | hazard_id | area id | land id | polígono id | id área "
        "| zone | id zone | опасный участок | номер участка | небезпечна ділянка | رقم المنطقة "
        "| ha id | ha_id | hazardid | hazard_loc"
    ),
)
METHODS = Field(
    "methods",
    FieldType.CODES,
    "Methods",
    "Every method used on this ground.",
    clause=f"{MDR}: operational method",
    codelist=METHOD,
    minimum=True,
    headings=words(
        "method | methods | technique | asset | clearance method | método | métodos | méthode "
        "| méthodes | метод | способ | методы | спосіб | методи | الطريقة | طريقة التطهير"
    ),
)
TASK = Field(
    "task",
    FieldType.RECORD,
    "Task",
    "The task order under which it was done.",
    clause=f"{IMSMA}: tasks",
    refers_to="task",
    longest=500,
    headings=words(
        "task | task id | task order | task number | task code | orden de trabajo | ordre de tâche "
        "| задание | номер задания | завдання | номер завдання | أمر المهمة"
    ),
)
PROJECT = Field(
    "project",
    FieldType.TEXT,
    "Project",
    "Code of the project that pays for it; it counts under one.",
    clause=PRACTICE,
    longest=200,
    headings=words("project | project code | grant | proyecto | projet | проект | проєкт | مشروع"),
)
ASSETS = Field(
    "assets",
    FieldType.TEXTS,
    "Assets",
    "Codes of the detectors, machines and animals used.",
    clause=f"{IMSMA}: deployed asset",
    headings=words(
        "assets | deployed assets | asset codes | equipment used | medios | moyens | средства "
        "| техника | засоби | المعدات"
    ),
)
