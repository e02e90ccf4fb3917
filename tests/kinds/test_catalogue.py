"""The definitions themselves: names other parts rely on, sources, words that mean one thing."""

import unicodedata

import pytest

from tilth.core.kinds.catalogue import CODELISTS, KINDS, all_fields, codelists_of
from tilth.core.kinds.model import Codelist, Field, FieldType, Kind
from tilth.core.kinds.validate import check, checker

EVERY_FIELD = [
    pytest.param(kind, name, one, id=f"{kind.name}.{name}")
    for kind in KINDS.values()
    for name, one in all_fields(kind.fields)
]

RELIED_ON = {
    "operation": "name mandate ordered_by order_document ordered_on actual_from actual_to rule_set "
    "languages synthetic boundary period_from period_to authority frame_longitude_nd "
    "frame_latitude_nd extension_distance_m overlap_finding_m2 overlap_finding_width_m",
    "organisation": "name code roles state log_id data_rights.kinds data_rights.to "
    "data_rights.share",
    "place": "code name aliases parent shape point level",
    "hazard_area": "name classification shape point declared_area_m2 required_depth_cm "
    "required_search parents replaced work_status status_entered description contamination "
    "direct_evidence",
    "evidence_point": "evidence_type category point",
    "released_area": "release_type technical_asset hazard methods depth_cm search shape "
    "declared_area_m2 extent whole_of not_searched_reason release_state task teams assets projects "
    "intended_use coverage_percent",
    "clearance_report": "task assets project terrain vegetation team hazard methods shape "
    "processed_area_m2 hours personnel work stoppages items weather clutter_count items_total "
    "work.method work.processed_area_m2 work.hours work.shape stoppages.cause stoppages.hours",
    "spot_task": "shape items reported_by task assets project",
    "task": "order_number hazard assigned_to teams assets activity methods hazard_types "
    "required_depth_cm required_search shape marking medical_plan evacuation_plan "
    "evacuation_minutes explosives_allotted.explosive explosives_allotted.unit "
    "explosives_allotted.quantity planned_from planned_to continues project intended_use priority "
    "map_reference description",
    "status_change": "axis subject move from_state to_state follows reason cause overrides.rule "
    "overrides.record rule_set",
    "explosives_issue": "task explosive unit quantity lot store by",
    "explosives_return": "task explosive unit quantity lot store by",
    "explosives_use": "task explosive unit quantity lot store by charges.report charges.line_id "
    "charges.quantity",
    "marking": "hazard task marking_type shape signs state removed_on",
    "clearance_summary": "period_from period_to declared_area_m2 methods items items_total "
    "activity",
    "rule_set": "name version text sha256",
    "handover": "released_areas statements certificate_number recipients present_women "
    "markers_recorded "
    "markers.label markers.marker_type markers.point residual_risk liability purpose "
    "signatories.role signatories.person signatories.organisation overrides.rule "
    "overrides.record reason rule_set",
    "post_clearance_review": "handover released_areas land_use_after users_boys accident_after "
    "items_found found_at description",
    "training_course": "code name activities methods centre syllabus.item syllabus.hours "
    "period_from period_to",
    "training_result": "course person team result syllabus_results.item syllabus_results.result "
    "valid_until",
    "accreditation": "holder_type holder activities methods hazard_types issued_on expires_on "
    "status certificate sop_version reason",
    "accident": "point accident_type device cause_of_miss",
    "qm_visit": "inspected team task activity stage shape checklist.question checklist.answer "
    "checklist.remark result special_monitoring operations_suspended inspectors",
    "nonconformity": "visit task released_areas inspected team nonconformity_type severity "
    "description cause corrective_action due_on",
    "sample_inspection": "stage task released_areas shape sampled_area_m2 items_missed "
    "missed_category missed_at method result cause_of_miss description",
    "victim": "person_name sex birth_date address outcome activity tampered",
    "project": "code name donor agreement_number period_from period_to targets.indicator "
    "targets.amount targets.unit",
    "liaison": "speaker for_organisation acts period_from period_to",
    "person": "code name rank contacts sex birth_year",
    "team": "code name echelon parent activities methods members.person members.function "
    "members.period_from members.period_to period_from period_to",
    "asset": "code asset_type model serial team status tests.tested_on tests.test tests.result "
    "tests.valid_until tests.place",
    "deployment": "person team period_from period_to function",
    "honour": "honour_type person team honoured_organisation given_by citation",
}
LINE = (
    "line_id category subcategory model quantity weight_kg position depth_cm condition origin "
    "disposal disposed_on disposal_place handed_over_to received_from disposal_of"
)


def folded(word: str) -> str:
    text = unicodedata.normalize("NFKD", word.casefold())
    return " ".join("".join(c for c in text if not unicodedata.combining(c)).split())


@pytest.mark.parametrize("name", RELIED_ON)
def test_other_parts_find_the_fields_they_rely_on(name: str) -> None:
    named = {path for path, _ in all_fields(KINDS[name].fields)}
    every = {"local_id", "happened_on", "organisation", "place", "remarks"}
    assert set(RELIED_ON[name].split()) | every <= named


@pytest.mark.parametrize("name", ["clearance_report", "spot_task", "clearance_summary"])
def test_item_lines_have_the_fields_of_the_item_account(name: str) -> None:
    assert set(LINE.split()) <= {one.name for one in KINDS[name].field("items").fields}


def test_no_kind_is_missing_and_only_people_are_protected() -> None:
    assert set(KINDS) >= {*RELIED_ON, "delivery", "explanation"}
    assert [name for name, kind in KINDS.items() if kind.protected] == ["victim", "person"]


