"""Evidence points: what speaks for or against contamination at a place."""

from __future__ import annotations

from tilth.core.kinds import lists_land as land
from tilth.core.kinds import lists_work as work
from tilth.core.kinds.ground import POINT_HEADINGS
from tilth.core.kinds.lists_items import CATEGORY
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.shared import IMSMA, MDR, SYRIA, every, words

__all__ = ["EVIDENCE_POINT"]

EVIDENCE_POINT = Kind(
    "evidence_point",
    1,
    "Evidence point",
    "Something seen, told or written that speaks for or against contamination at a place.",
    fields=(
        *every(),
        Field(
            "evidence_type",
            FieldType.CODE,
            "Type of evidence",
            clause=f"{MDR}: type of direct evidence found",
            minimum=True,
            codelist=land.EVIDENCE_TYPE,
            headings=words(
                "evidence type | type of evidence | tipo de evidencia | type de preuve "
                "| тип доказательства | тип доказу | نوع الدليل"
            ),
        ),
        Field(
            "category",
            FieldType.CODE,
            "Direct or indirect",
            clause=f"{MDR}: category of direct evidence",
            minimum=True,
            codelist=land.EVIDENCE_CATEGORY,
            headings=words("category | categoría | catégorie | категория | категорія | الفئة"),
        ),
        Field(
            "point",
            FieldType.SHAPE,
            "Location",
            clause=f"{MDR}: location of direct evidence found",
            minimum=True,
            shapes=("Point",),
            headings=POINT_HEADINGS,
        ),
        Field(
            "accuracy_m",
            FieldType.DECIMAL,
            "Accuracy of the location",
            clause=f"{SYRIA}: GPS accuracy",
            unit="m",
            least="0",
            headings=words("accuracy | gps accuracy | precisión | précision | точность | точність"),
        ),
        Field(
            "method",
            FieldType.CODE,
            "How it is known",
            clause=f"{SYRIA}: visual, verbal, records",
            codelist=land.EVIDENCE_METHOD,
            headings=words("method | how known | método | méthode | метод | الطريقة"),
        ),
        Field(
            "source_type",
            FieldType.CODE,
            "Source",
            "Kind of source; names of informants are not recorded here.",
            clause=f"{SYRIA}: source of information",
            codelist=work.INFORMATION_SOURCE,
            headings=words("source | fuente | источник | джерело | مصدر المعلومات"),
        ),
        Field(
            "information_class",
            FieldType.CODE,
            "Reliability of the information",
            clause=f"{IMSMA}: information classification M1 to M4",
            codelist=land.INFORMATION_CLASS,
            headings=words("reliability | information class | fiabilidad | fiabilité"),
        ),
        Field(
            "hazard",
            FieldType.RECORD,
            "Hazard area",
            clause=f"{IMSMA}: linked hazard",
            refers_to="hazard_area",
            longest=500,
            headings=words("hazard | hazard id | hazard area"),
        ),
        Field(
            "ordnance",
            FieldType.CODES,
            "Ordnance concerned",
            clause=f"{MDR}: category of devices",
            codelist=CATEGORY,
            headings=words("ordnance | device | artefacto | engin | боеприпас | боєприпас"),
        ),
        Field(
            "country",
            FieldType.TEXT,
            "Country",
            "As the source names it.",
            longest=200,
            headings=words("target_country | target country | country | país | pays | страна"),
        ),
        Field(
            "description",
            FieldType.TEXT,
            "Description",
            headings=words(
                "description | target_type | target type | descripción | описание | опис | الوصف"
            ),
        ),
        Field(
            "ordnance_weight_kg",
            FieldType.DECIMAL,
            "Weight of ordnance used",
            "For records of air raids and fire.",
            unit="kg",
            least="0",
            headings=words("total weight kg | weight of bombs kg"),
        ),
    ),
    required=("happened_on",),
)
