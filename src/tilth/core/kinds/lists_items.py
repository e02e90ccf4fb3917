"""Code lists of explosive ordnance: what it is, in what state, where from, where it went."""

from __future__ import annotations

from tilth.core.kinds.shared import MDR, PRACTICE, RULES, codelist

__all__ = ["CATEGORY", "CONDITION", "DISPOSAL", "ORIGIN"]

CATEGORY = codelist(
    "category",
    f"explosive ordnance: scope of IMAS 04.10 (mines, cluster munitions, UXO, AXO, booby-traps, "
    f"other devices, improvised devices); finer values: {PRACTICE}; {RULES} §4 for small arms",
    """
ap_mine | Anti-personnel mine | ap mine | apm | ap | map | antipersonnel mine | antipersonal
    | mina antipersonal | minas antipersonal | mine antipersonnel | противопехотная мина | ппм
    | протипіхотна міна | لغم مضاد للأفراد | ap mines | anti personnel | anti-personnel
ap_mine_improvised | Anti-personnel mine of an improvised nature | improvised mine | improvised ap
    | mina antipersonal improvisada | mina improvisada | mine artisanale | mine improvisée
    | самодельная мина | саморобна міна | لغم مرتجل | ap mine improvised
av_mine | Anti-vehicle mine | av mine | avm | at mine | atm | anti-tank mine | antitank | at | av
    | mina antivehículo | mina antitanque | mam | mine antivéhicule | mine antichar
    | противотанковая мина | птм | протитанкова міна | لغم مضاد للمركبات | لغم مضاد للدبابات
    | anti-vehicle | anti vehicle | av mines | at mines
submunition | Submunition | cluster munition remnant | cmr | bomblet | submunitions | bomblets
    | submunición | submuniciones | sous-munition | sous-munitions | суббоеприпас
    | кассетный элемент | суббоєприпас | касетний елемент | ذخيرة صغيرة | قنابل عنقودية
uxo | Unexploded ordnance | muse | erw | unexploded | munición sin explosionar
    | municiones sin explotar | mune | reg | munition non explosée | нвб | нрб
    | неразорвавшийся боеприпас | нерозірваний боєприпас | внп | ذخائر غير منفجرة
axo | Abandoned ordnance | abandoned explosive ordnance | munición abandonada
    | munition abandonnée | брошенный боеприпас | покинутий боєприпас | ذخائر متروكة
saa | Small-arms ammunition | small arms ammunition | small arms | munición de armas ligeras
    | munitions de petit calibre | стрелковые боеприпасы | патроны | стрілецькі боєприпаси
    | набої | ذخيرة أسلحة صغيرة
fuze | Fuze, detonator or other part | fuse | fuzes | detonator | espoleta | espoletas | fusée
    | détonateur | взрыватель | детонатор | підривник | صاعق | صمام
ied | Improvised explosive device | aei | improvised | artefacto explosivo improvisado | eei
    | engin explosif improvisé | сву | свп | саморобний вибуховий пристрій | عبوة ناسفة
    | عبوات ناسفة مرتجلة | ieds
booby_trap | Booby-trap | booby trap | boobytrap | trampa explosiva | trampa cazabobos | piège
    | мина-ловушка | міна-пастка | شرك خداعي | فخ متفجر
other | Other | otro | otra | otros | autre | другое | інше | أخرى
unknown | Not known | unspecified | desconocido | inconnu | неизвестно | невідомо | غير معروف
""",
)

CONDITION = codelist(
    "condition",
    f"{MDR}: condition of devices found; values: {PRACTICE}",
    """
armed | Armed | armado | armada | armé | armée | взведен | зведений | مسلح
unarmed | Not armed | desarmado | non armé | не взведен | не зведений | غير مسلح
fuzed | Fuzed | con espoleta | avec fusée | с взрывателем | з підривником
unfuzed | Not fuzed | sin espoleta | sans fusée | без взрывателя | без підривника
intact | Intact | good | intacto | bueno | intact | исправен | цілий | سليم
damaged | Damaged | dañado | endommagé | поврежден | пошкоджений | متضرر
burnt | Burnt | quemado | brûlé | обгоревший | обгорілий | محترق
deteriorated | Deteriorated | deteriorado | corroded | détérioré | ржавый | корозія | متآكل
fired | Fired, not exploded | disparado | tiré | выстрелен | вистрілений
unknown | Not known | desconocido | inconnu | неизвестно | невідомо | غير معروف
""",
    open=True,
)

ORIGIN = codelist(
    "origin",
    f"{RULES} §4: items from stockpiles or handed in are shown apart",
    """
clearance | Found in clearance or survey | clearance | survey | despeje | dépollution
spot_task | Found in a spot task | eod | spot task | tarea puntual | neb
stockpile | From a stockpile | stockpile | reserva | arsenal | stock | запас | مخزون
handed_in | Handed in by people | handed in | entregado voluntariamente | remis | сдано | здано
other | Other | otro | autre | другое | інше | أخرى
""",
)

DISPOSAL = codelist(
    "disposal",
    f"{MDR}: destruction or disposal method; end states: {RULES} §4",
    """
destroyed_in_place | Destroyed where it lay | destroyed in situ | in situ | bip | blown in place
    | destruido in situ | destruido en el lugar | détruit sur place | уничтожено на месте
    | знищено на місці | دمر في المكان
moved_and_destroyed | Moved and destroyed elsewhere | demolition ground | removed and destroyed
    | trasladado y destruido | déplacé et détruit | вывезено и уничтожено
    | вивезено та знищено | نقل ودمر
destroyed_place_unknown | Destroyed, place not known | destroyed | destruido | destruida
    | destruidos | destrucción | détruit | détruite | уничтожено | уничтожен | знищено
    | знищений | دمر | مدمرة | تدمير
rendered_safe | Rendered safe, end still open | neutralised | neutralized | disarmed
    | neutralizado | desactivado | neutralisé | désamorcé | обезврежено | знешкоджено | أبطل
stored | Stored | storage | almacenado | stocké | entreposé | хранение | зберігання | مخزن
handed_over | Handed over | entregado | remis | передано | سلم
left_marked | Left and marked | marked | marcado | marqué | laissé et marqué | обозначено
    | позначено | ترك وعلم
""",
)
