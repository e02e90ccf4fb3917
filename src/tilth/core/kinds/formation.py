"""The joint formation: projects, liaison, teams, their assets, deployments and honours.

Wherever a field names a person it holds the person's code; the name stays in the vault.
"""

from __future__ import annotations

from dataclasses import replace

from tilth.core.kinds import lists_formation as lists
from tilth.core.kinds.ground import METHODS
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.setting import CODE, PERIOD_FROM, PERIOD_TO
from tilth.core.kinds.shared import PRACTICE, every, words
from tilth.core.kinds.work import ACTIVITY, TEAM

__all__ = ["ASSET", "DEPLOYMENT", "HONOUR", "LIAISON", "PROJECT", "TEAM_KIND"]

_NAME = Field(
    "name",
    FieldType.TEXT,
    "Name",
    clause=PRACTICE,
    longest=500,
    headings=words("name | title | nombre | nom | название | имя | назва | الاسم"),
)
_CODE = replace(CODE, clause=PRACTICE, minimum=True)
_PERSON = Field(
    "person",
    FieldType.TEXT,
    "Person",
    "Code of the person; never a name.",
    clause=PRACTICE,
    longest=100,
    headings=words("person | person code | persona | personne | человек | особа | الشخص"),
)
_FUNCTION = Field(
    "function",
    FieldType.CODE,
    "Function",
    clause=PRACTICE,
    codelist=lists.FUNCTION,
    headings=words("function | role | función | cargo | fonction | должность | посада | الوظيفة"),
)
_ACTIVITIES = replace(
    ACTIVITY, name="activities", type=FieldType.CODES, label="Activities", clause=PRACTICE
)
_METHODS = replace(METHODS, help="Methods it is equipped for.", clause=PRACTICE, minimum=False)

PROJECT = Kind(
    "project",
    1,
    "Project",
    "Money with a purpose: a donor, an agreement, a period and targets. Tasks, reports and "
    "releases name it, and one square metre or item counts under one project.",
    fields=(
        *every(),
        _NAME,
        replace(_CODE, help="Name of the project in tasks, reports and releases."),
        Field(
            "donor",
            FieldType.TEXT,
            "Donor",
            "Code of the organisation that pays.",
            clause=PRACTICE,
            minimum=True,
            longest=200,
            headings=words("donor | funder | donante | bailleur | донор | المانح"),
        ),
        Field(
            "agreement_number",
            FieldType.TEXT,
            "Agreement number",
            clause=PRACTICE,
            longest=200,
            headings=words(
                "agreement | agreement number | contract | grant | convenio | contrato "
                "| convention | договор | договір | رقم الاتفاقية"
            ),
        ),
        replace(PERIOD_FROM, clause=PRACTICE, minimum=True),
        replace(PERIOD_TO, clause=PRACTICE),
        Field(
            "targets",
            FieldType.LINES,
            "Targets",
            clause=PRACTICE,
            longest=1000,
            fields=(
                Field(
                    "indicator",
                    FieldType.TEXT,
                    "Indicator",
                    "Such as ground cleared, items destroyed, people taught.",
                    clause=PRACTICE,
                    minimum=True,
                    longest=500,
                ),
                Field(
                    "amount",
                    FieldType.DECIMAL,
                    "Amount",
                    clause=PRACTICE,
                    minimum=True,
                    least="0",
                ),
                Field(
                    "unit",
                    FieldType.TEXT,
                    "Unit",
                    "m2, items, people, days.",
                    clause=PRACTICE,
                    longest=50,
                ),
            ),
        ),
    ),
)

LIAISON = Kind(
    "liaison",
    1,
    "Liaison",
    "Who may speak for an organisation besides its own people; said by the one spoken for.",
    fields=(
        *every(),
        Field(
            "speaker",
            FieldType.TEXT,
            "Speaker",
            "Code of the person, or of the organisation, that may speak.",
            clause=PRACTICE,
            minimum=True,
            longest=200,
            headings=words("speaker | liaison officer | enlace | liaison | офицер связи"),
        ),
        Field(
            "for_organisation",
            FieldType.TEXT,
            "For",
            "Code of the organisation spoken for; its own log says so.",
            clause=PRACTICE,
            minimum=True,
            longest=200,
            headings=words("for organisation | speaks for | para la organización | pour"),
        ),
        Field(
            "acts",
            FieldType.TEXTS,
            "Acts",
            "Acts it may do, such as record, vouch, approve; none given: every act but decisions.",
            clause=PRACTICE,
            headings=words("acts | may do | actos | actes | действия | дії"),
        ),
        replace(PERIOD_FROM, clause=PRACTICE, minimum=True),
        replace(PERIOD_TO, clause=PRACTICE),
    ),
)

TEAM_KIND = Kind(
    "team",
    1,
    "Team",
    "A team, the unit it belongs to or the formation above: one step of the chain of command.",
    fields=(
        *every("organisation"),
        replace(_CODE, help="Name of the team in tasks and reports."),
        _NAME,
        Field(
            "echelon",
            FieldType.CODE,
            "Echelon",
            clause=PRACTICE,
            minimum=True,
            codelist=lists.ECHELON,
            headings=words("echelon | level | escalón | nivel | échelon | звено | ланка"),
        ),
        Field(
            "parent",
            FieldType.RECORD,
            "Belongs to",
            "The unit or formation above, by record or code; none for the formation itself.",
            clause=PRACTICE,
            refers_to="team",
            longest=500,
            headings=words(
                "parent | belongs to | unit | pertenece a | unidad | rattaché à | подразделение "
                "| підрозділ | الوحدة"
            ),
        ),
        _ACTIVITIES,
        _METHODS,
        Field(
            "members",
            FieldType.LINES,
            "Members",
            "One line for each person and period; no period given: as long as the team exists.",
            clause=PRACTICE,
            longest=10_000,
            fields=(
                replace(_PERSON, minimum=True),
                _FUNCTION,
                replace(PERIOD_FROM, clause=PRACTICE),
                replace(PERIOD_TO, clause=PRACTICE),
            ),
        ),
        replace(PERIOD_FROM, clause=PRACTICE),
        replace(PERIOD_TO, clause=PRACTICE),
    ),
)

