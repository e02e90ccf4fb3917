"""Code lists of ground: what is suspected, on what evidence, how far work and release have come."""

from __future__ import annotations

from tilth.core.kinds.shared import IMSMA, MDR, PRACTICE, RULES, SYRIA, codelist

__all__ = [
    "AREA_TYPE",
    "CLASSIFICATION",
    "DIRECT_EVIDENCE",
    "EVIDENCE_CATEGORY",
    "EVIDENCE_METHOD",
    "EVIDENCE_TYPE",
    "EXTENT",
    "INDIRECT_EVIDENCE",
    "INFORMATION_CLASS",
    "RELEASE_CLAIM",
    "RELEASE_STATE",
    "RELEASE_TYPE",
    "SEARCH",
    "TECHNICAL_ASSET",
    "WORK_STATUS",
]

CLASSIFICATION = codelist(
    "classification",
    f"{MDR}: type of area; {IMSMA}: Land (storage and spot tasks are other kinds)",
    """
indication | Indication of contamination | indication | event | indicio | indice | признак
    | ознака | повідомлення | مؤشر | reported
SHA | Suspected hazardous area | suspected | suspect | suspected area | suspected minefield
    | suspected hazard area | suspected areas | área sospechosa | área peligrosa sospechosa | aps
    | asp | sospechosa | zone soupçonnée dangereuse | zone suspectée dangereuse | zsd | suspectée
    | предполагаемая опасная зона | подозреваемая опасная зона | предполагаемый опасный район
    | пор | підозрювана небезпечна територія | підозріла небезпечна ділянка | пнт | пнр
    | منطقة خطرة مشتبه بها | منطقة يشتبه بخطورتها | مشتبه بها
CHA | Confirmed hazardous area | confirmed | confirmed area | confirmed minefield | minefield
    | confirmed hazard area | defined hazardous area | dha | área confirmada
    | área peligrosa confirmada | apc | confirmada | campo minado | zone confirmée dangereuse
    | zone dangereuse confirmée | zdc | confirmée | champ de mines | минное поле
    | подтвержденная опасная зона | подтвержденный опасный район | поз
    | підтверджена небезпечна територія | підтверджена небезпечна ділянка | мінне поле
    | منطقة خطرة مؤكدة | منطقة مؤكدة الخطورة | حقل الغام | مؤكدة
""",
)

AREA_TYPE = codelist(
    "area_type",
    f"{IMSMA}: type of contamination of land; values: {PRACTICE}",
    """
minefield | Minefield | mined area | campo minado | zona minada | champ de mines | минное поле
    | мінне поле | حقل ألغام
nuisance_mines | Scattered or nuisance mines | nuisance minefield | dispersas | mines éparses
    | розсіяні міни | ألغام متفرقة
cluster_strike | Cluster munition strike | cluster | cluster strike | cluster munition area
    | cluster munition remnants | cmr | municiones en racimo | armes à sous-munitions
    | кассетные боеприпасы | касетні боєприпаси | ذخائر عنقودية
battle_area | Battle area | battlefield | ba | campo de batalla | zone de combat
    | район боевых действий | район бойових дій | ساحة معركة
ied_area | Area of improvised devices | ied | ied area | aei | minas improvisadas
    | zone d'eei | свп | عبوات ناسفة
mined_road | Mined road or track | road | route | camino minado | route minée | дорога | طريق
ammunition_storage | Ammunition storage or stockpile | ammunition storage | stockpile
    | depósito de municiones | dépôt de munitions | склад боеприпасов | склад боєприпасів
    | مستودع ذخيرة
former_base | Former military position | military base | base militar | trench | position militaire
    | военная позиция | військова позиція | موقع عسكري
other | Other | otro | otra | autre | другое | інше | أخرى
unknown | Not known | desconocido | inconnu | неизвестно | невідомо | غير معروف
""",
    open=True,
)

