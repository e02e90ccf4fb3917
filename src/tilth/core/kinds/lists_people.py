"""Code lists of accidents and the people hurt in them."""

from __future__ import annotations

from tilth.core.kinds.shared import IMSMA, MDR, PRACTICE, SYRIA, codelist

__all__ = [
    "ACCIDENT_CLASS",
    "ACCIDENT_TYPE",
    "CARE",
    "DISPLACEMENT",
    "FREQUENCY",
    "OUTCOME",
    "SEX",
    "VICTIM_ACTIVITY",
    "YES_NO",
]

ACCIDENT_TYPE = codelist(
    "accident_type",
    f"{MDR}: demining or mine accident; demining accidents also follow IMAS 10.60",
    """
demining | During demining work | demining accident | desminado | accident de déminage
    | при разминировании | під час розмінування | حادث إزالة ألغام
civil | Not during demining work | non-demining | mine accident | civilian | civil
    | не при разминировании | цивільний | حادث لغم
""",
)

ACCIDENT_CLASS = codelist(
    "accident_class",
    f"{IMSMA}: accident classes",
    """
mine | Mine | mina | mine | мина | міна | لغم
cluster | Cluster munition | submunition | racimo | sous-munition | кассетный | касетний
    | عنقودية
uxo_axo | Unexploded or abandoned ordnance | uxo | axo | erw | muse | reg | внп | مخلفات
ied | Improvised device | improvised | aei | eei | сву | свп | عبوة ناسفة
stored_ammunition | Stored ammunition | ammunition depot | polvorín | dépôt
other | Other | otro | autre | другое | інше | أخرى
unknown | Not known | desconocido | inconnu | неизвестно | невідомо | غير معروف
""",
    open=True,
)

OUTCOME = codelist(
    "outcome",
    f"{MDR}: injured or killed",
    """
injured | Injured | wounded | herido | herida | blessé | blessée | ранен | ранена | поранено
    | поранений | جريح | مصاب
killed | Killed | dead | fatal | muerto | muerta | fallecido | tué | tuée | mort | погиб
    | убит | загинув | загинула | قتيل | متوفى
unhurt | Not hurt | ileso | indemne | не пострадал | не постраждав
unknown | Not known | desconocido | inconnu | неизвестно | невідомо | غير معروف
""",
)

SEX = codelist(
    "sex",
    f"{MDR}: gender (sex-disaggregated data)",
    """
female | Female | f | woman | girl | femenino | mujer | féminin | femme | женский | женщина
    | жіноча | жінка | أنثى
male | Male | m | man | boy | masculino | hombre | masculin | homme | мужской | мужчина
    | чоловіча | чоловік | ذكر
other | Other | otro | autre | другой | інша
unknown | Not known | desconocido | inconnu | неизвестно | невідомо | غير معروف
""",
)

VICTIM_ACTIVITY = codelist(
    "victim_activity",
    f"{MDR}: activity at the time; values: {PRACTICE}",
    """
farming | Farming | agriculture | agricultura | cultivar | сельское хозяйство | زراعة
herding | Tending animals | herding | pastoreo | élevage | выпас | випас | رعي
collecting_wood | Collecting wood, food or water | firewood | leña | bois
collecting_scrap | Collecting scrap metal | scrap | chatarra | ferraille | металлолом
travelling | Walking or travelling | travel | viajar | caminar | voyage | в пути | سفر
playing | Playing | play | jugar | jeu | игра | гра | لعب
at_home | At home or near the house | home | casa | maison | дома | вдома
tampering | Handling the item | tampering | manipulación | manipulation | обращение
demining | Demining | desminado | déminage | разминирование | розмінування
military | Military or police duty | military | militar | militaire | военный
building | Building or clearing rubble | construction | construcción
other | Other | otro | autre | другое | інше | أخرى
unknown | Not known | desconocido | inconnu | неизвестно | невідомо | غير معروف
""",
    open=True,
)

DISPLACEMENT = codelist(
    "displacement",
    f"{IMSMA}: displacement status; {SYRIA}: status",
    """
resident | Resident | residente | résident | житель | мешканець | مقيم
displaced | Internally displaced | idp | desplazado | déplacé | впл | نازح
refugee | Refugee | refugiado | réfugié | беженец | біженець | لاجئ
returnee | Returned | retornado | retourné | вернувшийся | повернувся | عائد
nomad | Nomad | nómada | nomade | кочевник | بدوي
other | Other | otro | autre | другое | інше | أخرى
unknown | Not known | desconocido | inconnu | неизвестно | невідомо | غير معروف
""",
    open=True,
)

FREQUENCY = codelist(
    "frequency",
    f"{IMSMA}: how often the area was entered",
    """
never | Never before | never | nunca | jamais | никогда | ніколи
rarely | A few times | rarely | rara vez | rarement | редко | рідко
weekly | About every week | weekly | semanal | hebdomadaire
daily | Every day | daily | diario | quotidien | ежедневно | щодня
unknown | Not known | desconocido | inconnu | неизвестно | невідомо | غير معروف
""",
)

YES_NO = codelist(
    "yes_no",
    f"{IMSMA}: yes, no, unknown",
    """
yes | Yes | y | sí | si | oui | да | так | نعم | true | 1
no | No | n | non | нет | ні | لا | false | 0
unknown | Not known | desconocido | inconnu | неизвестно | невідомо | غير معروف
""",
)

CARE = codelist(
    "care",
    f"{SYRIA}: aid on the spot and transport; {IMSMA}: first medical facility; values: {PRACTICE}",
    """
none | None | ninguna | aucun | нет | немає
first_aid | First aid on the spot | primeros auxilios | premiers secours | первая помощь
clinic | Clinic or health post | clinic | puesto de salud | clinique | медпункт
hospital | Hospital | hôpital | больница | госпиталь | лікарня | مستشفى
unknown | Not known | desconocido | inconnu | неизвестно | невідомо | غير معروف
""",
    open=True,
)
