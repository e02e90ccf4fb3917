"""Verification finds what was changed behind the store's back, and names what fails first."""

import dataclasses
import random
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from logbook import (
    KINDS,
    LOG,
    ORGANISATION,
    OTHER,
    OTHER_LOG,
    PUBLIC,
    SEALER,
    TRUST,
    draft,
    hash_of,
    patch,
    patch_fields,
    patches,
)

from tilth.core import statement
from tilth.core.checkpoint import Checkpoint, checkpoint_text, sign_note
from tilth.core.statement import record_id
from tilth.store.blobs import Blobs
from tilth.store.ledger import Ledger
from tilth.store.schema import LOG_TABLES
from tilth.store.sealing import Growth, Sealer
from tilth.store.sqlite import SQLiteStore
from tilth.store.verify import Failure, verify

KEYS = {table.name: table.key for table in LOG_TABLES}
RECORD = record_id(ORGANISATION, "patch", "P-1")


def fill(store: Ledger) -> None:
    """Three batches in two logs, with a withheld content, decisions and a blob."""
    store.put_blob(b"the paper it came from")
    store.append(LOG, patches(3), received_at=10)
    other = [draft(patch_fields(n), organisation=OTHER) for n in range(2)]
    store.append(
        OTHER_LOG,
        [*other, draft({"local_id": "w"}, organisation=OTHER, withheld=True)],
        received_at=20,
    )
    more = [
        draft({"reason": "seen"}, act="vouch", kind="decision", decides=(hash_of(patch(1)),)),
        draft({"national_id": "N"}, act="name", kind="decision", record=RECORD),
        draft({"records": [RECORD]}, act="revoke", kind="decision"),
        patch(3),
    ]
    store.append(LOG, more, received_at=30)


@pytest.fixture
def filled(store: Ledger) -> Ledger:
    fill(store)
    return store


def test_a_sound_store_verifies(filled):
    verdict = verify(filled, TRUST, deep=True)
    assert verdict.ok
    assert verdict.first_failure is None
    assert (verdict.statements, verdict.checkpoints, verdict.receipts) == (10, 3, 3)
    assert verdict.blobs == 1
    assert verdict.standings == {"good": 3}


def test_an_empty_store_verifies(store):
    assert verify(store, TRUST, deep=True).ok


def test_what_is_appended_meanwhile_does_not_disturb(filled, monkeypatch):
    original = filled.raw_entries

    def raw_entries():
        filled.append(LOG, [patch(50)], received_at=99)
        return original()

    monkeypatch.setattr(filled, "raw_entries", raw_entries)
    assert verify(filled, TRUST).statements == 10
    monkeypatch.undo()
    assert verify(filled, TRUST, deep=True).statements == 11


# -- flipped bits ----------------------------------------------------------------------------------


def flipped(value: object, chance: random.Random) -> object:
    """The value with one bit flipped; a text as the bytes it then is."""
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(max(1, value.bit_length())))
    if isinstance(value, float):
        return -value if value else 1.0
    data = bytearray(value.encode() if isinstance(value, str) else value)
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


class Tampering:
    """A raw connection without triggers, and every cell of the tables it may change."""

    def __init__(self, path: Path, tables: list[tuple[str, tuple[str, ...]]]) -> None:
        self.raw = sqlite3.connect(path, isolation_level=None)
        self.raw.text_factory = bytes
        for (name,) in self.raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            self.raw.execute(f"DROP TRIGGER {name.decode()}")
        self.cells = []
        for table, key in tables:
            columns = [row[1].decode() for row in self.raw.execute(f"PRAGMA table_info({table})")]
            for row in self.raw.execute(f"SELECT * FROM {table}").fetchall():
                at = [row[columns.index(name)] for name in key]
                self.cells += [
                    (table, key, at, column, value)
                    for column, value in zip(columns, row, strict=True)
                    if value not in (None, b"")
                ]

    def where(self, key: tuple[str, ...], at: list) -> str:
        # texts come as bytes here, and a spoilt one is no text that could be compared
        return " AND ".join(
            f'CAST("{name}" AS BLOB) = ?' if isinstance(value, bytes) else f'"{name}" = ?'
            for name, value in zip(key, at, strict=True)
        )

    def spoil(self, cell, chance: random.Random):
        """Flip a bit of a cell; returns how to undo it, None where another row has that value."""
        table, key, at, column, value = cell
        sql = f'SELECT typeof("{column}") FROM {table} WHERE {self.where(key, at)}'
        cast = "CAST(? AS TEXT)" if self.raw.execute(sql, at).fetchone() == (b"text",) else "?"
        other = flipped(value, chance)

        def write(new: object, at: list) -> None:
            sql = f'UPDATE {table} SET "{column}" = {cast} WHERE {self.where(key, at)}'
            assert self.raw.execute(sql, (new, *at)).rowcount == 1

        try:
            write(other, at)
        except sqlite3.IntegrityError:
            return None
        moved = [other if name == column else one for name, one in zip(key, at, strict=True)]
        return lambda: write(value, moved)


