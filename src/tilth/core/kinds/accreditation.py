"""Accreditation: who may do which work, by the authority's word."""

from __future__ import annotations

from tilth.core.kinds import lists_training as lists
from tilth.core.kinds.lists_land import AREA_TYPE
from tilth.core.kinds.lists_work import ACTIVITY, METHOD
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import PRACTICE, RULES, every, words

__all__ = ["ACCREDITATION"]

_GATE = f"{RULES} §6; {PRACTICE}"

ACCREDITATION = Kind(
    "accreditation",
    1,
    "Accreditation",
    "An organisation, a team or an asset may do certain work for a time. It counts where the "
    "authority said or approved it; a later change of status is a revision with its own day.",
    fields=(
        *every(),
        Field(
            "holder_type",
            FieldType.CODE,
            "Holder is",
            clause=_GATE,
            codelist=lists.ACCREDITATION_HOLDER,
            headings=words(
                "holder type | type of holder | tipo de titular | type de titulaire "
                "| вид владельца | вид власника | نوع الحامل"
            ),
        ),
        Field(
            "holder",
            FieldType.TEXT,
            "Holder",
            "Code, local id or full id of the organisation, team or asset.",
            clause=_GATE,
            longest=500,
            headings=words(
                "holder | accredited | titular | acreditado | titulaire | accrédité | владелец "
                "| аккредитован | власник | акредитований | الحامل | 인증 대상"
            ),
        ),
        Field(
            "activities",
            FieldType.CODES,
            "Activities",
            "Left out means every activity.",
            clause=_GATE,
            minimum=True,
            codelist=ACTIVITY,
            headings=words(
                "activity | activities | scope | actividad | actividades | alcance | activité "
                "| activités | деятельность | вид работ | діяльність | вид робіт | النشاط"
            ),
        ),
        Field(
            "methods",
            FieldType.CODES,
            "Methods",
            "Left out means every method.",
            clause=_GATE,
            codelist=METHOD,
            headings=words(
                "method | methods | método | méthode | метод | методы | методи | الطريقة"
            ),
        ),
        Field(
            "hazard_types",
            FieldType.CODES,
            "Types of contamination",
            "Left out means every type.",
            clause=_GATE,
            codelist=AREA_TYPE,
            headings=words(
                "hazard type | hazard types | type of contamination | tipo de contaminación "
                "| type de contamination | вид загрязнения | вид забруднення | نوع التلوث"
            ),
        ),
        Field(
            "issued_on",
            FieldType.DAY,
            "Issued on",
            "The first day on which it counts; without it the day of the record.",
            clause=_GATE,
            minimum=True,
            headings=words(
                "issued on | issued | date of issue | valid from | expedida | fecha de expedición "
                "| délivrée le | выдана | дата выдачи | видана | تاريخ الإصدار | 발급일"
            ),
        ),
        Field(
            "expires_on",
            FieldType.DAY,
            "Expires on",
            "The last day on which it counts.",
            clause=_GATE,
            minimum=True,
            future=True,
            headings=words(
                "expires on | expires | expiry date | valid until | vence | válida hasta "
                "| valable jusqu'au | действует до | дійсна до | تاريخ الانتهاء | 만료일"
            ),
        ),
        Field(
            "status",
            FieldType.CODE,
            "Status",
            "When issued; later changes are revisions.",
            clause=_GATE,
            minimum=True,
            codelist=lists.ACCREDITATION_STATUS,
            headings=words("status | estado | statut | статус | الحالة | 상태"),
        ),
        Field(
            "certificate",
            FieldType.TEXT,
            "Certificate",
            "Number of the paper.",
            clause=PRACTICE,
            longest=200,
            headings=words(
                "certificate | certificate number | certificado | certificat | сертификат "
                "| свидетельство | сертифікат | الشهادة | 인증번호"
            ),
        ),
        Field(
            "sop_version",
            FieldType.TEXT,
            "Version of the procedures",
            "Standing operating procedures the accreditation rests on.",
            clause=PRACTICE,
            longest=200,
            headings=words("sop | sop version | procedures | procedimientos | procédures | спт"),
        ),
        Field(
            "reason",
            FieldType.TEXT,
            "Reason",
            "Why the status is what it is.",
            clause=PRACTICE,
            longest=2000,
            headings=words("reason | motivo | motif | причина | السبب"),
        ),
    ),
    required=("happened_on", "holder_type", "holder"),
)
