"""Accidents, and the people hurt in them. A victim is protected: only a commitment is logged."""

from __future__ import annotations

from dataclasses import replace

from tilth.core.kinds import lists_people as lists
from tilth.core.kinds.ground import DESCRIPTION, HAZARD, POINT_HEADINGS, TASK
from tilth.core.kinds.lists_items import CATEGORY
from tilth.core.kinds.lists_work import ACTIVITY
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.quality import CAUSE_OF_MISS
from tilth.core.kinds.shared import IMSMA, MDR, PRACTICE, SYRIA, every, words

__all__ = ["ACCIDENT", "VICTIM"]

_YES_NO_FIELDS = (
    (
        "knew_danger",
        "Knew of the danger",
        f"{IMSMA}: knew area dangerous",
        "knew danger | knew area dangerous | conocía el peligro | connaissait le danger",
    ),
    ("saw_item", "Saw the item", f"{IMSMA}: saw object", "saw item | saw object | vio el objeto"),
    (
        "tampered",
        "Handled the item",
        f"{MDR}: tampered with device",
        "tampered | touched | manipuló | manipulé | трогал предмет | торкався",
    ),
    (
        "risk_education",
        "Had risk education",
        f"{IMSMA}: mine-avoidance trained",
        "risk education | mre | eore | educación en el riesgo | éducation aux risques",
    ),
    ("breadwinner", "Earned the family's living", f"{IMSMA}: breadwinner", "breadwinner"),
    (
        "may_share_authorities",
        "Agrees to share with authorities",
        f"{IMSMA}: permission to share with authorities",
        "consent authorities | permission authorities | consentimiento autoridades",
    ),
    (
        "may_share_services",
        "Agrees to share with services and NGOs",
        f"{IMSMA}: permission to share with NGOs",
        "consent ngos | permission ngos | consent | consentimiento | consentement | согласие",
    ),
)

ACCIDENT = Kind(
    "accident",
    1,
    "Accident",
    "An unplanned explosion, with or without people hurt; no names.",
    fields=(
        *every(),
        Field(
            "accident_type",
            FieldType.CODE,
            "Demining or other accident",
            clause=f"{MDR}: demining or mine accident; IMAS 10.60",
            minimum=True,
            codelist=lists.ACCIDENT_TYPE,
            headings=words(
                "accident type | type of accident | tipo de accidente | type d'accident "
                "| тип происшествия | тип події | نوع الحادث"
            ),
        ),
        Field(
            "accident_class",
            FieldType.CODE,
            "Class",
            clause=f"{IMSMA}: accident classes",
            codelist=lists.ACCIDENT_CLASS,
            headings=words("accident class | class | cause | clase | causa | причина | السبب"),
        ),
        Field(
            "device",
            FieldType.CODE,
            "Category of device",
            clause=f"{MDR}: category of device",
            minimum=True,
            codelist=CATEGORY,
            headings=words(
                "device | device type | category of device | artefacto | engin | прибор"
            ),
        ),
        Field(
            "device_model",
            FieldType.TEXT,
            "Model of the device",
            clause=f"{IMSMA}: ordnance",
            longest=200,
            headings=words("device model | model | modelo | modèle | модель"),
        ),
        Field(
            "point",
            FieldType.SHAPE,
            "Location",
            clause=f"{MDR}: coordinates of the accident",
            minimum=True,
            shapes=("Point",),
            headings=POINT_HEADINGS,
        ),
        Field(
            "accuracy_m",
            FieldType.DECIMAL,
            "Accuracy of the location",
            clause=f"{SYRIA}: location accuracy",
            unit="m",
            least="0",
            headings=words("accuracy | gps accuracy | precisión | précision | точность"),
        ),
        HAZARD,
        replace(TASK, help="The task on whose worksite it happened; it suspends that task."),
        Field(
            "killed",
            FieldType.INTEGER,
            "Killed",
            clause=f"{SYRIA}: killed and injured",
            least="0",
            headings=words("killed | deaths | muertos | tués | morts | погибло | загинуло | قتلى"),
        ),
        Field(
            "injured",
            FieldType.INTEGER,
            "Injured",
            clause=f"{SYRIA}: killed and injured",
            least="0",
            headings=words("injured | wounded | heridos | blessés | ранено | поранено | جرحى"),
        ),
        Field(
            "activity",
            FieldType.CODE,
            "Demining activity at the time",
            clause=f"{IMSMA}: activity of the accident",
            codelist=ACTIVITY,
            headings=words("activity | actividad | activité | деятельность | діяльність"),
        ),
        Field(
            "marked_before",
            FieldType.CODE,
            "Ground marked before",
            clause=f"{SYRIA}: marking before and after",
            codelist=lists.YES_NO,
            headings=words("marked before | area marked | señalizado antes | marqué avant"),
        ),
        Field(
            "cleared_before",
            FieldType.CODE,
            "Ground cleared before",
            clause=f"{SYRIA}: clearance before and after",
            codelist=lists.YES_NO,
            headings=words("cleared before | despejado antes | dépollué avant"),
        ),
        CAUSE_OF_MISS,
        DESCRIPTION,
    ),
    required=("happened_on",),
)