@pytest.fixture
def sound(tmp_path: Path) -> SQLiteStore:
    store = SQLiteStore(tmp_path / "tilth.db", KINDS, sealer=SEALER, create=True)
    fill(store)
    yield store
    store.close()


def test_a_flipped_bit_is_found_at_a_thousand_places_of_the_log(sound):
    chance = random.Random(20260301)
    tampering = Tampering(sound.path, list(KEYS.items()))
    # half of the places by cell, so that every column has its turn, half by size
    sizes = [len(cell[4]) if isinstance(cell[4], bytes) else 8 for cell in tampering.cells]
    places = [chance.choice(tampering.cells) for _ in range(600)]
    places += chance.choices(tampering.cells, weights=sizes, k=600)
    chance.shuffle(places)
    tried = []
    for cell in places:
        if len(tried) == 1000:
            break
        undo = tampering.spoil(cell, chance)
        if undo is None:
            continue
        verdict = verify(sound, TRUST)
        assert not verdict.ok, cell
        if cell[0] == "log_entry" and cell[3] in ("header", "leaf", "content"):
            assert verdict.first_failure.seq == cell[2][0], cell
        undo()
        tried.append(cell)
    assert len(tried) == 1000
    assert {(cell[0], cell[3]) for cell in tried} == {
        (table.name, column) for table in LOG_TABLES for column in table.names
    }
    assert verify(sound, TRUST, deep=True).ok


def test_a_flipped_bit_in_a_read_table_is_found_by_deep(sound):
    chance = random.Random(7)
    tables = [(table.name, table.key) for table in sound.derived_tables]
    tampering = Tampering(sound.path, [*tables, ("index_head", ("log",))])
    tried = set()
    for cell in chance.sample(tampering.cells, 300):
        undo = tampering.spoil(cell, chance)
        if undo is None:
            continue
        failure = verify(sound, TRUST, deep=True).first_failure
        assert failure is not None, cell
        if cell[0] != "index_head":
            assert failure.code in ("read_table_damaged", "database_unreadable"), cell
            if failure.code == "read_table_damaged" and cell[3] != "seq":
                assert (failure.table, failure.seq) == (cell[0], cell[2][0])
        undo()
        tried.add((cell[0], cell[3]))
    assert len(tried) > 50
    assert verify(sound, TRUST, deep=True).ok


def test_rows_added_or_removed_in_a_read_table_are_found(sound):
    raw = sqlite3.connect(sound.path, isolation_level=None)
    for sql, table in [
        ("DELETE FROM patch WHERE seq = 2", "patch"),
        ("DELETE FROM patch__items WHERE seq = 1 AND line = 0", "patch__items"),
        ("INSERT INTO index_concerned VALUES (999, 'x')", "index_concerned"),
        ("INSERT INTO index_concerned VALUES (1, 'x')", "index_concerned"),
        ("DELETE FROM index_box_tree WHERE seq = 2", "index_box_tree"),
        ("UPDATE index_box_tree SET west = west - 1 WHERE seq = 2", "index_box_tree"),
    ]:
        raw.execute(sql)
        assert verify(sound, TRUST).ok
        failure = verify(sound, TRUST, deep=True).first_failure
        assert (failure.code, failure.table) == ("read_table_damaged", table)
        sound.rebuild()
        assert verify(sound, TRUST, deep=True).ok
    raw.close()


def test_flipped_bytes_of_blobs_are_found(tmp_path, sound):
    chance = random.Random(5)
    blobs = Blobs(tmp_path / "blobs")
    for size in (1, 40, 5_000):
        blobs.put(chance.randbytes(size))
    names = list(blobs.held())
    for _ in range(60):
        name = chance.choice(names)
        path = blobs.path(name)
        good = path.read_bytes()
        path.write_bytes(flipped(good, chance))
        assert verify(sound, TRUST).first_failure == Failure("blob_damaged", blob=name)
        path.write_bytes(good)
    blobs.path(names[0]).rename(blobs.path(names[0]).with_name("ab"))
    assert verify(sound, TRUST).first_failure.code == "blob_damaged"


