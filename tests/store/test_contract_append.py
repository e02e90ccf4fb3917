"""What appending promises, on both databases."""

import hashlib
import json
import random

import msgspec
import pytest
from logbook import (
    KEY,
    LOG,
    OTHER,
    OTHER_LOG,
    PUBLIC,
    SEALER,
    draft,
    hash_of,
    patch,
    patch_fields,
    patches,
)

from tilth.core import merkle, statement
from tilth.core.checkpoint import Verifier, parse_checkpoint, parse_note, verified_by
from tilth.core.problems import Refused
from tilth.store.protocol import Draft


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.code for problem in refusal.value.problems]


def test_what_was_appended_is_read_back_byte_for_byte(store):
    drafts = patches(3)
    store.append(LOG, drafts, received_at=7)
    entries = list(store.entries())
    assert [(one.header, one.content) for one in entries] == [tuple(one) for one in drafts]
    assert [one.seq for one in entries] == [1, 2, 3]
    assert [one.index for one in entries] == [0, 1, 2]
    assert [one.hash for one in entries] == [hash_of(one) for one in drafts]
    assert {one.log for one in entries} == {LOG}


def test_a_batch_is_sealed_by_a_signed_checkpoint_and_a_signed_receipt(store):
    store.append(LOG, patches(3), received_at=7)
    drafts = patches(5)
    receipt = store.append(LOG, drafts[3:], received_at=9)
    root = merkle.Frontier().extend(merkle.leaf_hash(one.header) for one in drafts).root
    expected = (2, 9, LOG, 3, 5, 4, root.hex())
    assert (
        receipt.number,
        receipt.received_at,
        receipt.log,
        receipt.start,
        receipt.stop,
        receipt.first_seq,
        receipt.root,
    ) == expected
    note = parse_note(store.checkpoint(LOG))
    assert Verifier(LOG, bytes.fromhex(PUBLIC)).accepts(note)
    assert parse_checkpoint(note.text)[:3] == (LOG, 5, root)
    (first, _), (second, signature) = store.raw_rows(
        "SELECT body, signature FROM log_receipt ORDER BY number"
    )
    assert json.loads(second)["previous"] == hashlib.sha256(first).hexdigest()
    assert verified_by(KEY.public_key().public_bytes_raw(), signature, second)
    assert store.heads() == [(LOG, 5, root.hex())]


def test_parts_of_one_act_stand_in_all_their_logs_or_in_none(store):
    other = [draft(patch_fields(n), organisation=OTHER) for n in range(3)]
    parts = [(LOG, patches(2)), (OTHER_LOG, other[:1]), (LOG, patches(1, start=2))]
    receipts = store.append_together(parts, received_at=5)
    assert [(one.number, one.first_seq, one.log) for one in receipts] == [
        (1, 1, LOG),
        (2, 3, OTHER_LOG),
        (3, 4, LOG),
    ]
    assert [(head.log, head.size) for head in store.heads()] == [(LOG, 3), (OTHER_LOG, 1)]
    before = list(store.entries())
    with pytest.raises(Refused) as refusal:  # the second part is held already
        store.append_together([(OTHER_LOG, other[1:2]), (LOG, patches(1))], received_at=6)
    assert codes(refusal) == ["statement_already_held"]
    assert list(store.entries()) == before
    store.append(OTHER_LOG, other[1:], received_at=7)
    assert [head.size for head in store.heads()] == [3, 3]


def test_logs_are_numbered_apart_and_received_together(store):
    store.append(LOG, patches(2), received_at=1)
    other = [draft(patch_fields(n), organisation=OTHER) for n in range(3)]
    store.append(OTHER_LOG, other, received_at=2)
    receipt = store.append(LOG, patches(1, start=2), received_at=3)
    assert (receipt.start, receipt.stop, receipt.first_seq) == (2, 3, 6)
    assert [(head.log, head.size) for head in store.heads()] == [(LOG, 3), (OTHER_LOG, 3)]
    assert [(head.log, head.size) for head in store.heads(receipts=1)] == [(LOG, 2)]
    assert [(head.log, head.size) for head in store.heads(receipts=2)] == [(LOG, 2), (OTHER_LOG, 3)]
    assert store.heads(receipts=3) == store.heads()
    assert store.heads(receipts=0) == []
    assert [one.index for one in store.entries()] == [0, 1, 0, 1, 2, 2]
    assert store.last_seq() == 6