WORK_STATUS = codelist(
    "work_status",
    f"axis of work, one of three that the vocabularies of status mix; {PRACTICE}",
    """
open | Open, not tasked | abierto | abierta | ouvert | ouverte | active | activo | открыт
    | открыто | відкрито | مفتوح | مفتوحة
tasked | Tasked | asignado | asignada | assigné | поставлена задача | призначено | مكلف
worked_on | Worked on | in progress | ongoing | en curso | en progreso | en cours | в работе
    | в роботі | قيد العمل | قيد التنفيذ
suspended | Suspended | suspendido | suspendida | suspendu | suspendue | приостановлено
    | призупинено | معلق | متوقف
work_complete | Work complete | closed | complete | completed | finished | cerrado | cerrada
    | terminado | terminée | terminé | fermé | fermée | закрыт | завершено | закрито | مغلق
    | مكتمل
""",
)

RELEASE_STATE = codelist(
    "release_state",
    f"{RULES} §5; handover and inspection: IMAS 08.30",
    """
proposed | Proposed | propuesto | proposé | предложено | запропоновано | مقترح
internal_qa | Internal quality assurance passed | internal qa | internal qa passed
external_qa | External quality check passed | external qa | external qc | qc passed
approved | Approved | aprobado | aprobada | approuvé | approuvée | утверждено | затверджено
    | موافق عليه
handed_over | Handed over | entregado | entregada | remis | remise | передано | تم التسليم
reviewed | Reviewed after release | post clearance | post-clearance reviewed
rework | To be worked again | rework | repetir | à refaire | доработать | доопрацювати
rejected | Rejected | rechazado | rechazada | rejeté | rejetée | отклонено | відхилено | مرفوض
revoked | Revoked | revocado | revocada | révoqué | révoquée | отозвано | відкликано | ملغى
""",
)

RELEASE_CLAIM = codelist(
    "release_claim",
    f"what a word of status claims about release; it releases nothing ({RULES} §3)",
    """
cancelled | Said to be cancelled
released | Said to be released
handed_over | Said to be handed over
expired | Said to be no longer current
""",
)

RELEASE_TYPE = codelist(
    "release_type",
    f"{MDR}: land release product",
    """
cancelled | Cancelled by non-technical survey | canceled | cancellation | cancelled area
    | cancelada | cancelado | cancelación | annulée | annulé | annulation | déclassée
    | отменено | отменена | аннулировано | скасовано | скасована | ملغاة | إلغاء | ألغيت
reduced | Reduced by technical survey | reduction | reduced area | reducida | reducido
    | reducción | réduite | réduit | réduction | сокращено | сокращена | скорочено | скорочена
    | مخفضة | تقليص
cleared | Cleared | clearance | clear | cleared area | cleared areas | despejada | despejado
    | despeje | desminada | desminado | dépolluée | dépollué | déminée | déminé | déminage
    | dépollution | очищено | очищена | разминировано | разминирована | розміновано
    | розмінована | مطهرة | مطهر | تطهير | منظفة
""",
)

TECHNICAL_ASSET = codelist(
    "technical_asset",
    f"{IMSMA}: reduced area with or without technical asset",
    """
with | With a technical asset | yes | con | sí | si | avec | oui | с | да | з | так | مع | نعم
without | Without a technical asset | no | sin | sans | non | без | нет | ні | بدون | لا
""",
)

EXTENT = codelist(
    "extent",
    f"{RULES} §3: whole hazard without a polygon",
    """
shape | The shape given | polygon | polígono | polygone | полигон | полігон | مضلع
whole | What remains of the whole hazard | all | entire | total | todo | totalité | целиком
    | повністю | كامل
""",
)

SEARCH = codelist(
    "search",
    f"{RULES} §3: surface and sub-surface search are not the same product",
    """
surface | Surface | visual | superficie | superficial | поверхность | поверхня | سطحي
subsurface | Sub-surface | sub-surface | sub surface | subsuelo | subsuperficial | profundidad
    | sous-surface | profondeur | подповерхностный | глубина | підповерхневий | تحت السطح
""",
)