def test_a_flipped_bit_in_postgres_is_found(open_postgres, postgres_address):
    store = open_postgres()
    fill(store)
    chance = random.Random(11)
    with psycopg.connect(postgres_address, autocommit=True) as raw:
        raw.execute(f"SET search_path = {store._schema}, {store._schema}_read")
        raw.execute("SET session_replication_role = replica")  # no triggers
        tables = [*KEYS.items(), ("patch", ("seq",)), ("index_act", ("seq",))]
        for table, key in tables:
            names = next(
                one.names for one in (*LOG_TABLES, *store.derived_tables) if one.name == table
            )
            rows = raw.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
            for column in names:
                row = chance.choice(rows)
                value = row[names.index(column)]
                if value is None:
                    continue
                other = flipped_text(value, chance)
                test = " AND ".join(f"{name} = %s" for name in key)
                at = [row[names.index(name)] for name in key]
                try:
                    raw.execute(f"UPDATE {table} SET {column} = %s WHERE {test}", (other, *at))
                except psycopg.errors.UniqueViolation:
                    continue
                assert not verify(store, TRUST, deep=True).ok, (table, column)
                at = [other if name == column else one for name, one in zip(key, at, strict=True)]
                raw.execute(f"UPDATE {table} SET {column} = %s WHERE {test}", (value, *at))
    assert verify(store, TRUST, deep=True).ok


def flipped_text(value: object, chance: random.Random) -> object:
    """A flipped bit that leaves a text valid, since PostgreSQL takes no other."""
    if not isinstance(value, str):
        return flipped(value, chance)
    place = chance.choice([at for at, sign in enumerate(value) if "!" < sign < "~"])
    return value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]


# -- what is missing, added or moved ---------------------------------------------------------------


def tampered(store: SQLiteStore, *statements: str) -> Failure | None:
    raw = sqlite3.connect(store.path, isolation_level=None)
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    for (name,) in raw.execute(triggers).fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    for sql in statements:
        raw.execute(sql)
    raw.close()
    return verify(store, TRUST).first_failure


@pytest.mark.parametrize(
    ("statements", "code", "seq"),
    [
        (["DELETE FROM log_entry WHERE seq = 5"], "statement_out_of_place", 5),
        (["DELETE FROM log_content WHERE seq = 2"], "content_lost", 2),
        (["INSERT INTO log_content VALUES (99, x'00', x'01')"], "content_without_statement", None),
        (["DELETE FROM log_checkpoint WHERE size = 7"], "checkpoint_damaged", 10),
        (["INSERT INTO log_checkpoint VALUES (1, 99, 'x')"], "checkpoint_damaged", None),
        (["DELETE FROM log_receipt WHERE number = 2"], "receipt_damaged", None),
        (["DELETE FROM log_receipt WHERE number = 3"], "statement_out_of_place", 7),
        (
            [
                "UPDATE log_entry SET seq = -1 WHERE seq = 1",
                "UPDATE log_entry SET seq = 1 WHERE seq = 2",
                "UPDATE log_entry SET seq = 2 WHERE seq = -1",
            ],
            "statement_out_of_place",
            1,
        ),
        (["UPDATE index_head SET size = size + 1"], "head_damaged", None),
        (["DELETE FROM log_origin WHERE id = 2"], "statement_out_of_place", 4),
        (["DROP TABLE log_content"], "database_unreadable", None),
    ],
)
def test_the_first_failure_is_named(sound, statements, code, seq):
    failure = tampered(sound, *statements)
    assert (failure.code, failure.seq) == (code, seq)
    assert failure.problem().code == code


def test_a_statement_exchanged_whole_does_not_give_the_root(sound):
    other = patch(77)
    content = statement.parse_header(other.header).content
    failure = tampered(
        sound,
        f"UPDATE log_content SET hash = x'{content}', bytes = x'{other.content.hex()}'"
        " WHERE seq = 2",
        f"UPDATE log_entry SET header = x'{other.header.hex()}', content = x'{content}',"
        f" leaf = x'{hash_of(other)}' WHERE seq = 2",
    )
    assert (failure.code, failure.receipt, failure.seq) == ("root_mismatch", 1, 3)


def test_a_note_signed_anew_is_not_the_one_that_the_receipt_names(sound):
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    (size, note), *_ = sound.raw_rows("SELECT size, note FROM log_checkpoint WHERE log = 1")
    forged = note.rsplit("— ", 1)[0] + sign_note("x\n", [(LOG, stranger)]).split("\n\n")[1]
    sql = f"UPDATE log_checkpoint SET note = '{forged}' WHERE log = 1 AND size = {size}"
    failure = tampered(sound, sql)
    assert (failure.code, failure.log, failure.index) == ("checkpoint_damaged", LOG, 2)