def test_the_clock_of_receipts_never_runs_backwards(store):
    times = [store.append(LOG, [patch(n)], received_at=at) for n, at in enumerate((50, 20, 70))]
    assert [one.received_at for one in times] == [50, 50, 70]
    assert store.receipts() == times


def test_appending_goes_on_after_reopening(open_store):
    first = open_store()
    first.append(LOG, patches(3), received_at=1)
    first.close()
    again = open_store(create=False)
    again.append(LOG, patches(2, start=3), received_at=2)
    leaves = [merkle.leaf_hash(one.header) for one in patches(5)]
    assert again.heads()[0].root == merkle.Frontier().extend(leaves).root.hex()
    assert again.leaves(LOG) == leaves
    assert again.leaves(LOG, stop=2) == leaves[:2]


@pytest.mark.parametrize("count", [0, 1001])
def test_a_batch_holds_1_to_1000_statements(store, count):
    with pytest.raises(Refused) as refusal:
        store.append(LOG, [patch(1)] * count, received_at=1)
    assert codes(refusal) == ["batch_size"]


def test_nothing_of_a_batch_with_a_bad_draft_is_stored(store):
    good = patches(2)
    bad = Draft(good[1].header, good[0].content)
    with pytest.raises(Refused) as refusal:
        store.append(LOG, [good[0], bad], received_at=1)
    assert codes(refusal) == ["content_hash_mismatch"]
    assert refusal.value.problems[0].where == "draft 1"
    assert list(store.entries()) == []
    assert store.receipts() == []


def test_headers_that_are_not_canonical_are_refused(store):
    one = patch(1)
    loose = Draft(one.header.replace(b'":', b'": ', 1), one.content)
    with pytest.raises(Refused) as refusal:
        store.append(LOG, [loose, Draft(b"{}", None)], received_at=1)
    assert codes(refusal) == ["header_not_canonical"] * 2


def test_a_statement_goes_into_the_log_it_names(store):
    with pytest.raises(Refused) as refusal:
        store.append(OTHER_LOG, [patch(1)], received_at=1)
    assert codes(refusal) == ["header_of_other_log"]


def test_a_statement_goes_in_once(store):
    store.append(LOG, patches(2), received_at=1)
    with pytest.raises(Refused) as refusal:
        store.append(LOG, [patch(5), patch(1)], received_at=2)
    assert codes(refusal) == ["statement_already_held"]
    with pytest.raises(Refused):
        store.append(LOG, [patch(7), patch(7)], received_at=2)
    assert store.last_seq() == 2


def test_a_content_named_by_two_statements_is_kept_once(store):
    one = patch(1)
    twin = statement.parse_header(one.header)
    twin = msgspec.structs.replace(twin, said_at="2026-04-02T00:00:00Z")
    drafts = [one, Draft(statement.header_bytes(twin), one.content)]
    store.append(LOG, drafts[:1], received_at=1)
    store.append(LOG, drafts[1:], received_at=2)
    assert [entry.content for entry in store.entries()] == [one.content] * 2
    assert store.raw_rows("SELECT count(*) FROM log_content") == [(1,)]


def test_withheld_content_leaves_the_header_in_the_log(store):
    store.append(LOG, [draft(patch_fields(1), withheld=True)], received_at=1)
    (entry,) = store.entries()
    assert entry.content is None
    (row,) = store.rows("patch")
    assert row["record"].endswith("/patch/P-1")
    assert row["happened_on"] is None


@pytest.mark.parametrize("wrong", ["count", "root", "missing"])
def test_a_large_decision_names_what_its_header_binds(store, wrong):
    named = [f"{number:064x}" for number in range(40)]
    content = {"decides": named, "reason": "import 7"}
    if wrong == "missing":
        del content["decides"]
    decision = draft(
        content,
        act="approve",
        kind="decision",
        decides_root=statement.decides_root(tuple(named[: 39 if wrong == "root" else 40])),
        decides_count=39 if wrong == "count" else 40,
    )
    with pytest.raises(Refused) as refusal:
        store.append(LOG, [decision], received_at=1)
    assert codes(refusal) == ["decides_mismatch"]


