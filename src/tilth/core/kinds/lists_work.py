"""Code lists of work: activities, methods, stoppages, terrain and the use of land."""

from __future__ import annotations

from tilth.core.kinds.shared import IMSMA, PRACTICE, SYRIA, codelist

__all__ = [
    "ACTIVITY",
    "BLOCKAGE",
    "DIFFICULTY",
    "INFORMATION_SOURCE",
    "LAND_USE",
    "METHOD",
    "ORGANISATION_ROLE",
    "PRIORITY",
    "RELEASE_CRITERION",
    "SLOPE",
    "STOPPAGE_CAUSE",
    "TERRAIN",
    "VEGETATION",
]

ACTIVITY = codelist(
    "activity",
    f"{IMSMA}: classes of activity (outcome reports are documents, not activities)",
    """
nts | Non-technical survey | nts | non technical survey | estudio no técnico | ent
    | enquête non technique | нетехническое обследование | нто | нетехнічне обстеження
    | مسح غير تقني
ts | Technical survey | ts | estudio técnico | et | enquête technique
    | техническое обследование | технічне обстеження | مسح تقني
clearance | Clearance | mine clearance | demining | despeje | desminado | dépollution | déminage
    | разминирование | очистка | розмінування | очищення | تطهير | إزالة الألغام
bac | Battle area clearance | bac | despeje de áreas de batalla | dépollution de zone de combat
    | очистка районов боевых действий | очищення районів бойових дій | تطهير ساحات المعارك
eod_spot_task | EOD spot task | spot task | eod | neb | nedex | tarea puntual | intervention neb
    | разовая задача | оперативне завдання | مهمة موضعية
road_assessment | Road assessment | evaluación de ruta | évaluation de route
road_verification | Road verification | verificación de ruta | vérification de route
road_clearance | Road clearance | despeje de ruta | dépollution de route
stockpile_destruction | Stockpile destruction | destrucción de reservas | destruction des stocks
    | уничтожение запасов | знищення запасів | تدمير المخزون
marking | Marking | señalización | marquage | маркировка | маркування | وضع العلامات
surveillance | Surveillance of marked ground | vigilancia | surveillance
post_clearance | Inspection or review after clearance | post clearance | post-clearance
other | Other | otro | otra | autre | другое | інше | أخرى
""",
    open=True,
)

METHOD = codelist(
    "method",
    f"{IMSMA}: property of a worked polygon (dogs, machines); finer values: {PRACTICE}",
    """
manual | Manual, not further specified | manual clearance | md | manual demining
    | desminado manual | despeje manual | déminage manuel | manuel | ручной | ручное
    | ручне | يدوي | يدوية
manual_detector | Manual, metal detector | detector | metal detector | detector de metales
    | détecteur | металлодетектор | металошукач | كاشف معادن
manual_dual_sensor | Manual, dual sensor with ground radar | dual sensor | gpr | hstamids
manual_prodding | Manual, prodding | prodding | prodder | sondeo | sondage | щуп | وخز
manual_raking | Manual, raking | rake | raking | rastrillo | râteau | грабли | граблі
manual_excavation | Manual, full excavation | excavation | full excavation | excavación | раскопка
mdd | Mine detection dogs | dogs | dog | mine detection dog | perros | canina | caninos | chiens
    | эод | собаки | мрс | кінологічний | كلاب
rats | Mine detection rats | rats | mdr | ratas | крысы | щури | جرذان
mechanical | Mechanical, not further specified | machine | mecánico | mecánica | mécanique
    | механический | механическое | механічне | механічний | آلي | ميكانيكي
flail | Flail | cadenas | fléau | цеповой трал
tiller | Tiller | fresadora | fraise | фреза
roller | Roller | rodillo | rouleau | каток | коток
sifter | Sifter | criba | crible | сито | غربال
armoured_excavator | Armoured excavator | excavator | excavadora | pelle blindée | экскаватор
vegetation_cutter | Vegetation cutter | cutter | desbrozadora | débroussailleuse
bac_surface | Battle area, surface search | bac surface | surface bac | visual bac
bac_subsurface | Battle area, instrument-aided sub-surface search | bac subsurface
    | bac sub-surface | instrument aided bac | subsurface bac
magnetometer | Magnetometer or induction array | magnetometer | magnetómetro | magnétomètre
    | магнитометр | магнітометр
uav_survey | Survey by unmanned aircraft | uav | drone | dron | дрон | бпла | طائرة مسيرة
visual | Visual inspection | visual search | inspección visual | inspection visuelle
    | визуальный осмотр | візуальний огляд | بصري
interview | Interviews and desk study | nts | desk | entrevistas | entretiens | опрос | опитування
other | Other | otro | otra | autre | другое | інше | أخرى
""",
    open=True,
)

