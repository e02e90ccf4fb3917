"""Building blocks of the definitions: sources by name, and fields that every kind has."""

from __future__ import annotations

from dataclasses import replace

from tilth.core.kinds.model import Code, Codelist, Field, FieldType

__all__ = [
    "IMSMA",
    "MDR",
    "PRACTICE",
    "RULES",
    "SYRIA",
    "codelist",
    "counts_by_sex_and_age",
    "every",
    "words",
]

MDR = "GICHD minimum data requirements, draft 2018"
IMSMA = "IMSMA NG information model"
SYRIA = "UNMAS and GICHD field forms, Syria 2019"
PRACTICE = "common practice, no clause read"
RULES = "Tilth rules"


def words(text: str) -> tuple[str, ...]:
    """Split ``"a | b | c"`` into its words.

    Examples
    --------
    >>> words("area | superficie | площа")
    ('area', 'superficie', 'площа')
    """
    return tuple(word.strip() for word in text.split("|") if word.strip())


def codelist(name: str, source: str, table: str, *, open: bool = False) -> Codelist:
    """Read a code list from a table: ``value | English label | word | word …``, one code a line.

    Indented lines continue the words of the code above. Words are what files in English,
    Spanish, French, Russian, Ukrainian and Arabic write for the code.
    """
    rows: list[list[str]] = []
    for line in table.strip("\n").splitlines():
        cells = [cell.strip() for cell in line.split("|") if cell.strip()]
        if line.startswith(" ") and rows:
            rows[-1] += cells
        elif cells:
            rows.append(cells)
    codes = tuple(Code(row[0], row[1], tuple(row[2:])) for row in rows)
    return Codelist(name, codes, source, open)


LOCAL_ID = Field(
    "local_id",
    FieldType.TEXT,
    "Local id",
    "The author's own identifier; where a file gives none, one is made from source and content.",
    clause=f"{IMSMA}: local id",
    longest=200,
    headings=words(
        "local id | local_id | localid | id | code | ref | reference | identifier | identificador "
        "| código | codigo | identifiant | référence | идентификатор | номер | код | ідентифікатор "
        "| ідентифікаційний номер | المعرف | الرمز | رقم | objectid | fid | gid | uuid | globalid "
        "| mission_id"
    ),
)
_DAY_HEADINGS = words(
    "happened_on | happened on | date | day | report date | date of report | fecha | día | jour "
    "| date du rapport | дата | день | дата отчета | дата звіту | التاريخ | تاريخ | تاريخ التقرير "
    "| dateofreport | date_rep | date_of_in | date of information | mission_date"
)
HAPPENED_ON = Field(
    "happened_on",
    FieldType.DAY,
    "Happened on",
    "Day, month or year in the field, in the operation's time zone.",
    clause=f"{MDR}: date",
    headings=_DAY_HEADINGS,
)
ORGANISATION = Field(
    "organisation",
    FieldType.TEXT,
    "Organisation",
    "Code or local id of the organisation that did the work.",
    clause=f"{MDR}: implementing organisation",
    longest=200,
    headings=words(
        "organisation | organization | org | operator | agency | implementing organisation "
        "| implementing partner | organización | organizacion | operador | entidad | organisme "
        "| opérateur | организация | оператор | організація | المنظمة | اسم المنظمة | organisati "
        "| organizati | org_name | orgname"
    ),
)
PLACE = Field(
    "place",
    FieldType.TEXT,
    "Place",
    "P-code or name of the place, as in the gazetteer.",
    clause=f"{SYRIA}: OCHA P-code",
    longest=500,
    headings=words(
        "place | location | p-code | pcode | p_code | district | municipality | community "
        "| village "
        "| town | sub-district | subdistrict | nearest town | municipio | lugar | localidad "
        "| vereda "
        "| distrito | poblado | lieu | commune | localité | village le plus proche | район | место "
        "| населенный пункт | община | населений пункт | громада | місце | село | القرية | المكان "
        "| المنطقة | الناحية | قرية/مدينة | admin2 | admin3 | admin4 | adm2_pcode | adm3_pcode "
        "| location_n | nearest_to | target_city"
    ),
)
ADMIN1 = Field(
    "admin1",
    FieldType.TEXT,
    "First-level area",
    "Province, region, department, oblast or governorate.",
    clause=f"{SYRIA}: governorate",
    longest=500,
    headings=words(
        "admin1 | province | region | governorate | oblast | state | departamento | provincia "
        "| región | département | région | gouvernorat | область | регион | регіон | المحافظة "
        "| محافظة | adm1_name | adm1_pcode | gov | dept"
    ),
)
REMARKS = Field(
    "remarks",
    FieldType.TEXT,
    "Remarks",
    "Anything else worth knowing; never names of victims or informants.",
    headings=words(
        "remarks | remark | comments | comment | notes | note | observaciones | comentarios "
        "| notas "
        "| remarques | commentaires | примечания | примечание | комментарий | примітки | примітка "
        "| коментар | ملاحظات | تعليقات"
    ),
)
_EVERY: tuple[Field, ...] = (LOCAL_ID, HAPPENED_ON, ORGANISATION, ADMIN1, PLACE, REMARKS)
"""Fields that every kind has, in this order."""


def every(*minimum: str) -> tuple[Field, ...]:
    """Fields that every kind has, the named ones as part of this kind's minimum data."""
    return tuple(replace(one, minimum=True) if one.name in minimum else one for one in _EVERY)


_PEOPLE = (
    ("women", "Women", "women | mujeres | femmes | женщины | жінки | نساء"),
    ("men", "Men", "men | hombres | hommes | мужчины | чоловіки | رجال"),
    ("girls", "Girls under 18", "girls | niñas | filles | девочки | дівчата | فتيات"),
    ("boys", "Boys under 18", "boys | niños | garçons | мальчики | хлопці | فتيان"),
)


def counts_by_sex_and_age(
    prefix: str, title: str, clause: str, *, minimum: bool = False
) -> tuple[Field, ...]:
    """Four fields ``prefix_women`` … ``prefix_boys``: people counted by sex and by age under 18.

    Headings carry the title, since a bare *women* would not say whom of whom is counted.
    """
    return tuple(
        Field(
            f"{prefix}_{name}",
            FieldType.INTEGER,
            f"{title}: {label.lower()}",
            clause=clause,
            minimum=minimum,
            headings=tuple(f"{title.lower()} {word}" for word in words(heads)),
            least="0",
        )
        for name, label, heads in _PEOPLE
    )
