"""Training: courses, and who passed them until when. People stand here as codes."""

from __future__ import annotations

from tilth.core.kinds import lists_training as lists
from tilth.core.kinds.lists_work import ACTIVITY, METHOD
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import IMSMA, PRACTICE, RULES, every, words

__all__ = ["TRAINING_COURSE", "TRAINING_RESULT"]

_IMSMA_TRAINED = f"{IMSMA}: activity; {PRACTICE}"

TRAINING_COURSE = Kind(
    "training_course",
    1,
    "Training course",
    "What is taught, where and when, and for which activities and methods it qualifies.",
    fields=(
        *every("organisation"),
        Field(
            "code",
            FieldType.TEXT,
            "Code",
            "Short name by which results call the course.",
            clause=PRACTICE,
            longest=100,
            headings=words(
                "course code | código del curso | code du stage | код курса | код курсу"
            ),
        ),
        Field(
            "name",
            FieldType.TEXT,
            "Name",
            clause=PRACTICE,
            minimum=True,
            longest=500,
            headings=words(
                "name | course name | title | nombre | nom | название | назва | الاسم | 과정명"
            ),
        ),
        Field(
            "activities",
            FieldType.CODES,
            "Activities",
            "Activities for which the course qualifies; left out means every activity.",
            clause=_IMSMA_TRAINED,
            minimum=True,
            codelist=ACTIVITY,
            headings=words(
                "activity | activities | actividad | actividades | activité | activités "
                "| деятельность | вид работ | діяльність | вид робіт | النشاط"
            ),
        ),
        Field(
            "methods",
            FieldType.CODES,
            "Methods",
            "Methods for which the course qualifies; left out means every method.",
            clause=PRACTICE,
            codelist=METHOD,
            headings=words(
                "method | methods | método | méthode | метод | методы | методи | الطريقة"
            ),
        ),
        Field(
            "centre",
            FieldType.TEXT,
            "Training centre",
            clause=PRACTICE,
            longest=500,
            headings=words(
                "centre | center | training centre | school | centro | centro de formación "
                "| centre de formation | учебный центр | навчальний центр | مركز التدريب | 훈련소"
            ),
        ),
        Field(
            "syllabus",
            FieldType.LINES,
            "Syllabus",
            clause=PRACTICE,
            longest=1000,
            fields=(
                Field(
                    "item",
                    FieldType.TEXT,
                    "Subject",
                    longest=500,
                    headings=words("subject | item | module | tema | matière | тема | предмет"),
                ),
                Field(
                    "hours",
                    FieldType.DECIMAL,
                    "Hours",
                    unit="h",
                    least="0",
                    most="100000",
                    headings=words("hours | horas | heures | часы | години | ساعات"),
                ),
            ),
        ),
        Field(
            "period_from",
            FieldType.DAY,
            "From",
            clause=PRACTICE,
            future=True,
            headings=words("from | start date | desde | du | с | від | من"),
        ),
        Field(
            "period_to",
            FieldType.DAY,
            "To",
            clause=PRACTICE,
            future=True,
            headings=words("to | end date | hasta | au | по | до | إلى"),
        ),
    ),
)

TRAINING_RESULT = Kind(
    "training_result",
    1,
    "Training result",
    "One person or one team passed or failed a course; until its last valid day it opens the gate.",
    fields=(
        *every("organisation"),
        Field(
            "course",
            FieldType.TEXT,
            "Course",
            "Code, local id or full id of the course.",
            clause=PRACTICE,
            longest=500,
            headings=words("course | curso | stage | formation | курс | الدورة | 과정"),
        ),
        Field(
            "person",
            FieldType.TEXT,
            "Person",
            "Code of the person; never a name.",
            clause=PRACTICE,
            longest=200,
            headings=words("person | person code | persona | personne | человек | особа | الشخص"),
        ),
        Field(
            "team",
            FieldType.TEXT,
            "Team",
            "Code of the team, where the whole team was trained as one.",
            clause=PRACTICE,
            longest=200,
            headings=words("team | team id | equipo | équipe | команда | группа | група | الفريق"),
        ),
        Field(
            "result",
            FieldType.CODE,
            "Result",
            clause=PRACTICE,
            minimum=True,
            codelist=lists.TRAINING_RESULT,
            headings=words("result | resultado | résultat | результат | النتيجة | 결과"),
        ),
        Field(
            "syllabus_results",
            FieldType.LINES,
            "Results by subject",
            clause=PRACTICE,
            longest=1000,
            fields=(
                Field(
                    "item",
                    FieldType.TEXT,
                    "Subject",
                    longest=500,
                    headings=words("subject | item | module | tema | matière | тема | предмет"),
                ),
                Field(
                    "result",
                    FieldType.CODE,
                    "Result",
                    codelist=lists.TRAINING_RESULT,
                    headings=words("subject result | item result | nota | note | оценка | оцінка"),
                ),
            ),
        ),
        Field(
            "valid_until",
            FieldType.DAY,
            "Valid until",
            "The last day on which the result counts.",
            clause=f"{RULES} §6",
            future=True,
            headings=words(
                "valid until | expires | expiry date | válido hasta | vence | valable jusqu'au "
                "| действует до | годен до | дійсний до | صالح حتى | 유효기간"
            ),
        ),
    ),
    required=("happened_on", "course"),
)