@pytest.mark.parametrize(
    ("synthetic", "statement_is", "taken"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, True)],
)
def test_synthetic_and_real_statements_never_mix(open_store, synthetic, statement_is, taken):
    store = open_store(synthetic=synthetic)
    one = patch(1, synthetic=statement_is)
    if taken:
        store.append(LOG, [one], received_at=1)
    else:
        with pytest.raises(Refused) as refusal:
            store.append(LOG, [one], received_at=1)
        assert codes(refusal) == ["synthetic_mixed"]


def test_without_keys_a_store_can_only_be_read(open_store):
    open_store().append(LOG, patches(1), received_at=1)
    reader = open_store(sealer=None, create=False)
    assert len(list(reader.entries())) == 1
    with pytest.raises(Refused) as refusal:
        reader.append(LOG, patches(1, start=1), received_at=2)
    assert codes(refusal) == ["no_signing_key"]


def test_a_failing_signer_leaves_nothing_behind(open_store):
    def fail(*_: object) -> str:
        raise RuntimeError

    store = open_store()
    store.append(LOG, patches(1), received_at=1)
    before = store.digest_of_read_tables()
    for broken in (SEALER._replace(sign_checkpoint=fail), SEALER._replace(sign_receipt=fail)):
        with pytest.raises(RuntimeError):
            open_store(sealer=broken).append(LOG, patches(1, start=1), received_at=2)
        assert store.last_seq() == 1
        assert store.digest_of_read_tables() == before
    store.append(LOG, patches(1, start=1), received_at=2)


def test_many_batches_are_sealed_each_on_its_own(store):
    times = iter(range(100, 200))
    batches = (patches(4, start=start) for start in range(0, 20, 4))
    receipts = list(store.append_many(LOG, batches, clock=lambda: next(times), per_commit=2))
    assert [(one.start, one.stop) for one in receipts] == [
        (0, 4),
        (4, 8),
        (8, 12),
        (12, 16),
        (16, 20),
    ]
    assert [one.received_at for one in receipts] == [100, 101, 102, 103, 104]
    assert store.receipts() == receipts
    assert store.heads()[0].size == 20


def test_what_append_many_yielded_stays_when_a_later_batch_fails(store):
    batches = [patches(2), patches(2, start=2), [Draft(b"{}", None)]]
    stream = store.append_many(LOG, batches, clock=lambda: 1, per_commit=1)
    assert [next(stream).stop, next(stream).stop] == [2, 4]
    with pytest.raises(Refused):
        next(stream)
    assert store.last_seq() == 4


def test_a_log_that_does_not_match_its_checkpoint_is_not_added_to(open_store):
    store = open_store()
    store.append(LOG, patches(3), received_at=1)
    with store._writing() as session:
        session.run("UPDATE index_head SET peaks = ?", (bytes(64),))
    store.append(LOG, patches(1, start=3), received_at=2)  # found out, and derived again
    leaves = [merkle.leaf_hash(one.header) for one in patches(4)]
    assert store.heads()[0].root == merkle.Frontier().extend(leaves).root.hex()


def test_both_stores_keep_the_same_bytes(open_sqlite, open_postgres):
    chance = random.Random(3)
    one, other = open_sqlite(), open_postgres()
    for start in range(0, 30, 10):
        at = chance.randrange(10)
        for store in (one, other):
            store.append(LOG, patches(10, start=start), received_at=at)
    for sql in (
        "SELECT * FROM log_entry ORDER BY seq",
        "SELECT * FROM log_content ORDER BY seq",
        "SELECT * FROM log_checkpoint ORDER BY log, size",
        "SELECT * FROM log_receipt ORDER BY number",
        "SELECT * FROM index_head",
    ):
        assert one.raw_rows(sql) == other.raw_rows(sql)
    assert one.digest_of_read_tables() == other.digest_of_read_tables()
