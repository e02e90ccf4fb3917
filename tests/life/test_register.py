"""The register: what is in force of an operation's life, whatever the order of arrival."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.chains import APPROVED, REPORTED, Said
from tilth.core.life.register import Register

AUTHORITY, OPERATOR, OTHER = "na", "op", "zz"


class Desk:
    """Says statements; their hashes count up."""

    def __init__(self) -> None:
        self.said: list[Said] = []

    def say(self, kind: str, local: str, author: str = OPERATOR, **fields: Any) -> Said:
        return self._add(
            act="record",
            kind=kind,
            organisation=author,
            record=f"{author}/{kind}/{local}",
            fields=fields,
        )

    def correct(self, said: Said, **fields: Any) -> Said:
        return self._add(**_same(said), act="correct", replaces=(said.hash,), fields=fields)

    def withdraw(self, said: Said) -> Said:
        return self._add(**_same(said), act="withdraw", replaces=(said.hash,), fields={})

    def revise(self, said: Said, on: str, **fields: Any) -> Said:
        return self._add(**_same(said), act="revise", happened_on=on, fields=fields)

    def decide(self, act: str, *targets: Said, by: str = AUTHORITY, **fields: Any) -> Said:
        return self._add(
            act=act,
            kind="decision",
            organisation=by,
            record="",
            decides=tuple(one.hash for one in targets),
            fields=fields,
        )

    def _add(self, **parts: Any) -> Said:
        parts.setdefault("happened_on", "2026-03-01")
        said = Said(hash=f"{len(self.said):064d}", actor="p1", **parts)
        self.said.append(said)
        return said

    def register(self, order: Any = None) -> Register:
        register = Register(AUTHORITY, {OPERATOR: "Operator", AUTHORITY: "Authority"})
        for number in order if order is not None else range(len(self.said)):
            register.take(self.said[number])
        register.refresh()
        return register


def _same(said: Said) -> dict[str, Any]:
    return {"kind": said.kind, "organisation": said.organisation, "record": said.record}


def test_a_correction_replaces_and_a_withdrawal_ends() -> None:
    desk = Desk()
    team = desk.say("team", "T1", name="One")
    desk.correct(team, name="Team one")
    gone = desk.say("team", "T2", name="Two")
    desk.withdraw(gone)
    held = desk.register().of("team")
    assert [(one.local_id, one.fields["name"]) for one in held.values()] == [("T1", "Team one")]


def test_an_event_counts_from_its_day() -> None:
    desk = Desk()
    operation = desk.say("operation", "operation", AUTHORITY, name="Border", boundary="old")
    desk.revise(operation, "2026-06-01", boundary="new")
    held = desk.register().find("operation", "operation")
    assert held is not None
    assert held.at("2026-03-01")["boundary"] == "old"
    assert held.at("2026-05-31")["boundary"] == "old"
    assert held.at("2026-06-01")["boundary"] == "new" == held.now()["boundary"]


def test_a_level_is_that_of_the_statement_and_an_undone_approval_gives_none() -> None:
    desk = Desk()
    given = desk.say("accreditation", "A1", status="full")
    approval = desk.decide("approve", given)
    assert desk.register().of("accreditation")[given.record].level == APPROVED
    desk.decide("undo", approval)
    assert desk.register().of("accreditation")[given.record].level == REPORTED


def test_a_level_does_not_pass_to_a_correction() -> None:
    desk = Desk()
    given = desk.say("accreditation", "A1", expires_on="2026-06-30")
    desk.decide("approve", given)
    desk.correct(given, expires_on="2036-06-30")
    held = desk.register().of("accreditation")[given.record]
    assert (held.level, held.fields["expires_on"]) == (REPORTED, "2036-06-30")


def test_a_record_is_found_by_each_of_its_names() -> None:
    desk = Desk()
    own = desk.say("team", "T1", code="ALPHA")
    other = desk.say("team", "T1", OTHER, code="BRAVO")
    desk._add(
        act="name",
        kind="decision",
        organisation=AUTHORITY,
        record=own.record,
        fields={"national_id": "NAT-7"},
    )
    register = desk.register()
    for name in (own.record, "ALPHA", "NAT-7"):
        assert register.find("team", name) == register.of("team")[own.record]
    assert register.find("team", "T1") is None, "two organisations use it"
    assert register.find("team", "T1", OPERATOR) == register.of("team")[own.record]
    assert register.find("team", "T1", OTHER) == register.of("team")[other.record]


def test_an_order_is_meant_by_its_number_whoever_records_one_like_it() -> None:
    desk = Desk()
    order = desk.say("task", "TO-1", AUTHORITY)
    own = desk.say("task", "TO-1")
    register = desk.register()
    for author in ("", OPERATOR, OTHER, AUTHORITY):
        assert register.find("task", "TO-1", author) == register.of("task")[order.record]
    assert register.find("task", own.record, OPERATOR) == register.of("task")[own.record]
    desk.withdraw(order)
    assert desk.register().find("task", "TO-1", OTHER) == register.of("task")[own.record]
    desk.say("organisation", "Z", AUTHORITY, name="Z", log_id=OTHER, roles=["mine_action_centre"])
    desk.say("task", "TO-1", OTHER)
    found = desk.register().find("task", "TO-1", OPERATOR)
    assert found is not None
    assert found.author == OTHER, "the centre gives orders"


def test_only_the_authority_gives_national_ids() -> None:
    desk = Desk()
    own, other = desk.say("team", "T1"), desk.say("team", "T2", OTHER)
    for said, by in ((own, AUTHORITY), (other, OTHER)):
        fields = {"national_id": "NAT-7"}
        desk._add(act="name", kind="decision", organisation=by, record=said.record, fields=fields)
    for order in ([0, 1, 2, 3], [0, 1, 3, 2]):
        found = desk.register(order).find("team", "NAT-7")
        assert found is not None
        assert found.record == own.record


def test_only_the_authority_gives_roles() -> None:
    desk = Desk()
    desk.say("organisation", "OP", AUTHORITY, name="Operator", code="OP", roles=["operator"])
    claim = desk.say("organisation", "self", name="Operator", roles=["quality_body"])
    assert desk.register().roles("OP") == {"operator"}
    assert desk.register().roles(OPERATOR) == {"operator"}
    desk.decide("approve", claim)
    assert desk.register().roles("OP") == {"operator", "quality_body"}
    assert desk.register().roles(AUTHORITY) == {"authority"}


def test_an_organisation_is_known_by_its_log_and_by_its_name() -> None:
    desk = Desk()
    desk.say("organisation", "Z", AUTHORITY, name="Zeta", code="ZT", log_id=OTHER)
    desk.say("organisation", "O", AUTHORITY, name="Operator", code="OP")
    register = desk.register()
    assert [register.organisation_of(one) for one in ("ZT", "Zeta", "OP", "nobody")] == [
        OTHER,
        OTHER,
        OPERATOR,
        "",
    ]
    assert {"ZT", "Zeta", OTHER} <= register.codes(OTHER)


def test_nobody_gets_the_roles_of_another_by_taking_its_name() -> None:
    desk = Desk()
    desk.say("organisation", "QB", AUTHORITY, name="Quality", code="QB", roles=["quality_body"])
    desk.say("organisation", "NA", AUTHORITY, name="Authority", code="NMAA", roles=["authority"])
    desk.say("organisation", "X", name="Operator", code="QB", aliases=["NMAA", "Quality"])
    desk.say("organisation", "Y", log_id=OPERATOR, name="Quality", code="NA")
    register = desk.register()
    assert register.roles(OPERATOR) == register.roles("Operator") == frozenset()
    assert not {"QB", "Quality", "NMAA", "NA"} & register.codes(OPERATOR)
    assert register.organisation_of("NMAA") == AUTHORITY


def test_two_who_claim_one_code_are_told_apart_the_same_way_in_any_order() -> None:
    desk = Desk()
    desk.say("organisation", "A", name="A", code="ZT", log_id=OPERATOR)
    desk.say("organisation", "B", OTHER, name="B", code="ZT", log_id=OTHER)
    assert desk.register([0, 1]).organisation_of("ZT") == desk.register([1, 0]).organisation_of(
        "ZT"
    )


def test_a_role_that_was_taken_away_was_held_on_the_days_before() -> None:
    desk = Desk()
    said = desk.say("organisation", "OP", AUTHORITY, name="Operator", roles=["quality_body"])
    desk.revise(said, "2026-06-01", roles=["operator"])
    register = desk.register()
    assert register.roles(OPERATOR, "2026-05-31") == {"quality_body"}
    assert register.roles(OPERATOR, "2026-06-01") == register.roles(OPERATOR) == {"operator"}


def test_recalls_stand_until_lifted_and_revocations_until_undone() -> None:
    desk = Desk()
    records = {"records": ["op/released_area/R1"]}
    recall = desk.decide("recall", by=OPERATOR, **records)
    revocation = desk.decide("revoke", **records)
    assert set(desk.register().recalls) == {recall.hash}
    assert set(desk.register().revocations) == {revocation.hash}
    desk.decide("undo", recall, by=OPERATOR)
    desk.decide("lift", recall, by=OPERATOR)
    assert set(desk.register().recalls) == {recall.hash}
    desk.decide("lift", recall)
    desk.decide("undo", revocation)
    assert not desk.register().recalls
    assert not desk.register().revocations


def _history(dice: Any) -> Desk:
    desk = Desk()
    records = [desk.say("task", "K0", AUTHORITY, name="0")]
    decisions = [desk.decide("recall", by=OPERATOR, records=["op/released_area/R"])]
    for number in range(dice.randint(3, 14)):
        target = dice.choice(records)
        roll = dice.random()
        if roll < 0.3:
            records.append(desk.say("task", f"K{number + 1}", AUTHORITY, name=str(number)))
        elif roll < 0.45:
            records.append(replace(desk.correct(target, name=f"c{number}")))
        elif roll < 0.5:
            desk.withdraw(target)
        elif roll < 0.6:
            desk.revise(target, f"2026-0{dice.randint(1, 9)}-01", name=f"r{number}")
        elif roll < 0.8:
            act = dice.choice(["approve", "vouch", "return"])
            decisions.append(desk.decide(act, target))
        else:
            act = dice.choice(["undo", "lift"])
            decisions.append(desk.decide(act, dice.choice(decisions)))
    return desk


@given(dice=st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_what_is_held_does_not_depend_on_the_order_of_statements(dice: Any) -> None:
    desk = _history(dice)
    statements = [n for n, one in enumerate(desk.said) if one.kind != "decision"]
    decisions = [n for n, one in enumerate(desk.said) if one.kind == "decision"]
    whole = desk.register([*statements, *decisions])
    dice.shuffle(statements)
    shuffled = desk.register([*statements, *decisions])
    assert dict(whole.of("task")) == dict(shuffled.of("task"))
    assert whole.recalls == shuffled.recalls


@given(dice=st.randoms(use_true_random=False), stop=st.integers(1, 16))
@settings(max_examples=100, deadline=None)
def test_brought_forward_step_by_step_is_the_same_as_read_at_once(dice: Any, stop: int) -> None:
    desk = _history(dice)
    register = Register(AUTHORITY, {OPERATOR: "Operator", AUTHORITY: "Authority"})
    for number, said in enumerate(desk.said):
        register.take(said)
        if number % stop == 0:
            register.refresh()
    register.refresh()
    whole = desk.register()
    assert dict(register.of("task")) == dict(whole.of("task"))
    assert register.recalls == whole.recalls