STOPPAGE_CAUSE = codelist(
    "stoppage_cause",
    f"why work stood still; {PRACTICE}",
    """
weather | Weather | rain | clima | lluvia | météo | pluie | погода | дождь | дощ | طقس
security | Security | seguridad | sécurité | безопасность | безпека | أمن
accident | Accident | accidente | авария | нещасний випадок | حادث
medical | Medical cover not available | medical | médico | médical | медицина
equipment | Equipment failure | breakdown | equipo | avería | panne | поломка | عطل
access | No access or no permission | acceso | accès | доступ | وصول
community | Asked by the community or land user | community | comunidad | communauté
inspection | Inspection or quality visit | qa visit | inspección | inspection | проверка
demolition | Demolition in progress | demolition | demolición | démolition | подрыв | підрив
training | Training or drill | training | entrenamiento | formation | обучение | навчання
holiday | Holiday or leave | holiday | feriado | congé | выходной | вихідний | عطلة
other | Other | otro | otra | autre | другое | інше | أخرى
""",
    open=True,
)

RELEASE_CRITERION = codelist(
    "release_criterion",
    f"{IMSMA}: criteria for cancellation and for reduction; values: {PRACTICE}",
    """
no_evidence | No evidence found | no evidence
entered_in_error | Area drawn by mistake | error | mapping error
used_by_people | Used by people over years without accident | land in use
duplicate | Already covered by another area | duplicate
targeted_search | Searched where evidence pointed, nothing found | targeted investigation
systematic_search | Searched by pattern, nothing found | systematic investigation
boundary_found | Edge of contamination found | fade-out complete
other | Other, see description | other
""",
    open=True,
)

LAND_USE = codelist(
    "land_use",
    f"{IMSMA}: intended land use; values: {PRACTICE}",
    """
crops | Crops | agriculture | agricultura | cultivo | сельское хозяйство | рілля | زراعة
pasture | Pasture | grazing | pastoreo | pâturage | пастбище | пасовище | رعي
forest | Forest | bosque | forêt | лес | ліс | غابة
housing | Housing | vivienda | habitation | жилье | житло | سكن
road | Road or path | camino | route | дорога | طريق
water | Water source | agua | eau | вода | مياه
school | School or public building | escuela | école | школа | مدرسة
infrastructure | Infrastructure or utilities | infraestructura | infrastructure | بنية تحتية
industry | Industry or trade | industria | industrie | промышленность | صناعة
cultural | Cultural or religious site | cultural | religieux | культовое | ديني
memorial | Memorial site | memorial | monument | monumento | mémorial
    | мемориал | меморіал | نصب تذكاري
nature | Nature, not used | natural | nature | природа | طبيعة
other | Other | otro | otra | autre | другое | інше | أخرى
""",
    open=True,
)

BLOCKAGE = codelist(
    "blockage",
    f"{IMSMA} and {SYRIA}: what people cannot use",
    """
agriculture | Farming | agriculture | agricultura | сельское хозяйство | زراعة
pasture | Grazing | pasture | pastoreo | pâturage | пастбище
non_agriculture | Other use of the land | non-agriculture | forest products
housing | Housing | vivienda | habitation | жилье | житло
roads | Roads and access | access | roads | acceso | accès | дороги | طرق
water | Water | agua | eau | вода | مياه
infrastructure | Infrastructure | infraestructura | infrastructure | инфраструктура
community | Community places | community | comunidad | communauté
safety | Safety and security | safety | security | seguridad | sécurité
""",
    open=True,
)