ASSET = Kind(
    "asset",
    1,
    "Asset",
    "A detector, machine, animal, aircraft or vehicle, with its tests.",
    fields=(
        *every("organisation"),
        replace(_CODE, help="Name of the asset in tasks and reports."),
        Field(
            "asset_type",
            FieldType.CODE,
            "Type",
            clause=PRACTICE,
            minimum=True,
            codelist=lists.ASSET_TYPE,
            headings=words("asset type | type | tipo | type d'équipement | тип | نوع"),
        ),
        Field(
            "model",
            FieldType.TEXT,
            "Model or breed",
            clause=PRACTICE,
            longest=200,
            headings=words("model | breed | modelo | raza | modèle | race | модель | порода"),
        ),
        Field(
            "serial",
            FieldType.TEXT,
            "Serial number or chip",
            clause=PRACTICE,
            longest=200,
            headings=words(
                "serial | serial number | chip | número de serie | numéro de série "
                "| серийный номер | серійний номер | الرقم التسلسلي"
            ),
        ),
        TEAM,
        Field(
            "status",
            FieldType.CODE,
            "State",
            "A later state is a revision with its day.",
            clause=PRACTICE,
            codelist=lists.ASSET_STATUS,
            headings=words("status | state | estado | état | состояние | стан | الحالة"),
        ),
        Field(
            "handed_over_to",
            FieldType.TEXT,
            "Handed over to",
            "Code of the organisation that has it now, for one that was handed over.",
            clause=PRACTICE,
            longest=200,
            headings=words("handed over to | entregado a | transféré à | передан кому"),
        ),
        Field(
            "tests",
            FieldType.LINES,
            "Tests",
            "The newest one of each test counts on a day.",
            clause=PRACTICE,
            longest=10_000,
            fields=(
                Field(
                    "tested_on",
                    FieldType.DAY,
                    "Tested on",
                    clause=PRACTICE,
                    minimum=True,
                    headings=words("tested on | test date | probado el | testé le"),
                ),
                Field(
                    "test",
                    FieldType.CODE,
                    "Test",
                    clause=PRACTICE,
                    minimum=True,
                    codelist=lists.ASSET_TEST,
                    headings=words("test | prueba | essai | испытание | випробування"),
                ),
                Field(
                    "result",
                    FieldType.CODE,
                    "Result",
                    clause=PRACTICE,
                    minimum=True,
                    codelist=lists.TEST_RESULT,
                    headings=words("result | resultado | résultat | результат | النتيجة"),
                ),
                Field(
                    "valid_until",
                    FieldType.DAY,
                    "Valid until",
                    "Last day on which it counts; none given: until the next test.",
                    clause=PRACTICE,
                    future=True,
                    headings=words("valid until | expires | válido hasta | valable jusqu'au"),
                ),
                Field(
                    "place",
                    FieldType.TEXT,
                    "Place of the test",
                    clause=PRACTICE,
                    longest=500,
                    headings=words("test place | lugar de la prueba | lieu de l'essai"),
                ),
            ),
        ),
    ),
)

DEPLOYMENT = Kind(
    "deployment",
    1,
    "Deployment",
    "A person or a team at a place from one day to another; the end is said when it comes.",
    fields=(
        *every(),
        _PERSON,
        replace(TEAM, help="Code of the team, where the whole team was deployed."),
        replace(PERIOD_FROM, clause=PRACTICE, minimum=True, future=False),
        replace(PERIOD_TO, clause=PRACTICE, help="Last day; none given: still deployed."),
        _FUNCTION,
    ),
)

HONOUR = Kind(
    "honour",
    1,
    "Honour",
    "A thank-you on the record: a medal, a certificate, a citation; people by code.",
    fields=(
        *every(),
        Field(
            "honour_type",
            FieldType.TEXT,
            "Kind of honour",
            "Medal, order, certificate, letter of thanks, as the giver calls it.",
            clause=PRACTICE,
            minimum=True,
            longest=500,
            headings=words("honour | award | medal | honor | medalla | médaille | медаль | وسام"),
        ),
        _PERSON,
        replace(TEAM, help="Code of the team honoured."),
        Field(
            "honoured_organisation",
            FieldType.TEXT,
            "Organisation honoured",
            clause=PRACTICE,
            longest=200,
            headings=words("honoured organisation | organización honrada | organisation honorée"),
        ),
        Field(
            "given_by",
            FieldType.TEXT,
            "Given by",
            "Organisation or office; never a person's name.",
            clause=PRACTICE,
            minimum=True,
            longest=500,
            headings=words("given by | awarded by | otorgado por | remis par | кем вручена"),
        ),
        Field(
            "citation",
            FieldType.TEXT,
            "Citation",
            "For what; people by code.",
            clause=PRACTICE,
            headings=words("citation | for what | motivo | за что | за що"),
        ),
    ),
)