@pytest.mark.parametrize(("kind", "name", "one"), EVERY_FIELD)
def test_a_field_is_wholly_defined(kind: Kind, name: str, one: Field) -> None:
    assert one.label
    assert one.label == one.label.strip()
    assert (one.type in {FieldType.CODE, FieldType.CODES}) == (one.codelist is not None)
    assert (one.type is FieldType.SHAPE) == bool(one.shapes)
    assert (one.type is FieldType.LINES) == bool(one.fields)
    assert one.refers_to == "" or one.refers_to in KINDS
    assert all(heading == heading.casefold() for heading in one.headings)
    assert len(set(one.headings)) == len(one.headings)


@pytest.mark.parametrize(("kind", "name", "one"), EVERY_FIELD)
def test_a_number_with_a_unit_says_so_in_its_name(kind: Kind, name: str, one: Field) -> None:
    endings = {"m2": "_m2", "cm": "_cm", "kg": "_kg", "m": "_m", "1e-9 deg": "_nd"}
    if one.unit in endings:
        assert one.name.endswith((endings[one.unit], "_width_m"))
    for unit, ending in endings.items():
        if one.name.endswith(ending):
            assert one.unit == unit


@pytest.mark.parametrize(("kind", "name", "one"), EVERY_FIELD)
def test_minimum_data_name_their_source(kind: Kind, name: str, one: Field) -> None:
    if one.minimum and kind.name not in {"operation", "organisation", "place"}:
        assert one.clause or name in {"work.method", "stoppages.cause"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_names_are_told_once_and_rules_name_real_fields(kind: Kind) -> None:
    names = [one.name for one in kind.fields]
    assert len(set(names)) == len(names)
    assert {*kind.placed_by, *kind.required} <= set(names)
    for one in kind.fields:
        assert len({line.name for line in one.fields}) == len(one.fields)


@pytest.mark.parametrize("listed", CODELISTS.values(), ids=CODELISTS)
def test_a_word_means_one_code(listed: Codelist) -> None:
    meaning: dict[str, str] = {}
    for code in listed.codes:
        assert code.label
        for word in (code.value, code.value.replace("_", " "), code.label, *code.words):
            assert meaning.setdefault(folded(word), code.value) == code.value, word
    assert listed.source


SPEAKS = [
    ("release_type", "cleared", "despejado déminé очищено розміновано مطهرة cleared"),
    ("release_type", "cancelled", "cancelada annulée отменено скасовано ملغاة"),
    ("category", "ap_mine", "map ппм APM"),
    ("category", "uxo", "muse нвб uxo"),
    ("category", "ied", "aei сву свп"),
    ("classification", "SHA", "sha sospechosa"),
    ("classification", "CHA", "cha confirmada"),
    ("sex", "female", "mujer femme женщина жінка أنثى"),
    ("outcome", "killed", "muerto tué погиб загинув قتيل"),
]


@pytest.mark.parametrize(("listed", "value", "words"), SPEAKS)
def test_words_of_six_languages_are_known(listed: str, value: str, words: str) -> None:
    (code,) = (code for code in CODELISTS[listed].codes if code.value == value)
    known = {folded(word) for word in (code.value, code.label, *code.words)}
    assert {folded(word) for word in words.split()} <= known


HEADINGS = [
    ("clearance_summary", "municipio", "place"),
    ("clearance_summary", "departamento", "admin1"),
    ("clearance_summary", "areadespejada", "declared_area_m2"),
    ("clearance_summary", "totalartefactosdestruidos", "items_total"),
    ("clearance_summary", "tipodesminado", "programme"),
    ("hazard_area", "hazard_cla", "classification"),
    ("hazard_area", "hazard_typ", "area_type"),
    ("hazard_area", "status_cha", "status_changed_on"),
    ("hazard_area", "status_1", "status_entered"),
    ("hazard_area", "площа", "declared_area_m2"),
    ("released_area", "نوع الإفراج", "release_type"),
    ("evidence_point", "mission_id", "local_id"),
    ("evidence_point", "mission_date", "happened_on"),
    ("evidence_point", "target_city", "place"),
    ("evidence_point", "target_country", "country"),
    ("victim", "пол", "sex"),
]


@pytest.mark.parametrize(("kind", "heading", "field"), HEADINGS)
def test_headings_of_real_files_suggest_one_field(kind: str, heading: str, field: str) -> None:
    suggested = [one.name for one in KINDS[kind].fields if heading in one.headings]
    assert suggested == [field]


def test_two_lists_of_one_name_are_refused() -> None:
    first = KINDS["hazard_area"]
    other = Codelist("priority", ())
    clash = Kind("k", 1, "K", "", (Field("p", FieldType.CODE, "P", codelist=other),))
    with pytest.raises(ValueError, match="priority"):
        codelists_of({"hazard_area": first, "k": clash})


def test_every_kind_compiles_to_checks_of_its_own() -> None:
    assert len({id(checker(kind)) for kind in KINDS.values()}) == len(KINDS)
    assert checker(KINDS["victim"]) is checker(KINDS["victim"])


@pytest.mark.parametrize(("name", "most"), [("quantity", 10**9), ("weight_kg", 10**8)])
def test_an_item_line_never_says_more_than_sums_can_hold(name: str, most: int) -> None:
    def said(number: int) -> list[str]:
        line = {"line_id": "1", "category": "ap_mine", "quantity": 1}
        line[name] = number if name == "quantity" else str(number)
        task = {
            "local_id": "S-1",
            "happened_on": "2026-03-01",
            "place": "Dagua",
            "items": [line],
        }
        return [one.code for one in check(KINDS["spot_task"], task, today="2026-11-22").problems]

    assert said(most) == []
    assert said(most + 1) == ["above_most"]
