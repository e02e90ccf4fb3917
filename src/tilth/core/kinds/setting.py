"""The setting of the work: the operation, its organisations, its places."""

from __future__ import annotations

from dataclasses import replace

from tilth.core.kinds.ground import POINT, SHAPE_HEADINGS
from tilth.core.kinds.lists_work import ORGANISATION_ROLE
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import IMSMA, PRACTICE, RULES, SYRIA, every, words

__all__ = ["OPERATION", "ORGANISATION", "PLACE"]

_NAME = Field(
    "name",
    FieldType.TEXT,
    "Name",
    longest=500,
    minimum=True,
    headings=words("name | nombre | nom | название | имя | назва | الاسم"),
)
_CODE = Field(
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
_SINCE = Field(
    "period_from",
    FieldType.DAY,
    "From",
    future=True,
    headings=words("from | start date | valid from | desde | début | с | від | من"),
)
_TO = Field(
    "period_to",
    FieldType.DAY,
    "To",
    future=True,
    headings=words("to | end date | valid to | hasta | fin | по | до | إلى"),
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
        replace(_SINCE, minimum=True),
        _TO,
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
        replace(_CODE, help="Short name used in records.", clause=f"{IMSMA}: organisation"),
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
        _SINCE,
        _TO,
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
            _CODE,
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
