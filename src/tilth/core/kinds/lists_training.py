"""Code lists of training and accreditation."""

from __future__ import annotations

from tilth.core.kinds.shared import PRACTICE, RULES, codelist

__all__ = ["ACCREDITATION_HOLDER", "ACCREDITATION_STATUS", "TRAINING_RESULT"]

TRAINING_RESULT = codelist(
    "training_result",
    f"a course is passed or it is not; {PRACTICE}",
    """
passed | Passed | pass | aprobado | aprobada | réussi | admis | сдал | сдано | зачтено | складено
    | зараховано | ناجح | 합격
failed | Failed | fail | not passed | reprobado | reprobada | échoué | ajourné | не сдал | не сдано
    | не складено | راسب | 불합격
""",
)

ACCREDITATION_HOLDER = codelist(
    "accreditation_holder",
    f"who can be accredited; {PRACTICE} (organisational and operational accreditation)",
    """
organisation | Organisation | organization | operator | organización | organisme | организация
    | оператор | організація | منظمة | 조직
team | Team | unit | equipo | équipe | команда | группа | група | فريق | 팀
asset | Asset | equipment | machine | dog | medio | moyen | средство | техника | техніка | معدة
    | 장비
""",
)

ACCREDITATION_STATUS = codelist(
    "accreditation_status",
    f"{RULES} §6: provisional and full open the gate; values: {PRACTICE}",
    """
provisional | Provisional | temporary | interim | provisoire | временная | временный | тимчасова
    | مؤقت | 잠정
full | Full | granted | valid | plena | completa | complète | definitive | полная | повна | كامل
    | 정식
suspended | Suspended | suspendida | suspendido | suspendue | приостановлена | призупинена | معلق
    | 정지
withdrawn | Withdrawn | revoked | cancelled | retirada | revocada | retirée | отозвана
    | відкликана | مسحوب | 철회
""",
)
