"""Risk education, the people that work is for, and the destruction of stockpiles."""

from __future__ import annotations

from dataclasses import replace

from tilth.core.kinds import lists_outreach as lists
from tilth.core.kinds.ground import POINT, PROJECT
from tilth.core.kinds.items import ITEMS, ITEMS_TOTAL
from tilth.core.kinds.lists_people import SEX
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import IMSMA, MDR, PRACTICE, RULES, SYRIA, every, words

__all__ = ["BENEFICIARY_COUNT", "EORE_SESSION", "STOCKPILE_DESTRUCTION"]

BENEFICIARIES = Field(
    "beneficiaries",
    FieldType.LINES,
    "Beneficiaries",
    "One line for each sex and age group as counted; groups are never merged or split afterwards.",
    clause=f"{MDR}: beneficiaries by sex and age",
    minimum=True,
    longest=1000,
    fields=(
        Field(
            "sex",
            FieldType.CODE,
            "Sex",
            clause=f"{MDR}: sex-disaggregated data",
            minimum=True,
            codelist=SEX,
            headings=words("sex | gender | sexo | sexe | пол | стать | الجنس"),
        ),
        Field(
            "age_from",
            FieldType.INTEGER,
            "Age from",
            "Youngest age of the group in years.",
            least="0",
            most="150",
            headings=words("age from | edad desde | âge de | возраст от | вік від | العمر من"),
        ),
        Field(
            "age_to",
            FieldType.INTEGER,
            "Age to",
            "Oldest age of the group in years, inclusive; absent for an open end.",
            least="0",
            most="150",
            headings=words("age to | edad hasta | âge à | возраст до | вік до | العمر إلى"),
        ),
        Field(
            "people",
            FieldType.INTEGER,
            "People",
            clause=f"{MDR}: beneficiaries",
            minimum=True,
            least="0",
            headings=words("people | count | number | personas | personnes | человек | осіб"),
        ),
        Field(
            "first_time",
            FieldType.INTEGER,
            "Of these for the first time",
            clause=f"{SYRIA}: first-time beneficiaries",
            least="0",
            headings=words("first time | primera vez | première fois | впервые | вперше"),
        ),
        Field(
            "disabled",
            FieldType.INTEGER,
            "Of these with a disability",
            clause=PRACTICE,
            least="0",
            headings=words("disability | disabled | discapacidad | handicap | инвалидность"),
        ),
    ),
)
_DOUBLE_COUNT_KEY = Field(
    "double_count_key",
    FieldType.TEXT,
    "Same people as",
    "Counts with the same key are of the same people and are counted once; by default the place "
    "and the month.",
    clause=PRACTICE,
    longest=300,
    headings=words("double count key | same people | clave de duplicado"),
)
_PERIOD_TO = Field(
    "period_to",
    FieldType.DAY,
    "Last day",
    "For what lasted several days; *happened on* is then the first.",
    clause=f"{MDR}: date",
    headings=words("to | end date | hasta | fin | по | до"),
)

EORE_SESSION = Kind(
    "eore_session",
    1,
    "Risk education session",
    "One session of explosive ordnance risk education: who was reached, where and how.",
    fields=(
        *every("organisation", "place"),
        Field(
            "category",
            FieldType.CODE,
            "Category",
            clause=f"{SYRIA}: category",
            minimum=True,
            codelist=lists.EORE_CATEGORY,
            headings=words("category | categoría | catégorie | категория | категорія | الفئة"),
        ),
        Field(
            "delivery_method",
            FieldType.CODE,
            "Delivery method",
            clause=f"{MDR}: delivery method",
            minimum=True,
            codelist=lists.EORE_METHOD,
            headings=words("delivery method | method | método | méthode | метод | الطريقة"),
        ),
        Field(
            "location_type",
            FieldType.CODE,
            "Type of location",
            clause=f"{SYRIA}: location",
            codelist=lists.EORE_PLACE,
            headings=words("location type | tipo de lugar | type de lieu | тип места"),
        ),
        Field(
            "audience",
            FieldType.CODES,
            "Audience",
            clause=f"{SYRIA}: audience",
            codelist=lists.AUDIENCE,
            headings=words("audience | target group | público | public cible | аудитория"),
        ),
        replace(POINT, minimum=True, clause=f"{MDR}: coordinates of risk education"),
        _PERIOD_TO,
        BENEFICIARIES,
        _DOUBLE_COUNT_KEY,
        Field(
            "materials",
            FieldType.LINES,
            "Materials handed out",
            clause=f"{SYRIA}: materials distributed",
            longest=200,
            fields=(
                Field("material", FieldType.TEXT, "Material", longest=200),
                Field("quantity", FieldType.INTEGER, "Quantity", least="0"),
            ),
        ),
        PROJECT,
    ),
    required=("happened_on",),
)

BENEFICIARY_COUNT = Kind(
    "beneficiary_count",
    1,
    "Beneficiary count",
    "People whom released land, a task or an activity serves: expected before, actual after.",
    fields=(
        *every("organisation", "place"),
        Field(
            "subject",
            FieldType.RECORD,
            "Of what",
            "The hazard area, released area, task, handover or session that serves them.",
            clause=f"{MDR}: beneficiaries of release",
            minimum=True,
            longest=500,
            headings=words("subject | of | linked record | registro"),
        ),
        Field(
            "beneficiary_kind",
            FieldType.CODE,
            "Direct or indirect",
            clause=f"{MDR}: direct and indirect",
            minimum=True,
            codelist=lists.BENEFICIARY_KIND,
            headings=words("direct or indirect | kind | tipo de beneficiario | вид"),
        ),
        Field(
            "basis",
            FieldType.CODE,
            "Expected or actual",
            clause=f"{MDR}: expected and confirmed",
            minimum=True,
            codelist=lists.BASIS,
            headings=words("expected or actual | basis | base | основание"),
        ),
        _PERIOD_TO,
        BENEFICIARIES,
        _DOUBLE_COUNT_KEY,
        PROJECT,
    ),
    required=("happened_on",),
)

STOCKPILE_DESTRUCTION = Kind(
    "stockpile_destruction",
    1,
    "Stockpile destruction",
    "Items from a stockpile and their destruction; counted with the origin *stockpile*, apart.",
    fields=(
        *every("organisation", "place"),
        Field(
            "stockpile",
            FieldType.TEXT,
            "Stockpile",
            "Depot or store, and whose.",
            clause=f"{IMSMA}: ammunition storage",
            longest=500,
            headings=words("stockpile | depot | store | polvorín | dépôt | склад | مستودع"),
        ),
        Field(
            "convention",
            FieldType.CODE,
            "Under which convention",
            clause="APMBC Article 4, CCM Article 3: destruction of stockpiles",
            codelist=lists.CONVENTION,
            headings=words("convention | treaty | convención | конвенция"),
        ),
        Field(
            "destruction_method",
            FieldType.TEXT,
            "How it was destroyed",
            "Open detonation, burning, incineration, dismantling by industry; never instructions.",
            clause="APMBC Article 7: destruction programmes",
            longest=500,
            headings=words("destruction method | método de destrucción | способ уничтожения"),
        ),
        replace(POINT, clause=f"{MDR}: coordinates"),
        _PERIOD_TO,
        replace(ITEMS, minimum=True, clause=f"{RULES} §4: from stockpiles, apart"),
        ITEMS_TOTAL,
        PROJECT,
    ),
    required=("happened_on",),
)
