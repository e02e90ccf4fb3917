"""What can be asked of the log, on both databases."""

from logbook import (
    LOG,
    ORGANISATION,
    OTHER,
    OTHER_LOG,
    draft,
    hash_of,
    patch,
    patch_fields,
    patches,
)

from tilth.core import statement
from tilth.core.statement import Source

RECORD = statement.record_id(ORGANISATION, "patch", "P-1")


def seqs(entries):
    return [one.seq for one in entries]


def test_entries_can_be_asked_for_by_stretch(store):
    store.append(LOG, patches(700), received_at=1)  # more than a page
    assert seqs(store.entries()) == list(range(1, 701))
    assert seqs(store.entries(after_seq=698)) == [699, 700]
    assert seqs(store.entries(after_seq=499, until_seq=502)) == [500, 501, 502]
    assert seqs(store.entries(until_seq=2)) == [1, 2]
    assert seqs(store.entries(after_seq=700)) == []


def test_a_reader_does_not_see_what_came_after_it_began(store):
    store.append(LOG, patches(600), received_at=1)
    reading = store.entries()
    next(reading)
    store.append(LOG, patches(5, start=600), received_at=2)
    assert len(list(reading)) == 599


def test_entries_by_kind(store):
    decision = draft({"reason": "seen"}, act="vouch", kind="decision", decides=("ab" * 32,))
    person = draft({"local_id": "ff"}, kind="person")
    store.append(LOG, [patch(1), decision, person, patch(2)], received_at=1)
    assert seqs(store.entries_of_kinds(["patch"])) == [1, 4]
    assert seqs(store.entries_of_kinds(["decision", "person"])) == [2, 3]
    assert seqs(store.entries_of_kinds(["patch", "decision"], after_seq=1, until_seq=3)) == [2]
    assert seqs(store.entries_of_kinds([])) == []


def test_statements_by_their_place_in_the_workspace(store):
    store.append(LOG, patches(700), received_at=1)
    assert seqs(store.entries_at([5, 1, 699, 900, 5])) == [1, 5, 699]
    assert seqs(store.entries_at(range(1, 651))) == list(range(1, 651))
    assert seqs(store.entries_at([])) == []


def test_statements_by_hash(store):
    drafts = patches(4)
    store.append(LOG, drafts, received_at=1)
    wanted = [hash_of(drafts[2]), "00" * 32, "no hash", hash_of(drafts[0])]
    found = store.by_hash(wanted)
    assert {name: one.seq for name, one in found.items()} == {wanted[0]: 3, wanted[3]: 1}


def test_all_acts_of_a_record_in_order(store):
    first = patch(1)
    drafts = [
        first,
        patch(2),
        draft(patch_fields(1), act="correct", replaces=(hash_of(first),)),
        draft({"happened_on": "2027"}, act="revise", record=RECORD),
        draft({"reason": "twice"}, act="withdraw", record=RECORD),
        draft({"national_id": "N-9"}, act="name", kind="decision", record=RECORD),
    ]
    store.append(LOG, drafts, received_at=1)
    found = store.of_records([RECORD, "nobody/patch/x"])
    assert {name: seqs(entries) for name, entries in found.items()} == {RECORD: [1, 3, 4, 5]}


def test_decisions_are_found_by_what_they_name(store):
    one, other = patch(1), patch(2)
    vouch = draft({}, act="vouch", kind="decision", decides=(hash_of(one), hash_of(other)))
    approve = draft({}, act="approve", kind="decision", decides=(hash_of(one),))
    undo = draft({}, act="undo", kind="decision", decides=(hash_of(approve),))
    store.append(LOG, [one, other, vouch, approve, undo], received_at=1)
    assert seqs(store.deciding([hash_of(one)])) == [3, 4]
    assert seqs(store.deciding([hash_of(other)])) == [3]
    assert seqs(store.deciding([hash_of(one), hash_of(approve)])) == [3, 4, 5]
    assert store.deciding([hash_of(undo), "zz"]) == []