PRIORITY = codelist(
    "priority",
    f"{IMSMA}: priority",
    """
high | High | alta | alto | haute | élevée | высокий | високий | عالية | 1
medium | Medium | media | medio | moyenne | средний | середній | متوسطة | 2
low | Low | baja | bajo | basse | faible | низкий | низький | منخفضة | 3
""",
    open=True,
)

SLOPE = codelist(
    "slope",
    f"{IMSMA}: slope; limits: {PRACTICE}",
    """
flat | Flat, under 5 degrees | flat | plano | plat | ровный | рівний
gentle | Gentle, 5 to 15 degrees | gentle | suave | douce | пологий
steep | Steep, 15 to 30 degrees | steep | empinado | raide | крутой | крутий
very_steep | Over 30 degrees | very steep | muy empinado | très raide
""",
    open=True,
)

VEGETATION = codelist(
    "vegetation",
    f"{IMSMA}: vegetation density",
    """
none | None | ninguna | aucune | нет | немає
light | Light | low | ligera | légère | редкая | рідка
medium | Medium | media | moyenne | средняя | середня
dense | Dense | heavy | high | densa | dense | густая | густа
""",
    open=True,
)

DIFFICULTY = codelist(
    "difficulty",
    f"{IMSMA}: metal content and clearance difficulty",
    """
none | None | ninguna | aucune | нет | немає
low | Low | baja | faible | низкая | низька
medium | Medium | media | moyenne | средняя | середня
high | High | alta | élevée | высокая | висока
""",
    open=True,
)

TERRAIN = codelist(
    "terrain",
    f"{IMSMA}: terrain category; values: {PRACTICE}",
    """
farmland | Farmland | cropland | cultivo | terre agricole | пашня | рілля | أرض زراعية
grassland | Grassland | pasture | pastizal | prairie | луг | луки
bush | Bush | scrub | matorral | brousse | кустарник | чагарник
forest | Forest | woodland | bosque | forêt | лес | ліс | غابة
desert | Sand or desert | desert | desierto | désert | пустыня | صحراء
mountain | Mountain or rock | mountain | hillside | montaña | montagne | горы | гори | جبل
wetland | Wetland or river bank | marsh | humedal | marais | болото
urban | Built-up or rubble | urban | building | urbano | urbain | город | забудова | حضري
road | Road or track | route | camino | дорога | طريق
underwater | Under water | underwater | subacuático | sous-marin | под водой | під водою
other | Other | otro | autre | другое | інше | أخرى
""",
    open=True,
)

INFORMATION_SOURCE = codelist(
    "information_source",
    f"{SYRIA}: source of information",
    """
community_survey | Community survey | community survey
risk_education | Risk education session | risk education | re | eore
accident_report | Accident or victim report | accident | victim
nts | Non-technical survey | non technical survey
ts | Technical survey | technical survey
military_record | Military record or map | military
other_organisation | Another organisation | other agency
remote_sensing | Image from air or space | imagery | satellite
other | Other | otro | autre | другое | інше | أخرى
""",
    open=True,
)

ORGANISATION_ROLE = codelist(
    "organisation_role",
    f"{IMSMA}: organisation; values: {PRACTICE}",
    """
authority | National mine action authority | nmaa | autoridad | autorité | орган | سلطة
mine_action_centre | Mine action centre | mac | centro | centre | центр | مركز
operator | Operator | operador | opérateur | оператор | مشغل
army_engineers | Army engineers | military | ejército | armée | армия | армія | جيش
civil_protection | Civil protection or rescue service | protección civil | мчс | дснс
ngo | Non-governmental organisation | ong | нпо | го | منظمة غير حكومية
company | Commercial company | commercial | empresa | entreprise | компания | компанія | شركة
contingent | Foreign contingent | contingent | contingente | контингент
quality_body | Quality assurance or inspection body | qa | qc
police | Police | policía | полиция | поліція | شرطة
united_nations | United Nations | un | onu | оон | الأمم المتحدة
donor | Donor | donante | bailleur | донор | مانح
observer | Observer | observador | observateur | наблюдатель | спостерігач | مراقب
medical | Medical service | medical | sanidad | médical
other | Other | otro | autre | другое | інше | أخرى
""",
    open=True,
)
