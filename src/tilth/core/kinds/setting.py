"""The setting of the work: the operation, its organisations, its places."""

from __future__ import annotations

from dataclasses import replace

from tilth.core.kinds.ground import POINT, SHAPE_HEADINGS
from tilth.core.kinds.lists_formation import SHARE
from tilth.core.kinds.lists_work import ORGANISATION_ROLE
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import IMSMA, PRACTICE, RULES, SYRIA, every, words

__all__ = ["CODE", "OPERATION", "ORGANISATION", "PERIOD_FROM", "PERIOD_TO", "PLACE"]

_NAME = Field(
    "name",
    FieldType.TEXT,
    "Name",
    longest=500,
    minimum=True,
    headings=words("name | nombre | nom | название | имя | назва | الاسم"),
)
CODE = Field(
    "code",
    FieldType.TEXT,
    "Code",
    longest=100,
    headings=words("code | código | codigo | sigla | acronym | код | الرمز"),
)
_ALIASES = Field(
    "aliases",
    FieldType.TEXTS,
    "Other names",
    "Names in other languages, older names, spellings.",
    clause=PRACTICE,
    headings=words("aliases | alias | other names | otros nombres | autres noms | другие названия"),
)
PERIOD_FROM = Field(
    "period_from",
    FieldType.DAY,
    "From",
    future=True,
    headings=words("from | start date | valid from | desde | début | с | від | من"),
)
PERIOD_TO = Field(
    "period_to",
    FieldType.DAY,
    "To",
    future=True,
    headings=words("to | end date | valid to | hasta | fin | по | до | إلى"),
)

_MANDATE = (
    Field(
        "ordered_by",
        FieldType.TEXT,
        "Ordered by",
        "Office or body that ordered the operation; never a person's name.",
        clause=PRACTICE,
        longest=500,
        headings=words("ordered by | ordenado por | ordonné par | кем назначена | ким призначено"),
    ),
    Field(
        "order_document",
        FieldType.TEXT,
        "Order",
        "Number and title of the document.",
        clause=PRACTICE,
        longest=500,
        headings=words("order | order document | decree | decreto | décret | приказ | наказ | أمر"),
    ),
    Field(
        "ordered_on",
        FieldType.DAY,
        "Ordered on",
        clause=PRACTICE,
        headings=words("ordered on | date of order | fecha de la orden | дата приказа"),
    ),
)
_AS_RUN = (
    Field(
        "actual_from",
        FieldType.DAY,
        "Actual first day",
        clause=PRACTICE,
        headings=words("actual from | actual start | inicio real | début réel"),
    ),
    Field(
        "actual_to",
        FieldType.DAY,
        "Actual last day",
        clause=PRACTICE,
        headings=words("actual to | actual end | fin real | fin réelle"),
    ),
    Field(
        "rule_set",
        FieldType.TEXT,
        "Rule set",
        "Name of the rule set that decisions follow; each decision keeps the version it used.",
        clause=RULES,
        longest=200,
    ),
    Field(
        "languages",
        FieldType.TEXTS,
        "Languages",
        "BCP 47 tags of the languages its documents are made in.",
        clause=PRACTICE,
        headings=words("languages | idiomas | langues | языки | мови | اللغات"),
    ),
    Field(
        "synthetic",
        FieldType.BOOLEAN,
        "Synthetic",
        "Invented data: every page, file and document made from it says so.",
        clause=RULES,
    ),
)

