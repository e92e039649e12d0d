"""Sealed fields open in their own row, with their own person's key, and nowhere else."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.database import Database, Tx
from shared.ids import uuid7
from shared.security.sealing import THE_SERVICE, CannotOpen, Place, Sealed, Vault

MARA, NOOR = uuid7(), uuid7()
PLACE = Place("client", "given_name", MARA)


def seal(database: Database, text: str = "Mara", place: Place = PLACE) -> bytes:
    with database.transaction() as tx:
        return tx.vault.seal(tx, MARA, place, text)


@pytest.mark.parametrize("text", ["Mara", "", "Müller-Lüdenscheidt", "李", "👩‍👩‍👧", "x" * 10_000])
def test_what_was_sealed_opens_again(database: Database, text: str) -> None:
    ciphertext = seal(database, text)

    with database.transaction() as tx:
        assert tx.vault.open(tx, MARA, PLACE, ciphertext) == text


def test_the_text_is_not_in_the_ciphertext_and_equal_texts_look_different(database: Database) -> None:
    first, second = seal(database), seal(database)

    assert first != second
    assert b"Mara" not in first


@pytest.mark.parametrize(
    "place",
    [replace(PLACE, row=NOOR), replace(PLACE, column="family_name"), replace(PLACE, table="referral")],
    ids=["another row", "another column", "another table"],
)
def test_a_ciphertext_moved_elsewhere_does_not_open(database: Database, place: Place) -> None:
    ciphertext = seal(database)

    with database.transaction() as tx, pytest.raises(CannotOpen, match="wrong row"):
        tx.vault.open(tx, MARA, place, ciphertext)


def test_a_ciphertext_does_not_open_with_another_persons_key(database: Database) -> None:
    ciphertext = seal(database)

    with database.transaction() as tx:
        tx.vault.seal(tx, NOOR, PLACE, "Noor")
        with pytest.raises(CannotOpen, match="wrong key"):
            tx.vault.open(tx, NOOR, PLACE, ciphertext)


@pytest.mark.parametrize("place", range(0, 33, 4))
def test_a_damaged_ciphertext_does_not_open(database: Database, place: int) -> None:
    damaged = bytearray(seal(database))
    damaged[place] ^= 1

    with database.transaction() as tx, pytest.raises(CannotOpen):
        tx.vault.open(tx, MARA, PLACE, bytes(damaged))


@pytest.mark.parametrize("kept", [0, 1, 12, 13, 20])
def test_a_cut_ciphertext_does_not_open(database: Database, kept: int) -> None:
    cut = seal(database)[:kept]

    with database.transaction() as tx, pytest.raises(CannotOpen):
        tx.vault.open(tx, MARA, PLACE, cut)


@pytest.mark.parametrize("other", [Vault(b"n" * 32, service="safe"), Vault(b"m" * 32, service="feedback")])
def test_another_master_key_or_another_service_opens_nothing(database: Database, other: Vault) -> None:
    ciphertext = seal(database)

    with database.transaction() as tx, pytest.raises(CannotOpen, match="master key"):
        other.open(tx, MARA, PLACE, ciphertext)


def test_a_destroyed_key_closes_everything_of_one_person_and_nothing_of_another(database: Database) -> None:
    hers = seal(database)
    with database.transaction() as tx:
        noors = tx.vault.seal(tx, NOOR, PLACE, "Noor")

    with database.transaction() as tx:
        destroyed, again = tx.vault.destroy(tx, MARA), tx.vault.destroy(tx, MARA)

    with database.transaction() as tx:
        assert (destroyed, again) == (True, False)
        assert tx.vault.open(tx, NOOR, PLACE, noors) == "Noor"
        with pytest.raises(CannotOpen, match="does not exist"):
            tx.vault.open(tx, MARA, PLACE, hers)


def test_a_key_made_after_the_destruction_does_not_open_what_was_before(database: Database) -> None:
    before = seal(database)
    with database.transaction() as tx:
        tx.vault.destroy(tx, MARA)
    seal(database, "later")

    with database.transaction() as tx, pytest.raises(CannotOpen, match="wrong key"):
        tx.vault.open(tx, MARA, PLACE, before)


def test_many_fields_open_in_their_order(database: Database) -> None:
    with database.transaction() as tx:
        places = [Place("client", "note", uuid7()) for _ in range(20)]
        items = [Sealed(MARA, place, tx.vault.seal(tx, MARA, place, f"note {no}")) for no, place in enumerate(places)]

    with database.transaction() as tx:
        assert tx.vault.open_many(tx, items) == [f"note {no}" for no in range(20)]


def test_one_that_does_not_open_fails_all(database: Database) -> None:
    good = Sealed(MARA, PLACE, seal(database))

    with database.transaction() as tx, pytest.raises(CannotOpen):
        tx.vault.open_many(tx, [good, replace(good, place=replace(PLACE, column="note"))])


def test_two_first_writers_share_one_key(database: Database) -> None:
    def write(no: int) -> bytes:
        with database.transaction() as tx:
            return tx.vault.seal(tx, THE_SERVICE, PLACE, str(no))

    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(write, range(8)))

    with database.transaction() as tx:
        assert [tx.vault.open(tx, THE_SERVICE, PLACE, each) for each in written] == [str(no) for no in range(8)]
        assert tx.value("SELECT count(*) FROM data_key") == 1


def test_a_key_of_a_failed_transaction_is_gone_with_it(database: Database) -> None:
    def fail(tx: Tx) -> None:
        tx.vault.seal(tx, MARA, PLACE, "Mara")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        fail(tx)

    with database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM data_key") == 0


@given(st.text())
def test_a_blind_index_is_the_same_for_the_same_name(text: str) -> None:
    vault = Vault(b"m" * 32, service="intake")

    assert vault.blind("name", text) == vault.blind("name", f" {text}\n")


@pytest.mark.parametrize(
    ("one", "other"), [("MARA", "mara"), ("é", "e\u0301"), ("Straße", "STRASSE"), ("ﬁn", "fin"), (" Mara ", "Mara")]
)
def test_a_blind_index_forgives_how_a_name_is_written(one: str, other: str) -> None:
    vault = Vault(b"m" * 32, service="intake")

    assert vault.blind("name", one) == vault.blind("name", other)


def test_a_blind_index_differs_by_name_purpose_service_and_key() -> None:
    vaults = [Vault(b"m" * 32, service="intake"), Vault(b"m" * 32, service="safe"), Vault(b"n" * 32, service="intake")]

    seen = {
        vault.blind(purpose, name) for vault in vaults for purpose in ("name", "phone") for name in ("mara", "noor")
    }

    assert len(seen) == 12
    assert all(b"mara" not in each for each in seen)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(b"m" * length, service="intake")
