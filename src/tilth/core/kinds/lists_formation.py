"""Code lists of the formation: teams, their members, assets, tests and rights to data."""

from __future__ import annotations

from tilth.core.kinds.shared import IMSMA, PRACTICE, codelist

__all__ = [
    "ASSET_STATUS",
    "ASSET_TEST",
    "ASSET_TYPE",
    "ECHELON",
    "FUNCTION",
    "SHARE",
    "TEST_RESULT",
]

ECHELON = codelist(
    "echelon",
    f"chain of command of a formation; {PRACTICE}",
    """
formation | Formation or contingent | contingent | detachment | brigade | battalion | regiment
    | contingente | formación | détachement | формирование | отряд | формування | загін | تشكيل
unit | Unit | company | platoon | section | unidad | compañía | unité | compagnie
    | подразделение | рота | взвод | підрозділ | وحدة
team | Team | squad | group | equipo | cuadrilla | équipe | команда | расчет | группа | група
    | розрахунок | فريق
""",
)

FUNCTION = codelist(
    "function",
    f"function of a person in a team; {PRACTICE}",
    """
leader | Leader | team leader | commander | section commander | líder | jefe | chef d'équipe
    | командир | старший расчета | командир групи | قائد
deminer | Deminer | sapper | desminador | démineur | сапер | саперка | نازع ألغام
medic | Medic | paramedic | enfermero | sanitario | infirmier | secouriste | медик | санитар
    | санітар | مسعف
driver | Driver | conductor | chauffeur | водитель | водій | سائق
machine_operator | Machine operator | operador de máquina | opérateur de machine
    | оператор машины | оператор машини | механик-водитель
dog_handler | Dog handler | guía canino | maître-chien | conducteur de chien | кинолог | кінолог
surveyor | Surveyor | nts officer | encuestador | enquêteur | обследователь | обстежувач | مساح
eod_operator | EOD operator | eod technician | técnico neb | opérateur neb | взрывотехник
    | піротехнік
inspector | Inspector | qa officer | monitor | inspecteur | инспектор | інспектор | مفتش
staff | Staff | headquarters | estado mayor | état-major | штаб | مقر
other | Other | otro | autre | другое | інше | أخرى
""",
)

ASSET_TYPE = codelist(
    "asset_type",
    f"{IMSMA}: deployed asset; values: {PRACTICE}",
    """
detector | Detector | metal detector | detector de metales | détecteur | миноискатель
    | міношукач | كاشف
machine | Machine | demining machine | máquina | машина | آلة
dog | Dog | mine detection dog | perro | chien | собака | كلب
rat | Rat | mine detection rat | rata | крыса | щур | جرذ
drone | Unmanned aircraft | uav | dron | дрон | бпла | طائرة مسيرة
vehicle | Vehicle | ambulance | vehículo | véhicule | автомобиль | автомобіль | مركبة
other | Other | otro | autre | другое | інше | أخرى
""",
)

ASSET_STATUS = codelist(
    "asset_status",
    f"state of a thing or an animal of the formation; {PRACTICE}",
    """
in_use | In use | serviceable | en uso | en service | в работе | исправен | справний
    | قيد الاستخدام
repair | Under repair or unfit for now | unserviceable | en reparación | en réparation
    | в ремонте | у ремонті | قيد الإصلاح
retired | Retired | written off | dado de baja | réformé | списан | списано | خارج الخدمة
returned | Returned to where it came from | sent home | devuelto | rendu | возвращен
    | повернуто | أعيد
handed_over | Handed over to another organisation | transferred | entregado | transféré
    | передан | передано | سلم
""",
)

ASSET_TEST = codelist(
    "asset_test",
    f"tests of detectors, machines and animals before work; {PRACTICE}",
    """
calibration | Calibration | calibración | étalonnage | калибровка | калібрування | معايرة
test_field | Test on a test field | test field | test lane | accreditation test
    | campo de prueba | terrain d'essai | полигон | випробувальне поле | حقل اختبار
maintenance | Maintenance or check by a veterinarian | maintenance | service | mantenimiento
    | entretien | обслуживание | обслуговування | صيانة
""",
)

TEST_RESULT = codelist(
    "test_result",
    f"outcome of a test of an asset; {PRACTICE}",
    """
passed | Passed | pass | ok | aprobado | réussi | admis | пройден | сдал | складено | ناجح
failed | Failed | fail | reprobado | échoué | не пройден | не сдал | не складено | راسب
""",
)

SHARE = codelist(
    "share",
    f"how much of an organisation's data another one is given; {PRACTICE}",
    """
full | Whole records | full | completo | complet | полностью | повністю | كامل
aggregate | Totals only | totals | agregado | agrégé | только итоги | лише підсумки | إجمالي
none | Nothing | ninguno | aucun | ничего | нічого | لا شيء
""",
)
