"""Code lists of risk education and of the people that work is for."""

from __future__ import annotations

from tilth.core.kinds.shared import IMSMA, MDR, PRACTICE, SYRIA, codelist

__all__ = [
    "AUDIENCE",
    "BASIS",
    "BENEFICIARY_KIND",
    "CONVENTION",
    "EORE_CATEGORY",
    "EORE_METHOD",
    "EORE_PLACE",
]

EORE_CATEGORY = codelist(
    "eore_category",
    f"{SYRIA}: category of risk education",
    """
direct | Direct session with people | direct | directa | directe | прямое | пряме | مباشر
indirect | Through media or materials | indirect | indirecta | indirecte | непрямое | غير مباشر
training | Training of those who teach | training | training of trainers | formación | formation
    | обучение | навчання | تدريب
""",
)

EORE_METHOD = codelist(
    "eore_method",
    f"{MDR}: delivery method; {SYRIA}: method",
    """
group_session | Interactive group session | group | session | grupo | groupe | группа | група
house_to_house | House to house | door to door | casa por casa | porte-à-porte | подворовый обход
focus_group | Focus group | focus group | grupo focal | groupe de discussion | фокус-группа
peer_to_peer | Peer to peer | peer | pares | entre pairs | равный равному
theatre | Theatre or play | theatre | teatro | théâtre | театр | مسرح
radio_television | Radio or television | radio | tv | television | радио | телевидение
social_media | Social media | social | redes sociales | réseaux sociaux | соцсети | соцмережі
print | Printed material | leaflet | poster | folleto | affiche | листовка | листівка
briefing | Safety briefing | briefing | инструктаж | інструктаж
other | Other | otro | autre | другое | інше | أخرى
""",
    open=True,
)

EORE_PLACE = codelist(
    "eore_place",
    f"{SYRIA}: location of risk education",
    """
camp | Camp | campamento | camp | лагерь | табір | مخيم
child_space | Child-friendly space | child friendly space
community_centre | Community centre | centro comunitario | centre communautaire
school | Education facility | school | escuela | école | школа | مدرسة
farm | Farm | finca | ferme | ферма | مزرعة
household | Household | hogar | ménage | домохозяйство | منزل
market | Market | mercado | marché | рынок | ринок | سوق
medical | Medical facility | hospital | clinic | hôpital | больница | مستشفى
religious | Religious site | church | mosque | iglesia | église | церковь | مسجد
other | Other | otro | autre | другое | інше | أخرى
""",
    open=True,
)

AUDIENCE = codelist(
    "audience",
    f"{SYRIA}: audience of risk education",
    """
farmers | Farmers | agricultores | agriculteurs | фермеры | фермери | مزارعون
children | Children and pupils | pupils | niños | enfants | дети | діти | أطفال
teachers | Teachers | maestros | enseignants | учителя | вчителі | معلمون
displaced | Displaced people and refugees | idps | refugees | desplazados | déplacés | نازحون
health_workers | Health workers | personal sanitario | personnel de santé
community_leaders | Community leaders and focal points | líderes | dirigeants | лидеры общин
drivers | Drivers | conductores | chauffeurs | водители | سائقون
builders | Reconstruction workers | constructores | ouvriers | строители
scrap_dealers | Scrap dealers | chatarreros | ferrailleurs | сборщики металлолома
other | Other | otro | autre | другое | інше | أخرى
""",
    open=True,
)

BENEFICIARY_KIND = codelist(
    "beneficiary_kind",
    f"{MDR}: direct and indirect beneficiaries (IMAS 05.10 defines them)",
    """
direct | Direct | directo | directos | directs | прямые | прямі | مباشر
indirect | Indirect | indirecto | indirectos | indirects | косвенные | непрямі | غير مباشر
""",
)

BASIS = codelist(
    "beneficiary_basis",
    f"{MDR}: expected and confirmed beneficiaries",
    """
expected | Expected | planned | esperado | previsto | attendu | prévu | ожидаемые | очікувані
actual | Actual | confirmed | real | confirmado | réel | confirmé | фактические | фактичні
""",
)

CONVENTION = codelist(
    "convention",
    f"{PRACTICE}; treaties that ask for it: {IMSMA}",
    """
apmbc | Anti-Personnel Mine Ban Convention | apmbc | ottawa | mine ban treaty
ccm | Convention on Cluster Munitions | ccm | oslo
ccw | Convention on Certain Conventional Weapons | ccw
none | None of these | none | ninguna | aucune | нет | немає
""",
    open=True,
)