def signed_with(seed: int) -> SimpleNamespace:
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)

    def sign_checkpoint(growth: Growth) -> str:
        head = Checkpoint(growth.log, growth.after.size, growth.after.root)
        return sign_note(checkpoint_text(head), [(growth.log, key)])

    public = key.public_key().public_bytes_raw().hex()
    return SimpleNamespace(sealer=Sealer(sign_checkpoint, key.sign), public=public)


def test_a_whole_log_signed_with_another_key_is_found(open_sqlite):
    stranger = signed_with(9)
    store = open_sqlite(sealer=stranger.sealer)
    store.append(LOG, patches(2), received_at=1)
    failure = verify(store, TRUST).first_failure
    assert (failure.code, failure.log, failure.seq) == ("checkpoint_signature", LOG, 2)
    anchored = TRUST._replace(anchors={LOG: stranger.public})
    assert verify(store, anchored).first_failure.code == "receipt_signature"
    assert verify(store, anchored._replace(receipt_keys=(stranger.public,))).ok
    unknown = TRUST._replace(anchors={})
    assert verify(store, unknown).first_failure.code == "checkpoint_signature"


def test_an_earlier_wrong_signature_comes_before_a_later_wrong_byte(open_sqlite):
    store = open_sqlite(sealer=signed_with(9).sealer)
    store.append(LOG, patches(2), received_at=1)
    store.append(LOG, patches(2, start=2), received_at=2)
    failure = tampered(store, "UPDATE log_entry SET header = x'00' WHERE seq = 4")
    assert (failure.code, failure.seq) == ("checkpoint_signature", 2)


def announce(public: str, act: str = "key", **fields: object):
    return draft({"public_key": public, **fields}, act=act, kind="log", record="")


def test_the_log_itself_names_the_keys_that_sign_it(open_sqlite):
    old, new = signed_with(3), signed_with(4)
    trust = TRUST._replace(anchors={LOG: old.public}, receipt_keys=(old.public, new.public))
    store = open_sqlite(sealer=old.sealer)
    store.append(LOG, [announce(old.public)], received_at=1)
    store.append(LOG, [patch(1), announce(new.public, previous=old.public)], received_at=2)
    store.close()
    store = open_sqlite(sealer=new.sealer)
    store.append(LOG, [patch(2)], received_at=3)
    assert verify(store, trust).standings == {"good": 3}
    assert verify(store, trust).ok
    # without the announcement in the log the new key would be a stranger's
    wrong = trust._replace(anchors={LOG: new.public})
    assert verify(store, wrong).standings == {"unconfirmed": 3}


def test_a_revoked_key_is_said_and_is_no_damage(open_sqlite):
    old, new = signed_with(3), signed_with(4)
    trust = TRUST._replace(anchors={LOG: old.public}, receipt_keys=(old.public, new.public))
    store = open_sqlite(sealer=old.sealer)
    store.append(LOG, [announce(old.public)], received_at=1)
    store.append(LOG, [patch(1)], received_at=2)
    store.append(LOG, [announce(new.public, previous=old.public)], received_at=3)
    store.close()
    store = open_sqlite(sealer=new.sealer)
    revoke = announce(old.public, "key_revoke", after_size=1, reason="stolen")
    store.append(LOG, [revoke], received_at=4)
    verdict = verify(store, trust)
    assert verdict.ok
    assert verdict.standings["revoked"] == 2


def test_a_content_shared_by_two_statements_verifies(open_sqlite):
    store = open_sqlite()
    store.append(LOG, [draft({"local_id": "a"}, nonce="00" * 16)], received_at=1)
    twin = draft({"local_id": "a"}, nonce="00" * 16, said_at="2026-05-01T00:00:00Z")
    store.append(LOG, [twin, patch(2)], received_at=2)
    assert verify(store, TRUST, deep=True).ok
    failure = tampered(store, "UPDATE log_content SET seq = 2 WHERE seq = 1")
    assert (failure.code, failure.seq) == ("content_damaged", 1)


def test_failures_read_as_problems():
    failure = Failure("root_mismatch", LOG, 4, 5, 2)
    assert failure.problem().where == f"receipt 2, log {LOG}, index 4, statement 5"
    zero = dataclasses.replace(failure, index=0, receipt=None)
    assert zero.problem().where == f"log {LOG}, index 0, statement 5"
    assert PUBLIC in TRUST.receipt_keys
