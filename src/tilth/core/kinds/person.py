"""A person who works in the operation. Protected: only a code is known outside the vault."""

from __future__ import annotations

from tilth.core.kinds.lists_people import SEX
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import PRACTICE, every, words

__all__ = ["PERSON"]

PERSON = Kind(
    "person",
    1,
    "Person",
    "One person of the formation. Protected: name, rank and contacts stay in the vault and can be "
    "erased; every other record names the code.",
    fields=(
        *every(),
        Field(
            "code",
            FieldType.TEXT,
            "Code",
            "By this the person is named in every other record; it tells nothing of the person.",
            clause=PRACTICE,
            minimum=True,
            longest=100,
            headings=words(
                "code | person code | personnel number | badge | código | matrícula | matricule "
                "| табельный номер | код | табельний номер | الرمز"
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
                "name | full name | nombre | nombre completo | nom | nom et prénom | имя | фио "
                "| ім'я | піб | الاسم"
            ),
        ),
        Field(
            "rank",
            FieldType.TEXT,
            "Rank or title",
            clause=PRACTICE,
            longest=200,
            headings=words("rank | title | grado | rango | grade | звание | звання | الرتبة"),
        ),
        Field(
            "contacts",
            FieldType.TEXTS,
            "Contacts",
            "Telephone, radio call sign, address, next of kin.",
            clause=PRACTICE,
            headings=words(
                "contacts | contact | telephone | phone | teléfono | téléphone | телефон | الهاتف"
            ),
        ),
        Field(
            "sex",
            FieldType.CODE,
            "Sex",
            clause=PRACTICE,
            codelist=SEX,
            headings=words("sex | gender | sexo | género | sexe | genre | пол | стать | الجنس"),
        ),
        Field(
            "birth_year",
            FieldType.INTEGER,
            "Year of birth",
            clause=PRACTICE,
            least="1900",
            most="2100",
            headings=words(
                "birth year | year of birth | año de nacimiento | année de naissance "
                "| год рождения | рік народження | سنة الميلاد"
            ),
        ),
    ),
    protected=True,
    required=("code",),
)
