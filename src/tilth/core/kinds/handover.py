"""Rule sets, handovers of released ground, and what was seen there afterwards."""

from __future__ import annotations

from tilth.core.kinds import lists_work as lists
from tilth.core.kinds.ground import DESCRIPTION, POINT_HEADINGS
from tilth.core.kinds.lists_people import YES_NO
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.overrides import OVERRIDES, REASON
from tilth.core.kinds.quality import CAUSE_OF_MISS
from tilth.core.kinds.shared import (
    IMSMA,
    MDR,
    PRACTICE,
    RULES,
    codelist,
    counts_by_sex_and_age,
    every,
    words,
)

__all__ = ["HANDOVER", "OVERRIDES", "POST_CLEARANCE_REVIEW", "RULE_SET"]

_IMAS_0830 = "IMAS 08.30: post-clearance documentation"

MARKER_TYPE = codelist(
    "marker_type",
    f"{_IMAS_0830}: permanent survey markers, turning and intermediate points; values: {PRACTICE}",
    """
benchmark | Benchmark | punto de referencia | repère | репер | علامة مرجعية
start_point | Start point | start | punto de inicio | point de départ | начальная точка
turning_point | Turning point | tp | punto de giro | point tournant | поворотная точка
    | поворотна точка | نقطة انعطاف
intermediate_point | Intermediate point | ip | punto intermedio | point intermédiaire
    | промежуточная точка | проміжна точка | نقطة وسيطة
landmark | Landmark | landmark | hito | repère naturel | ориентир | орієнтир
other | Other | otro | otra | autre | другое | інше | أخرى
""",
    open=True,
)

SIGNATORY_ROLE = codelist(
    "signatory_role",
    f"{_IMAS_0830}: example certificate; values: {PRACTICE}",
    """
operator | Operator | operador | opérateur | оператор | مشغل
authority | National authority | nmaa | autoridad | autorité | орган | سلطة
land_user | Land user or owner | land owner | community | usuario | propietario | usager
    | propriétaire | землепользователь | землекористувач | مالك الأرض
local_government | Local government | municipality | municipio | mairie | администрация
    | місцева влада | بلدية
donor | Donor | donante | bailleur | донор | مانح
other | Other | otro | autre | другое | інше | أخرى
""",
)

_RULES_FOLLOWED = Field(
    "rule_set",
    FieldType.TEXT,
    "Rule set",
    "Name, version and SHA-256 of the rule set it was decided under.",
    clause="IMAS 09.10: all reasonable effort is defined nationally",
    longest=300,
)


def _released_areas(*, minimum: bool) -> Field:
    return Field(
        "released_areas",
        FieldType.RECORDS,
        "Released areas",
        clause=f"{RULES} §5",
        minimum=minimum,
        refers_to="released_area",
        headings=words("released areas | released area | areas | áreas liberadas | zones remises"),
    )


RULE_SET = Kind(
    "rule_set",
    1,
    "Rule set",
    "What counts as all reasonable effort in this operation, from its day on; TOML, with a "
    "version. Changing it never changes an old decision.",
    fields=(
        *every(),
        Field(
            "name",
            FieldType.TEXT,
            "Name",
            longest=100,
            minimum=True,
            clause=PRACTICE,
            headings=words("name | nombre | nom | название | назва | الاسم"),
        ),
        Field("version", FieldType.INTEGER, "Version", minimum=True, clause=PRACTICE, least="1"),
        Field(
            "text",
            FieldType.TEXT,
            "Text",
            "The rules as TOML, whole.",
            minimum=True,
            clause="IMAS 09.10: all reasonable effort is defined nationally",
            longest=200_000,
        ),
        Field(
            "sha256",
            FieldType.TEXT,
            "SHA-256 of the text",
            minimum=True,
            clause=PRACTICE,
            longest=64,
        ),
    ),
    required=("happened_on", "text"),
)