VICTIM = Kind(
    "victim",
    1,
    "Victim",
    "One person hurt or killed. Protected: content stays in the vault and can be erased.",
    fields=(
        *every(),
        Field(
            "accident",
            FieldType.RECORD,
            "Accident",
            clause=f"{MDR}: victim of an accident",
            refers_to="accident",
            longest=500,
            headings=words(
                "accident | accident id | accidente | id accidente | авария | происшествие"
            ),
        ),
        Field(
            "person_name",
            FieldType.TEXT,
            "Name",
            clause=f"{MDR}: name",
            minimum=True,
            longest=500,
            headings=words(
                "name | victim name | full name | nombre | nombre completo | apellido | nom | имя "
                "| фио | ім'я | піб | الاسم | اسم الضحية"
            ),
        ),
        Field(
            "document_id",
            FieldType.TEXT,
            "Identity document",
            clause=f"{MDR}: identification",
            longest=200,
            headings=words("document | identity document | cédula | passport | pièce d'identité"),
        ),
        Field(
            "sex",
            FieldType.CODE,
            "Sex",
            clause=f"{MDR}: gender",
            minimum=True,
            codelist=lists.SEX,
            headings=words("sex | gender | sexo | género | sexe | genre | пол | стать | الجنس"),
        ),
        Field(
            "birth_date",
            FieldType.DAY,
            "Date of birth",
            "A year is enough; age bands are derived, never entered.",
            clause=f"{MDR}: date of birth",
            minimum=True,
            headings=words(
                "date of birth | birth date | birth year | fecha de nacimiento | date de naissance "
                "| дата рождения | год рождения | дата народження | рік народження | تاريخ الميلاد"
            ),
        ),
        Field(
            "age_years",
            FieldType.INTEGER,
            "Age at the accident",
            "Where the date of birth is not known.",
            clause=f"{SYRIA}: age at accident",
            unit="",
            least="0",
            most="130",
            headings=words("age | edad | âge | возраст | вік | العمر"),
        ),
        Field(
            "address",
            FieldType.TEXT,
            "Address",
            clause=f"{MDR}: address",
            minimum=True,
            headings=words("address | dirección | domicilio | adresse | адрес | адреса | العنوان"),
        ),
        Field(
            "outcome",
            FieldType.CODE,
            "Injured or killed",
            clause=f"{MDR}: injured or killed",
            minimum=True,
            codelist=lists.OUTCOME,
            headings=words(
                "outcome | injured/killed | killed/injured | casualty type | condition | estado "
                "| état | состояние | стан | الحالة"
            ),
        ),
        Field(
            "activity",
            FieldType.CODE,
            "Activity at the time",
            clause=f"{MDR}: activity at time of accident",
            minimum=True,
            codelist=lists.VICTIM_ACTIVITY,
            headings=words("activity | actividad | activité | деятельность | діяльність | النشاط"),
        ),
        *(
            Field(
                name,
                FieldType.CODE,
                label,
                "",
                clause,
                name == "tampered",
                words(heads),
                lists.YES_NO,
            )
            for name, label, clause, heads in _YES_NO_FIELDS
        ),
        Field(
            "frequency",
            FieldType.CODE,
            "How often entered the area",
            clause=f"{IMSMA}: how often entered area",
            codelist=lists.FREQUENCY,
            headings=words("frequency | how often | frecuencia | fréquence"),
        ),
        Field(
            "injuries",
            FieldType.TEXTS,
            "Injuries",
            "One for each wound or loss: part of the body and side.",
            clause=f"{IMSMA}: injury classification",
            headings=words("injuries | injury | wounds | heridas | lesiones | blessures | ранения"),
        ),
        Field(
            "first_care",
            FieldType.CODE,
            "First care",
            clause=f"{SYRIA}: aid on the spot",
            codelist=lists.CARE,
            headings=words("first care | first aid | medical facility | primera atención"),
        ),
        Field(
            "minutes_to_care",
            FieldType.INTEGER,
            "Minutes to first care",
            clause=f"{SYRIA}: transport time",
            unit="min",
            least="0",
            headings=words("minutes to care | time to hospital | time to first facility"),
        ),
        Field(
            "disability",
            FieldType.TEXT,
            "Lasting disability",
            clause=f"{IMSMA}: disability",
            headings=words("disability | discapacidad | handicap | инвалидность | інвалідність"),
        ),
        Field(
            "displacement",
            FieldType.CODE,
            "Resident or displaced",
            clause=f"{IMSMA}: displacement status",
            codelist=lists.DISPLACEMENT,
            headings=words("displacement | displacement status | desplazamiento | déplacement"),
        ),
        Field(
            "nationality",
            FieldType.TEXT,
            "Nationality",
            clause=f"{SYRIA}: nationality",
            longest=200,
            headings=words("nationality | nacionalidad | nationalité | гражданство | الجنسية"),
        ),
        Field(
            "occupation",
            FieldType.TEXT,
            "Occupation before",
            clause=f"{IMSMA}: occupation before",
            longest=200,
            headings=words("occupation | ocupación | profession | профессия | професія | المهنة"),
        ),
        Field(
            "needs",
            FieldType.TEXT,
            "Needs and referral",
            clause=f"{SYRIA}: referral",
            headings=words("needs | referral | necesidades | remisión | besoins | потребности"),
        ),
        Field(
            "informant",
            FieldType.TEXT,
            "Informant",
            clause=f"{IMSMA}: interviewee; {PRACTICE}",
            longest=500,
            headings=words("informant | interviewee | informante | informateur | источник"),
        ),
    ),
    protected=True,
    required=("happened_on",),
)