EVIDENCE_CATEGORY = codelist(
    "evidence_category",
    f"{MDR}: category of direct evidence; {IMSMA}: evidence of contamination",
    """
direct | Direct | directa | directo | directe | прямое | прямой | прямий | пряме | مباشر
indirect | Indirect | indirecta | indirecto | indirecte | косвенное | косвенный | непрямий
    | непряме | غير مباشر
none | None | ninguna | ninguno | aucune | aucun | нет | немає | لا يوجد
""",
)

EVIDENCE_TYPE = codelist(
    "evidence_type",
    f"{SYRIA}: evidence matrix; bombing target added for records of air raids",
    """
ordnance_seen | Explosive ordnance seen | explosive hazard | eo | artefacto visto | engin vu
ordnance_record | Record of laid or fired ordnance | mine record | minefield record | registro
accident | Accident | accidente | incident | incidente | авария | происшествие | аварія | حادث
detonation | Detonation reported | reported detonation | detonación | détonation | взрыв | вибух
    | انفجار
marking | Marks or warning signs | markings | signs | señales | marquage | маркировка | علامات
scrap_metal | Scrap metal of munitions | scrap metal | chatarra | ferraille | металлолом
craters | Craters | crater | cráteres | cratères | воронки | вирви | حفر
damaged_infrastructure | Damaged infrastructure | infraestructura dañada
fighting_position | Fighting position or trench | trench | trinchera | tranchée | окоп
unused_land | Productive land left unused | unused productive land | tierra sin uso
bombing_target | Target of bombing | bombing target | bombing | target | bombardeo | bombardement
    | бомбардировка | бомбардування | قصف
other | Other | otro | otra | autre | другое | інше | أخرى
""",
    open=True,
)

EVIDENCE_METHOD = codelist(
    "evidence_method",
    f"{SYRIA}: visual observation, verbal information, former records",
    """
visual | Seen | visual observation | visual | observación | observation | визуально | مرئي
verbal | Told | verbal information | verbal | oral | entrevista | entretien | устно | усно | شفوي
record | Written in a record | former records | record | registro | archives | запись | архів
    | تقارير سابقة
""",
)

DIRECT_EVIDENCE = codelist(
    "direct_evidence",
    f"{IMSMA}: direct evidence; which counts is national; values: {PRACTICE}",
    """
ordnance_seen | Ordnance seen by the survey team | mines visible | eo observed
ordnance_found | Ordnance found or removed here | eo found | item found
reliable_record | Reliable record of laid or fired ordnance | mine records (high reliability)
accident_here | Accident at a known place | accident with known location
detonation_here | Detonation at a known place | detonation | fire detonation
mine_parts | Parts or packaging of mines or munitions | packaging | components
marking_official | Marks set by those who laid or found the ordnance | minefield signs
dog_or_detector | Indication of a detection asset confirmed by excavation | confirmed indication
other | Other direct evidence | other
""",
    open=True,
)

INDIRECT_EVIDENCE = codelist(
    "indirect_evidence",
    f"{IMSMA}: indirect evidence (a programme may count one of these as direct)",
    """
old_survey | Evidence from an old survey | old survey | evidence from old survey
former_combat_zone | Zone used by combatants | former combatant zone
accident_elsewhere | Accident whose place is not known | mine/erw accidents with unknown location
record_low | Record of low reliability | mine/erw records (low reliability)
unused_land | Productive land not in use | productive land not in use
verbal_report | Told by people | verbal reports | verbal report
not_specified | Not specified | unspecified
""",
    open=True,
)

INFORMATION_CLASS = codelist(
    "information_class",
    f"{IMSMA}: information classification",
    """
M1 | Ordnance physically verified: confirmed, reliable source
M2 | Evidence observed: not confirmed, reliable source
M3 | Evidence observed: not confirmed, unreliable source
M4 | Reported without evidence: not confirmed, unreliable source
""",
)