HANDOVER = Kind(
    "handover",
    1,
    "Handover",
    "Released ground given back to those who use it: what the certificate says.",
    fields=(
        *every("organisation"),
        _released_areas(minimum=True),
        Field(
            "statements",
            FieldType.TEXTS,
            "Statements handed over",
            "Hashes of the approved statements of those areas: what the certificate was issued on.",
            clause=f"{RULES} §2",
            longest=100_000,
        ),
        Field(
            "certificate_number",
            FieldType.TEXT,
            "Certificate number",
            clause=f"{_IMAS_0830}: handover certificate",
            minimum=True,
            longest=200,
            headings=words(
                "certificate number | certificate no | certificate | certificado | certificat "
                "| номер сертификата | номер сертифіката | رقم الشهادة"
            ),
        ),
        Field(
            "recipients",
            FieldType.TEXTS,
            "Recipients",
            "Communities, offices or user groups that get the ground; people by code.",
            clause=f"{_IMAS_0830}; {IMSMA}: community involved in handover",
            minimum=True,
            longest=1000,
            headings=words("recipients | recipient | destinatarios | destinataires | получатели"),
        ),
        *counts_by_sex_and_age(
            "present", "Present at handover", f"{IMSMA}: men, women, boys, girls in the handover"
        ),
        Field(
            "markers_recorded",
            FieldType.BOOLEAN,
            "Markers recorded",
            "Permanent markers stand on the ground, turning and intermediate points among them.",
            clause=_IMAS_0830,
            minimum=True,
            headings=words("markers recorded | markers | mojones | bornes | знаки"),
        ),
        Field(
            "markers",
            FieldType.LINES,
            "Markers",
            clause=_IMAS_0830,
            longest=10_000,
            fields=(
                Field("label", FieldType.TEXT, "Label", longest=100),
                Field("marker_type", FieldType.CODE, "Type of marker", codelist=MARKER_TYPE),
                Field("point", FieldType.SHAPE, "Position", shapes=("Point",)),
            ),
        ),
        Field(
            "residual_risk",
            FieldType.TEXT,
            "Residual risk",
            "What risk is left and who bears it, in words the land user understands.",
            clause=f"{_IMAS_0830}: residual risk",
            minimum=True,
            headings=words("residual risk | riesgo residual | risque résiduel"),
        ),
        Field(
            "liability",
            FieldType.TEXT,
            "Liability",
            "Who answers for what: donor, authority, operator.",
            clause=f"{_IMAS_0830}: liabilities",
            minimum=True,
            headings=words("liability | responsabilidad | responsabilité"),
        ),
        Field(
            "purpose",
            FieldType.CODE,
            "Purpose of the land",
            "What the ground is given back for.",
            clause=f"{IMSMA}: intended land use",
            minimum=True,
            codelist=lists.LAND_USE,
            headings=words("purpose | purpose of the land | propósito | finalidad | destination"),
        ),
        Field(
            "signatories",
            FieldType.LINES,
            "Signatories",
            clause=f"{_IMAS_0830}: operator, authority, land user",
            longest=100,
            fields=(
                Field("role", FieldType.CODE, "Role", codelist=SIGNATORY_ROLE),
                Field("person", FieldType.TEXT, "Person", "A code, never a name.", longest=100),
                Field("organisation", FieldType.TEXT, "Organisation", longest=200),
            ),
        ),
        DESCRIPTION,
        OVERRIDES,
        REASON,
        _RULES_FOLLOWED,
    ),
    required=("happened_on", "released_areas"),
)

POST_CLEARANCE_REVIEW = Kind(
    "post_clearance_review",
    1,
    "Review after clearance",
    "What became of handed-over ground: its use, its users, an accident or an item found.",
    fields=(
        *every(),
        Field(
            "handover",
            FieldType.RECORD,
            "Handover",
            clause=f"{_IMAS_0830}: post-project review",
            refers_to="handover",
            longest=500,
            headings=words("handover | certificate | entrega | remise | передача"),
        ),
        _released_areas(minimum=False),
        Field(
            "land_use_after",
            FieldType.CODE,
            "Use after release",
            clause=f"{_IMAS_0830}: post-project review",
            minimum=True,
            codelist=lists.LAND_USE,
            headings=words("land use after | land use | uso posterior | utilisation"),
        ),
        *counts_by_sex_and_age(
            "users", "Users of the land", f"{MDR}: confirmed beneficiaries of release"
        ),
        Field(
            "accident_after",
            FieldType.CODE,
            "Accident after release",
            clause=f"{_IMAS_0830}: post-project review; value: {PRACTICE}",
            minimum=True,
            codelist=YES_NO,
            headings=words("accident after | accident | accidente | accident après"),
        ),
        Field(
            "items_found",
            FieldType.INTEGER,
            "Items found after release",
            clause=PRACTICE,
            minimum=True,
            least="0",
            headings=words("items found | artefactos hallados | engins trouvés"),
        ),
        Field(
            "found_at",
            FieldType.SHAPE,
            "Found at",
            clause=PRACTICE,
            shapes=("Point",),
            headings=POINT_HEADINGS,
        ),
        CAUSE_OF_MISS,
        DESCRIPTION,
    ),
    required=("happened_on",),
)
