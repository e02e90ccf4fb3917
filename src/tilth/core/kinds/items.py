"""The item line: one or several alike pieces of explosive ordnance, nested in a report."""

from __future__ import annotations

from tilth.core.kinds.lists_items import CATEGORY, CONDITION, DISPOSAL, ORIGIN
from tilth.core.kinds.lists_work import METHOD
from tilth.core.kinds.model import Field, FieldType
from tilth.core.kinds.shared import IMSMA, MDR, PRACTICE, RULES, words

__all__ = ["ITEMS", "ITEMS_TOTAL"]

_LINE: tuple[Field, ...] = (
    Field(
        "line_id",
        FieldType.TEXT,
        "Line id",
        "Identifies the line within its report, so that a later disposal can name it.",
        clause=f"{RULES} §4",
        longest=100,
        headings=words("line id | item id | item no | número | numéro | номер предмета"),
    ),
    Field(
        "category",
        FieldType.CODE,
        "Category",
        "What it is; small-arms ammunition is counted apart.",
        clause=f"{MDR}: category of devices",
        minimum=True,
        codelist=CATEGORY,
        headings=words(
            "category | item category | eo category | device category | device type | type of item "
            "| ordnance type | categoría | tipo de artefacto | catégorie | type d'engin "
            "| категория "
            "| тип боеприпаса | категорія | тип боєприпасу | نوع الذخيرة | الفئة"
        ),
    ),
    Field(
        "subcategory",
        FieldType.TEXT,
        "Subcategory",
        "Such as projectile, mortar bomb, rocket, grenade, aircraft bomb, missile.",
        clause=PRACTICE,
        longest=200,
        headings=words("subcategory | sub-category | sub category | subcategoría | подкатегория"),
    ),
    Field(
        "model",
        FieldType.TEXT,
        "Model",
        clause=f"{MDR}: model of devices found and destroyed",
        minimum=True,
        longest=200,
        headings=words("model | item model | device model | modelo | modèle | модель | النوع"),
    ),
    Field(
        "quantity",
        FieldType.INTEGER,
        "Quantity",
        "Pieces alike in everything else on the line.",
        clause=f"{RULES} §4",
        minimum=True,
        least="0",
        most="1000000000",  # sums of a million such lines still fit 64 bits
        headings=words(
            "quantity | qty | number of items | count | cantidad | quantité | nombre | количество "
            "| кол-во | кількість | к-сть | الكمية | العدد"
        ),
    ),
    Field(
        "weight_kg",
        FieldType.DECIMAL,
        "Weight",
        "Of the whole line; small-arms ammunition is often weighed.",
        clause=f"{RULES} §4",
        unit="kg",
        least="0",
        most="100000000",
        headings=words("weight | weight kg | peso | peso kg | poids | вес | вага | الوزن"),
    ),
    Field(
        "position",
        FieldType.SHAPE,
        "Position",
        "Where the item lay.",
        clause=f"{MDR}: coordinates of all devices found",
        minimum=True,
        shapes=("Point",),
        headings=words("position | item position | coordinates of item"),
    ),
    Field(
        "depth_cm",
        FieldType.DECIMAL,
        "Depth of the item",
        "From the surface to the top of the item; 0 on the surface.",
        clause=f"{MDR}: depth at which devices were found",
        minimum=True,
        unit="cm",
        least="0",
        most="10000",
        headings=words(
            "item depth | depth of item | profundidad del artefacto | глубина залегания"
        ),
    ),
    Field(
        "condition",
        FieldType.CODE,
        "Condition",
        clause=f"{MDR}: condition of devices found",
        minimum=True,
        codelist=CONDITION,
        headings=words("condition | item condition | condición | état | состояние | стан | الحالة"),
    ),
    Field(
        "origin",
        FieldType.CODE,
        "Origin",
        clause=f"{RULES} §4",
        codelist=ORIGIN,
        headings=words("origin | origen | origine | происхождение | походження | المصدر"),
    ),
    Field(
        "found_by",
        FieldType.CODE,
        "Found by",
        "Method or asset that found it.",
        clause=PRACTICE,
        codelist=METHOD,
        headings=words("found by | detected by | encontrado por | trouvé par | найден методом"),
    ),
    Field(
        "disposal",
        FieldType.CODE,
        "Disposal",
        "What became of it; absent while the item is unaccounted for.",
        clause=f"{MDR}: destruction or disposal method",
        minimum=True,
        codelist=DISPOSAL,
        headings=words(
            "disposal | disposal method | destruction method | fate | disposición final "
            "| método de destrucción | élimination | способ уничтожения | утилизация "
            "| спосіб знищення | طريقة التدمير | طريقة التخلص"
        ),
    ),
    Field(
        "disposed_on",
        FieldType.DAY,
        "Disposed of on",
        clause=PRACTICE,
        headings=words(
            "disposal date | destruction date | destroyed on | fecha de destrucción "
            "| date de destruction | дата уничтожения | дата знищення | تاريخ التدمير"
        ),
    ),
    Field(
        "disposal_place",
        FieldType.TEXT,
        "Place of disposal",
        "Demolition ground, store or place where it was left and marked.",
        clause=PRACTICE,
        longest=500,
        headings=words("disposal place | disposal site | demolition site | lugar de destrucción"),
    ),
    Field(
        "handed_over_to",
        FieldType.TEXT,
        "Handed over to",
        "Organisation that received it.",
        clause=f"{RULES} §4",
        longest=200,
        headings=words("handed over to | entregado a | remis à | передано кому | передано до"),
    ),
    Field(
        "received_from",
        FieldType.TEXT,
        "Received from",
        "Organisation that handed it over; the line then counts as received, not as found.",
        clause=f"{RULES} §4",
        longest=200,
        headings=words("received from | recibido de | reçu de | получено от | отримано від"),
    ),
    Field(
        "disposal_of",
        FieldType.TEXT,
        "Later disposal of",
        "``report#line`` of an earlier line; this line then adds nothing to what was found.",
        clause=f"{RULES} §4",
        longest=400,
        headings=words("disposal of | of line | item reference"),
    ),
)

ITEMS = Field(
    "items",
    FieldType.LINES,
    "Items",
    "Explosive ordnance found, received or disposed of.",
    clause=f"{MDR}: devices found; {IMSMA}: explosive ordnance",
    fields=_LINE,
    longest=100_000,
)

ITEMS_TOTAL = Field(
    "items_total",
    FieldType.INTEGER,
    "Declared total of items",
    "Total as the paper states it; compared with the lines, never added to them.",
    clause=f"{RULES} §4",
    least="0",
    most="1000000000",
    headings=words(
        "items total | total items | total devices | items destroyed | totalartefactosdestruidos "
        "| total artefactos destruidos | total de artefactos | total engins | всего предметов "
        "| всього предметів | العدد الكلي"
    ),
)