def test_a_decision_on_ten_thousand_statements_is_found_by_each(store):
    named = [f"{number:064x}" for number in range(10_000)]
    large = draft(
        {"decides": named, "reason": "import 7"},
        act="approve",
        kind="decision",
        decides_root=statement.decides_root(tuple(named)),
        decides_count=len(named),
    )
    store.append(LOG, [large], received_at=1)
    assert seqs(store.deciding([named[0]])) == [1]
    assert seqs(store.deciding(named[5_000:])) == [1]
    assert store.deciding([f"{10_000:064x}"]) == []


def test_revocations_names_and_erasures_are_found_by_record(store):
    other = statement.record_id(OTHER, "patch", "P-7")
    drafts = [
        patch(1),
        draft({"records": [RECORD, other], "reason": "mine"}, act="revoke", kind="decision"),
        draft({"national_id": "N-9"}, act="name", kind="decision", record=RECORD),
        draft({"reason": "asked"}, act="erase", kind="log", record=other),
    ]
    store.append(LOG, drafts, received_at=1)
    assert seqs(store.concerning([RECORD])) == [2, 3]
    assert seqs(store.concerning([other])) == [2, 4]
    assert seqs(store.concerning([RECORD, other])) == [2, 3, 4]


def test_every_id_finds_the_record(store):
    twin = statement.record_id(OTHER, "patch", "P-1")
    store.append(
        LOG,
        [patch(1), draft({"national_id": "N-9"}, act="name", kind="decision", record=RECORD)],
        received_at=1,
    )
    store.append(OTHER_LOG, [draft(patch_fields(1), organisation=OTHER)], received_at=2)
    assert store.find_record(RECORD) == [RECORD]
    assert store.find_record("N-9") == [RECORD]
    assert store.find_record("P-1") == sorted([RECORD, twin])
    assert store.find_record("P-2") == []
    assert store.find_record("\x00") == []


def test_local_ids_may_hold_slashes(store):
    store.append(LOG, [patch(1), draft({"local_id": "HA/7/b"})], received_at=1)
    assert store.find_record("HA/7/b") == [statement.record_id(ORGANISATION, "patch", "HA/7/b")]


def test_statements_of_a_source(store):
    blob = "ab" * 32
    drafts = [patch(n, source=Source(blob, f"row {n}")) for n in range(3)]
    drafts.append(patch(3, source=Source("cd" * 32)))
    store.append(LOG, [*drafts, patch(4)], received_at=1)
    assert seqs(store.from_source(blob)) == [1, 2, 3]
    assert seqs(store.from_source("ee" * 32)) == []


def test_kept_values_are_replaced_and_dropped(store):
    store.keep("cluster", "a", b"1")
    store.keep_many("cluster", {"a": b"2", "b": b"\x00\xff", "c": b"3"})
    store.keep_many("other", {"a": b"9"})
    assert store.kept("cluster") == {"a": b"2", "b": b"\x00\xff", "c": b"3"}
    store.keep("cluster", "c", None)
    store.keep("cluster", "never", None)
    assert store.kept("cluster", ["b", "c", "z"]) == {"b": b"\x00\xff"}
    assert store.kept("other") == {"a": b"9"}
    assert store.kept_keys("cluster") == ["a", "b"]
    assert store.kept_keys("nothing") == []
    store.rebuild()
    assert store.kept("cluster") == {"a": b"2", "b": b"\x00\xff"}


def test_an_empty_store_answers(store):
    assert list(store.entries()) == []
    assert store.heads() == []
    assert store.heads(receipts=5) == []
    assert store.receipts() == []
    assert store.checkpoint(LOG) is None
    assert store.leaves(LOG) == []
    assert store.of_records(["a/b/c"]) == {}
    assert store.shapes_in((-180, -90, 180, 90)) == []
    assert list(store.rows("patch")) == []
