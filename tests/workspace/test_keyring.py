"""Which key signs what: rotation, loss, theft (issue 2 §3, Workspace)."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.keyring import Keyring, LogAct, Standing, log_origin, replay

OPERATION, OWN, AUTHORITY = "0" * 32, "1" * 32, "2" * 32
LOG, NEXT, HIGH = (
    log_origin(OPERATION, OWN, 1),
    log_origin(OPERATION, OWN, 2),
    log_origin(OPERATION, AUTHORITY, 1),
)
K1, K2, K3, A1 = ("a1" * 32, "a2" * 32, "a3" * 32, "b1" * 32)


def act(log: str, index: int, name: str, /, *decides: str, **fields: Any) -> LogAct:
    return LogAct(log, index, f"{log}#{index}", name, decides, fields)


FIRST = act(LOG, 0, "key", public_key=K1)
HIGH_FIRST = act(HIGH, 0, "key", public_key=A1)


def ring(*acts: LogAct, anchors: dict[str, str] | None = None) -> Keyring:
    return replay(acts, authority=AUTHORITY, anchors=anchors or {})


def test_a_first_key_seals_everything_until_it_is_replaced() -> None:
    keys = ring(FIRST, act(LOG, 9, "key", public_key=K2, previous=K1))
    assert keys.judge(LOG, 1, K1) is Standing.GOOD
    assert keys.judge(LOG, 10, K1) is Standing.GOOD, "the old key seals its own replacement"
    assert keys.judge(LOG, 11, K1) is Standing.UNKNOWN
    assert keys.judge(LOG, 10, K2) is Standing.UNKNOWN
    assert keys.judge(LOG, 11, K2) is Standing.GOOD
    current = keys.current(LOG)
    assert current is not None
    assert current.public_key == K2
    assert keys.current(NEXT) is None
    assert keys.judge(NEXT, 1, K1) is Standing.UNKNOWN


def test_an_anchor_catches_a_log_rewritten_under_another_first_key() -> None:
    assert ring(FIRST, anchors={LOG: K1}).judge(LOG, 1, K1) is Standing.GOOD
    forged = act(LOG, 0, "key", public_key=K3)
    assert ring(forged, anchors={LOG: K1}).judge(LOG, 1, K3) is Standing.UNCONFIRMED


def test_a_stolen_key_counts_up_to_the_size_stated() -> None:
    replaced = act(LOG, 9, "key", public_key=K2, previous=K1)
    keys = ring(FIRST, replaced, act(LOG, 10, "key_revoke", public_key=K1, after_size=10))
    assert keys.judge(LOG, 10, K1) is Standing.GOOD
    assert keys.judge(LOG, 11, K2) is Standing.GOOD


def test_a_key_announced_after_the_theft_needs_the_authority() -> None:
    replaced = act(LOG, 9, "key", public_key=K2, previous=K1)
    revoked = act(LOG, 10, "key_revoke", public_key=K1, after_size=5)
    keys = ring(FIRST, replaced, revoked, HIGH_FIRST)
    assert keys.judge(LOG, 5, K1) is Standing.GOOD
    assert keys.judge(LOG, 6, K1) is Standing.REVOKED
    assert keys.judge(LOG, 11, K2) is Standing.UNCONFIRMED, "the thief may have announced it"
    signed = act(HIGH, 1, "countersign", replaced.hash)
    confirmed = ring(FIRST, replaced, revoked, HIGH_FIRST, signed)
    assert confirmed.judge(LOG, 11, K2) is Standing.GOOD


def test_a_lost_key_opens_an_epoch_that_only_the_authority_confirms() -> None:
    epoch = act(NEXT, 0, "epoch", public_key=K3, reason="lost", old_log=LOG, old_size=7)
    assert ring(FIRST, epoch).judge(NEXT, 1, K3) is Standing.UNCONFIRMED
    by_itself = act(NEXT, 1, "countersign", epoch.hash)
    assert ring(FIRST, epoch, by_itself).judge(NEXT, 2, K3) is Standing.UNCONFIRMED
    signed = act(HIGH, 1, "countersign", epoch.hash)
    keys = ring(FIRST, epoch, HIGH_FIRST, signed)
    assert keys.judge(NEXT, 1, K3) is Standing.GOOD
    assert keys.logs_of(OWN) == (LOG, NEXT)


def test_a_countersignature_by_a_revoked_key_confirms_nothing() -> None:
    epoch = act(NEXT, 0, "epoch", public_key=K3, reason="lost", old_log=LOG, old_size=7)
    signed = act(HIGH, 4, "countersign", epoch.hash)
    revoked = act(HIGH, 5, "key_revoke", public_key=A1, after_size=3)
    keys = ring(FIRST, epoch, HIGH_FIRST, signed, revoked)
    assert keys.judge(NEXT, 1, K3) is Standing.UNCONFIRMED


def test_a_restored_backup_goes_on_with_the_key_that_sealed_the_old_head() -> None:
    epoch = act(NEXT, 0, "epoch", public_key=K1, reason="restored", old_log=LOG, old_size=7)
    assert ring(FIRST, epoch).judge(NEXT, 1, K1) is Standing.GOOD
    stolen = act(HIGH, 1, "key_revoke", log=LOG, public_key=K1, after_size=6)
    keys = ring(FIRST, epoch, HIGH_FIRST, stolen)
    assert keys.judge(LOG, 7, K1) is Standing.REVOKED, "the authority reaches every log"
    assert keys.judge(NEXT, 1, K1) is Standing.UNCONFIRMED


def test_nobody_else_revokes_a_key() -> None:
    other = log_origin(OPERATION, "3" * 32, 1)
    meddling = act(other, 1, "key_revoke", log=LOG, public_key=K1, after_size=1)
    keys = ring(FIRST, act(other, 0, "key", public_key=K3), meddling)
    assert keys.judge(LOG, 5, K1) is Standing.GOOD


def test_what_a_stranger_wrote_into_the_fields_breaks_nothing() -> None:
    odd = act(LOG, 1, "key_revoke", public_key=["x"], after_size="many")
    assert ring(FIRST, odd).judge(LOG, 3, K1) is Standing.GOOD
    total = act(LOG, 1, "key_revoke", public_key=K1, after_size="many")
    assert ring(FIRST, total).judge(LOG, 3, K1) is Standing.REVOKED


ACTS = [
    FIRST,
    act(LOG, 3, "key", public_key=K2, previous=K1),
    act(LOG, 4, "key_revoke", public_key=K1, after_size=2),
    act(NEXT, 0, "epoch", public_key=K3, reason="lost", old_log=LOG, old_size=5),
    HIGH_FIRST,
    act(HIGH, 1, "countersign", f"{NEXT}#0"),
    act(HIGH, 2, "countersign", f"{LOG}#3"),
]


@settings(max_examples=60)
@given(st.permutations(ACTS))
def test_the_order_of_arrival_changes_nothing(order: list[LogAct]) -> None:
    assert ring(*order) == ring(*ACTS)


@settings(max_examples=60)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=6, unique=True))
def test_at_each_size_exactly_one_key_seals(places: list[int]) -> None:
    acts = [FIRST] + [
        act(LOG, place, "key", public_key=f"{number:02x}" * 32)
        for number, place in enumerate(sorted(places))
    ]
    keys = ring(*acts)
    spans = keys.spans[LOG]
    for size in range(1, 40):
        fitting = [
            span
            for span in spans
            if span.first_size <= size and (span.last_size is None or size <= span.last_size)
        ]
        assert fitting == [keys.span_at(LOG, size)]
    for left, right in itertools.pairwise(spans):
        assert left.last_size is not None
        assert right.first_size == left.last_size + 1
