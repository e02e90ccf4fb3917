"""Code lists of tasks: causes of a change of status, explosives, marking of ground."""

from __future__ import annotations

from tilth.core.kinds.shared import IMSMA, PRACTICE, RULES, codelist

__all__ = [
    "EXPLOSIVE_UNIT",
    "MARKING_STATE",
    "MARKING_TYPE",
    "STATUS_AXIS",
    "STATUS_CAUSE",
]

STATUS_AXIS = codelist(
    "status_axis",
    f"{RULES}: which state is moved",
    """
task | Work on a task | task order | tarea | tâche | задание | завдання | مهمة
nonconformity | Mending of a nonconformity | nonconformity | no conformidad | non-conformité
    | несоответствие | невідповідність | عدم مطابقة
""",
)

STATUS_CAUSE = codelist(
    "status_cause",
    f"{IMSMA}: status changed reason; values: {PRACTICE}",
    """
accident | Accident | accidente | авария | нещасний випадок | حادث
nonconformity | Nonconformity | no conformidad | non-conformité | несоответствие | невідповідність
weather | Weather or season | weather | season | clima | météo | saison | погода | طقس
security | Security | seguridad | sécurité | безопасность | безпека | أمن
medical | Medical cover not available | medical | médico | médical | медицина
equipment | Equipment failure | breakdown | avería | panne | поломка | عطل
access | No access or no permission | access | acceso | accès | доступ | وصول
community | Asked by the community or land user | community | comunidad | communauté
accreditation | Accreditation expired or suspended | accreditation | acreditación | accréditation
plan_changed | Plan or priority changed | plan changed | reprioritised | cambio de plan
other_task | People needed on another task | other task | redeployed
rotation | Rotation or return of the organisation | rotation | return | rotación | retour
other | Other | otro | autre | другое | інше | أخرى
""",
    open=True,
)

EXPLOSIVE_UNIT = codelist(
    "explosive_unit",
    f"how demolition stores are counted; {PRACTICE}",
    """
kg | Kilogram | kilogram | kilogramo | kilogramme | килограмм | кг | кілограм | كيلوغرام
piece | Piece | pieces | pcs | each | pieza | unidad | pièce | штука | шт | قطعة
m | Metre | metre | meter | metro | mètre | метр | м | متر
""",
)

MARKING_TYPE = codelist(
    "marking_type",
    f"{IMSMA}: marking method; values: {PRACTICE}",
    """
signs | Signs | warning signs | señales | letreros | panneaux | знаки | لافتات
fence | Fence with signs | fence | fenced | cerca | vallado | clôture | ограждение | огорожа | سياج
tape | Tape | cinta | ruban | лента | стрічка | شريط
stakes | Painted stakes or stones | stakes | painted stones | estacas | piedras | piquets | pierres
    | вехи | кілки | أوتاد
monument | Lasting marker or survey monument | monument | concrete marker | mojón | borne | репер
local | Signs of the people living there | local marking | improvised | señales locales
    | marquage local
other | Other | otro | otra | autre | другое | інше | أخرى
""",
    open=True,
)

MARKING_STATE = codelist(
    "marking_state",
    f"of marking on the day it was seen; {PRACTICE}",
    """
in_place | In place | complete | en su lugar | en place | на месте | на місці | موجود
damaged | Damaged or incomplete | damaged | incomplete | dañada | endommagé | повреждено
    | пошкоджено
removed | Removed | taken away | retirada | enlevé | снято | знято | أزيل
""",
)