OPERATION = Kind(
    "operation",
    1,
    "Operation",
    "A mandate: who ordered it, its boundary, its period, its organisations, its rule set.",
    fields=(
        *every(),
        _NAME,
        Field("mandate", FieldType.TEXT, "Mandate", "Who ordered what, by which document."),
        *_MANDATE,
        Field(
            "authority",
            FieldType.TEXT,
            "Authority",
            "Organisation that approves.",
            clause=f"{RULES} §2",
            longest=200,
            headings=words("authority | autoridad | autorité | орган | السلطة"),
        ),
        Field(
            "organisations",
            FieldType.TEXTS,
            "Organisations",
            "Codes or local ids of the organisations that take part.",
        ),
        Field(
            "boundary", FieldType.SHAPE, "Boundary", shapes=("Polygon",), headings=SHAPE_HEADINGS
        ),
        replace(PERIOD_FROM, minimum=True, help="Planned first day."),
        replace(PERIOD_TO, help="Planned last day."),
        *_AS_RUN,
        Field(
            "time_zone",
            FieldType.TEXT,
            "Time zone",
            "Name in the IANA database, such as Europe/Kyiv; days are days there.",
            clause=f"{RULES} §1",
            longest=100,
        ),
        Field(
            "frame_longitude_nd",
            FieldType.INTEGER,
            "Longitude of the frame's centre",
            "Integer 1e-9 degrees, WGS 84; fixed by the first area or by hand, then kept.",
            unit="1e-9 deg",
            least="-180000000000",
            most="180000000000",
        ),
        Field(
            "frame_latitude_nd",
            FieldType.INTEGER,
            "Latitude of the frame's centre",
            "Integer 1e-9 degrees, WGS 84.",
            unit="1e-9 deg",
            least="-90000000000",
            most="90000000000",
        ),
        Field(
            "extension_distance_m",
            FieldType.INTEGER,
            "Reach of an extension",
            "How far outside its hazard's ring cleared ground is an extension; 50 m if absent.",
            clause=f"{RULES} §3: outside every hazard",
            unit="m",
            least="0",
            most="10000",
        ),
        Field(
            "age_bands",
            FieldType.TEXT,
            "Age bands",
            "Bands in which people are counted, such as 0-4,5-12,13-17,18+; 0-17,18+ if absent.",
            clause="UNMAS and GICHD field forms, Syria 2019: age groups",
            longest=200,
        ),
        Field(
            "overlap_finding_m2",
            FieldType.DECIMAL,
            "Smallest overlap noticed",
            "Smaller overlaps are counted but give no finding; 10 m² if absent.",
            clause=f"{RULES} §3: noise",
            unit="m2",
            least="0",
        ),
        Field(
            "overlap_finding_width_m",
            FieldType.DECIMAL,
            "Narrowest overlap noticed",
            "1 m if absent.",
            clause=f"{RULES} §3: noise",
            unit="m",
            least="0",
        ),
    ),
)

ORGANISATION = Kind(
    "organisation",
    1,
    "Organisation",
    "Who works, decides, inspects or pays; names are labels, the log's id is random.",
    fields=(
        *every(),
        _NAME,
        replace(CODE, help="Short name used in records.", clause=f"{IMSMA}: organisation"),
        _ALIASES,
        Field(
            "roles",
            FieldType.CODES,
            "Roles",
            clause=f"{IMSMA}: organisation",
            minimum=True,
            codelist=ORGANISATION_ROLE,
            headings=words("role | roles | type | rol | tipo | rôle | роль | тип | الدور"),
        ),
        Field(
            "state",
            FieldType.TEXT,
            "State",
            "State it belongs to or is registered in.",
            longest=200,
            headings=words("state | country | país | pays | страна | країна | الدولة"),
        ),
        PERIOD_FROM,
        PERIOD_TO,
        Field(
            "log_id",
            FieldType.TEXT,
            "Log",
            "Id of the log the organisation speaks in: 32 hexadecimal digits.",
            clause=RULES,
            longest=32,
        ),
        Field(
            "data_rights",
            FieldType.LINES,
            "Data rights",
            "What the organisation lets another one have; what is not listed is not shared.",
            clause=PRACTICE,
            longest=1000,
            fields=(
                Field(
                    "kinds",
                    FieldType.TEXTS,
                    "Kinds",
                    "Kinds of records the line is about; none given: all that are not protected.",
                    clause=PRACTICE,
                ),
                Field(
                    "to",
                    FieldType.TEXT,
                    "Shared with",
                    "Code of an organisation, or * for everyone in the operation.",
                    clause=PRACTICE,
                    minimum=True,
                    longest=200,
                ),
                Field(
                    "share",
                    FieldType.CODE,
                    "How much",
                    clause=PRACTICE,
                    minimum=True,
                    codelist=SHARE,
                ),
            ),
        ),
    ),
)

PLACE = Kind(
    "place",
    1,
    "Place",
    "An entry of the gazetteer: a settlement or an administrative area with its P-code.",
    fields=(
        *every(),
        _NAME,
        replace(
            CODE,
            label="P-code",
            help="Code of the place in the common operational datasets.",
            clause=f"{SYRIA}: OCHA P-code",
            headings=words(
                "p-code | pcode | p_code | adm1_pcode | adm2_pcode | adm3_pcode | adm4_pcode "
                "| code "
                "| código dane | divipola | катоттг | код | الرمز"
            ),
        ),
        _ALIASES,
        Field(
            "parent",
            FieldType.TEXT,
            "Within",
            "P-code or name of the place that holds this one.",
            clause=f"{IMSMA}: country structure",
            longest=500,
            headings=words("parent | parent code | within | pertenece a | входит в"),
        ),
        Field(
            "level",
            FieldType.INTEGER,
            "Administrative level",
            "0 for a country, larger numbers for smaller areas.",
            clause=f"{IMSMA}: country structure",
            least="0",
            most="10",
            headings=words("level | admin level | nivel | niveau | уровень | рівень | المستوى"),
        ),
        Field("shape", FieldType.SHAPE, "Boundary", shapes=("Polygon",), headings=SHAPE_HEADINGS),
        replace(POINT, help="Centre, for a place without a boundary.", minimum=False),
    ),
)
