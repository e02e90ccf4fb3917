"""Rule sets: read strictly, said by the authority, in force on a day, named by every decision."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from releasing import RELEASE, Site, opened

from tilth.core.chains import Said
from tilth.core.findings import FINDINGS
from tilth.core.kinds import lists_land, lists_work
from tilth.core.life import handover, release, rule_set
from tilth.core.life.register import Register
from tilth.core.life.rule_set import SHIPPED, Demand, held_in_force, read_rule_set
from tilth.core.problems import CATALOGUE, Refused
from tilth.service import release_guards
from tilth.service.recording import say
from tilth.service.register import register_of
from tilth.service.ruling import default_rules, rule_set_text, rules_on, set_rules
from tilth.text.messages import problem_text

HEAD = 'name = "national"\nversion = 1\nabout = "Ours."\n'
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rule-set.md"
USES = [one.value for one in lists_work.LAND_USE.codes]
TYPES = [one.value for one in lists_land.AREA_TYPE.codes]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = opened(tmp_path)
    with made.session:
        made.without_life()
        yield made


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as error:
        read_rule_set(text)
    for one in error.value.problems:
        assert all(problem_text(one)[part] for part in ("what", "fix"))
    return [(one.code, one.where) for one in error.value.problems]


def test_the_shipped_set_says_of_itself_that_it_is_no_national_standard() -> None:
    shipped = default_rules()
    assert "not a national standard" in shipped.about
    assert (shipped.name, shipped.version) == ("tilth-default", 1)
    assert shipped.identity == f"tilth-default/1/{shipped.sha256}"


def test_the_shipped_set_asks_what_the_field_asks() -> None:
    shipped = default_rules()
    cleared = shipped.demands["cleared"]
    assert cleared.coverage_percent == 100
    assert cleared.depth_reached
    assert cleared.items_listed
    assert cleared.visits == 1
    assert shipped.demands["cancelled"].reports == ("nts",)
    assert shipped.demands["cancelled"].criteria
    assert shipped.demands["reduced"].technical_asset
    assert set(shipped.handover.signatories) == {"operator", "authority", "land_user"}
    assert "major" in shipped.handover.blocked_by
    assert shipped.evidence


WRONG = [
    ("x", [("rule_set_not_toml", "")]),
    ("", [("rule_set_missing_key", one) for one in ("name", "version", "about")]),
    (HEAD + "colour = 1", [("rule_set_unknown_key", "line 4, colour")]),
    (HEAD + "[colours]\nred = 1", [("rule_set_unknown_key", "line 4, colours")]),
    (HEAD + 'strict = "never"', [("rule_set_wrong_value", "line 4, strict")]),
    (HEAD + "cleared = 3", [("rule_set_wrong_value", "line 4, cleared")]),
    (HEAD + "[cleared]\n\nvisits = -1", [("rule_set_wrong_value", "line 6, [cleared], visits")]),
    (HEAD + "[cleared]\nvisits = true", [("rule_set_wrong_value", "line 5, [cleared], visits")]),
    (HEAD + "[cleared]\ndepth_cm = nan", [("rule_set_wrong_value", "line 5, [cleared], depth_cm")]),
    (
        HEAD + '[reduced]\ncriteria = ["hope"]',
        [("rule_set_unknown_code", "line 5, [reduced], criteria")],
    ),
    (
        HEAD + '[[exception]]\nintended_uses = ["crops"]\n[[exception]]\ndepth_cm = "deep"',
        [
            ("rule_set_wrong_value", "line 7, [exception], depth_cm"),
            ("rule_set_missing_key", "line 6, [exception]"),
        ],
    ),
    (HEAD.replace("1", "0"), [("rule_set_wrong_value", "line 2, version")]),
    (HEAD.replace("national", "na tional"), [("rule_set_wrong_value", "line 1, name")]),
    (HEAD + "[gate]\nluck = 1", [("setting_unknown", "line 5, [gate], luck")]),
]


@pytest.mark.parametrize(("text", "problems"), WRONG)
def test_what_is_wrong_is_told_with_its_line_and_section(
    text: str, problems: list[tuple[str, str]]
) -> None:
    assert refused(text) == problems


LENGTH = len(default_rules().text)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, LENGTH), st.integers(0, 60), st.sampled_from(["", "7", "=", '"x"', "[", "é"]))
def test_a_garbled_text_is_read_or_refused_in_words(start: int, length: int, put: str) -> None:
    text = default_rules().text
    garbled = text[:start] + put + text[start + length :]
    told: list[dict[str, str]] = []
    try:
        read_rule_set(garbled)
    except Refused as error:
        told = [problem_text(one) for one in error.problems]
    assert all(one["what"] and one["fix"] and one["code"] in CATALOGUE for one in told)


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["cancelled", "reduced", "cleared"]),
            st.sampled_from(TYPES),
            st.sampled_from(USES),
            st.integers(0, 100),
        ),
        max_size=4,
    ),
    st.sampled_from(TYPES),
    st.sampled_from(USES),
)
def test_the_last_exception_that_fits_decides(
    rows: list[tuple[str, str, str, int]], hazard_type: str, use: str
) -> None:
    text = HEAD + "[cleared]\ndepth_cm = 13\n"
    for of_type, kind, of_use, depth in rows:
        text += f'[[exception]]\nrelease_types = ["{of_type}"]\nhazard_types = ["{kind}"]\n'
        text += f'intended_uses = ["{of_use}"]\ndepth_cm = {depth}\n'
    fitting = [row[3] for row in rows if row[:3] == ("cleared", hazard_type, use)]
    demand = read_rule_set(text).demand("cleared", hazard_type, use)
    assert demand.depth_cm == (fitting[-1] if fitting else 13)


def test_numbers_keep_their_digits_and_coverage_depends_on_the_asset() -> None:
    text = HEAD + "[reduced]\ncoverage_percent = 12.5\ncoverage_with_percent = 0.1\n"
    demand = read_rule_set(text).demands["reduced"]
    assert demand.coverage_for("with") == Decimal("0.1")
    assert demand.coverage_for("without") == demand.coverage_for("") == Decimal("12.5")
    assert Demand().coverage_for("with") is None


def rows_of(page: str, heading: str) -> list[list[str]]:
    """Cells of the table under a heading, its two first lines left out."""
    part = page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line[1:-1].split("|") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in row] for row in rows[2:]]


def test_the_page_explains_every_key_and_no_other() -> None:
    told = {row[1] for row in rows_of(PAGE.read_text(encoding="utf-8"), "Keys")} - {""}
    known = {*rule_set._TOP, *rule_set._CONFIRM, *rule_set._DEMAND, *rule_set._CONDITIONS}
    known |= set(rule_set._HANDOVER)
    sections = {"confirm", "cancelled", "reduced", "cleared", "exception", "handover"}
    assert told == known - sections - {"gate", "rates"}


def test_the_page_lists_every_guard_and_no_other() -> None:
    told = [row[0] for row in rows_of(PAGE.read_text(encoding="utf-8"), "Guards")]
    assert len(set(told)) == len(told)
    sources = (release, handover, release_guards)
    written = "".join(Path(str(one.__file__)).read_text(encoding="utf-8") for one in sources)
    named = set(re.findall(r'^        "([a-z_]+)": \($', written, re.MULTILINE))
    assert set(told) == named - set(FINDINGS) - {"more_in_the_way"} | {
        "cha_without_direct_evidence"
    }


# -- in a workspace --------------------------------------------------------------------------------


def national(version: int, depth: int, *, strict: str = "always") -> str:
    return (
        f'name = "national"\nversion = {version}\nabout = "Ours."\nstrict = "{strict}"\n'
        f"[cleared]\ndepth_reached = true\ndepth_cm = {depth}\n"
    )


def test_the_shipped_set_is_in_force_until_the_authority_says_its_own(site: Site) -> None:
    assert rules_on(site.session).rules == default_rules()
    assert not rules_on(site.session).strict
    said = set_rules(site.session, national(1, 13), on="2026-05-01")
    assert rules_on(site.session).rules.identity == said["rule_set"]
    assert rules_on(site.session).strict  # the text says always
    assert rules_on(site.session, "2026-04-30").rules == default_rules()


def test_changing_the_rule_set_never_changes_an_old_decision(site: Site) -> None:
    text = national(1, 20) + "[gate]\nrequire_team = false\nrequire_organisation = false\n"
    first = set_rules(site.session, text + "require_training = false\n", on="2026-05-01")
    site.say("team", "Red", local_id="T-1", happened_on="2026-01-02", code="T-1", name="One")
    site.approve("HA-1")
    (approval,) = site.approve("RA-1")
    before = site.decision(approval)
    assert before["rule_set"] == first["rule_set"]
    second = set_rules(site.session, national(2, 99).replace("[cleared]", "[cleared]\nvisits = 3"))
    assert site.decision(approval) == before
    record = site.session.workspace.store.find_record("RA-1")[0]
    from tilth.service.register import held

    assert held(site.session, [record])[record].level == 3
    assert rules_on(site.session).rules.identity == second["rule_set"]
    assert "release_visits" in site.refused("RA-1")
    # the text that it was taken under stands in the log, by the name it holds
    assert rule_set_text(site.session, before["rule_set"])["text"].startswith(national(1, 20))


def test_a_version_is_said_once(site: Site) -> None:
    set_rules(site.session, national(1, 13))
    for text, code in (
        (national(1, 13), "rule_set_said"),
        (national(1, 9), "rule_set_version_taken"),
    ):
        with pytest.raises(Refused) as error:
            set_rules(site.session, text)
        assert [one.code for one in error.value.problems] == [code]


def test_only_the_authority_says_what_is_in_force(site: Site) -> None:
    fields = {"name": "ours", "version": 9, "text": national(9, 0), "sha256": "0" * 64}
    say(site.session, "rule_set", fields, speaking_for="Red")
    assert held_in_force(register_of(site.session), "2026-11-22") is None
    assert rules_on(site.session).rules == default_rules()


def test_of_one_day_the_higher_version_is_in_force_whatever_came_first(site: Site) -> None:
    second = set_rules(site.session, national(2, 13), on="2026-05-01")
    set_rules(site.session, national(1, 13), on="2026-05-01")
    assert rules_on(site.session).rules.identity == second["rule_set"]


@pytest.mark.parametrize("statements", [("1", "2"), ("2", "1")])
def test_the_authoritys_own_comes_before_the_shipped_one_of_its_day(
    statements: tuple[str, str],
) -> None:
    """The shipped one is said by the first decision, perhaps on the day of the authority's own."""
    known = Register("na")
    for name, statement in zip(("tilth-default", "national"), statements, strict=True):
        fields = {"name": name, "version": 1}
        record = f"na/rule_set/{name}-1"
        known.take(
            Said(statement, "na", "p", "record", "rule_set", record, happened_on="2026-05-01",
                 fields=fields)
        )  # fmt: skip
    known.refresh()
    held = held_in_force(known, "2026-05-01")
    assert held is not None
    assert held.fields["name"] == "national"
    assert default_rules().name == SHIPPED


def test_an_operation_that_names_a_rule_set_is_guarded(site: Site) -> None:
    assert site.refused("RA-1") == []
    site.say("released_area", "Red", **{**RELEASE, "local_id": "RA-2", "depth_cm": "1"})
    site.say("operation", local_id="other", name="Strip", rule_set="tilth-default")
    assert rules_on(site.session).strict
    assert "release_depth" in site.refused("RA-2")
