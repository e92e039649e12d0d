"""A command sent twice has one effect."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from shared.web.idempotency import forget
from tests.shared.web.conftest import NOW, Shelf
from tests.shared.web.test_bad_input import assert_clear

KEY = {"Idempotency-Key": "the-same-key"}


def test_a_repeated_command_gets_the_first_answer_and_has_no_second_effect(shelf: Shelf) -> None:
    first = shelf.fill("plums", headers=KEY)
    second = shelf.fill("plums", headers=KEY)

    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert (second.status_code, second.get_data()) == (first.status_code, first.get_data())
    assert (second.headers["Location"], second.headers["ETag"]) == (first.headers["Location"], '"1"')
    assert shelf.labels() == ["plums"]


def test_an_answer_without_a_body_is_replayed_too(shelf: Shelf) -> None:
    place = shelf.fill().headers["Location"]
    first = shelf.ask("POST", f"{place}/opening", headers=KEY)
    second = shelf.ask("POST", f"{place}/opening", headers=KEY)

    assert (first.status_code, second.status_code) == (204, 204)
    assert second.headers["Idempotency-Replayed"] == "true"


def test_the_order_of_fields_does_not_make_another_command(shelf: Shelf) -> None:
    first = shelf.ask("POST", "/v1/jars", json={"label": "figs", "grams": 1}, headers=KEY)
    second = shelf.ask("POST", "/v1/jars", json={"grams": 1, "label": "figs"}, headers=KEY)

    assert second.get_data() == first.get_data()


def test_a_key_used_for_another_body_is_refused(shelf: Shelf) -> None:
    shelf.fill("plums", headers=KEY)

    answer = shelf.fill("figs", headers=KEY)

    assert_clear(answer, 422, "Idempotency-Key")
    assert shelf.labels() == ["plums"]


def test_a_key_used_for_another_jar_is_refused(shelf: Shelf) -> None:
    one, other = shelf.fill("figs").headers["Location"], shelf.fill("plums").headers["Location"]
    shelf.ask("POST", f"{one}/opening", headers=KEY)

    answer = shelf.ask("POST", f"{other}/opening", headers=KEY)

    assert_clear(answer, 422, "Idempotency-Key")
    assert shelf.labels() == ["plums"]


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 201])
def test_a_malformed_key_is_refused(shelf: Shelf, key: str) -> None:
    assert_clear(shelf.fill(headers={"Idempotency-Key": key}), 400, "Idempotency-Key")


def test_a_missing_key_is_refused(shelf: Shelf) -> None:
    answer = shelf.http.post("/v1/jars", json={"label": "a", "grams": 1}, headers=shelf.bearer())

    assert_clear(answer, 400, "Idempotency-Key")


def test_a_refused_command_may_be_repeated_with_its_key(shelf: Shelf) -> None:
    refused = shelf.fill("bursts", headers=KEY)
    again = shelf.fill("plums", headers=KEY)

    assert (refused.status_code, again.status_code) == (500, 201)


def test_two_people_may_choose_the_same_key(shelf: Shelf) -> None:
    other = shelf.bearer(actor=uuid4())

    first, second = shelf.fill("plums", headers=KEY), shelf.fill("figs", headers=KEY | other)

    assert (first.status_code, second.status_code) == (201, 201)


def test_a_command_still_running_is_not_begun_again(shelf: Shelf) -> None:
    shelf.gate.closed = True
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(shelf.fill, "plums", headers=KEY)
        assert shelf.gate.inside.wait(20)

        meanwhile = shelf.fill("plums", headers=KEY)
        shelf.gate.go_on.set()
        first = running.result(20)

    later = shelf.fill("plums", headers=KEY)
    assert_clear(meanwhile, 409, None)
    assert meanwhile.headers["Retry-After"] == "1"
    assert (first.status_code, later.status_code) == (201, 201)
    assert later.headers["Idempotency-Replayed"] == "true"
    assert shelf.labels() == ["plums"]
    assert b'reason="idempotency"' in shelf.metrics.exposition()


def test_many_at_once_have_one_effect(shelf: Shelf) -> None:
    start = threading.Barrier(4)

    def send(_no: int) -> int:
        start.wait(20)
        return shelf.fill("plums", headers=KEY).status_code

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(send, range(4)))

    assert 201 in codes
    assert set(codes) <= {201, 409}
    assert shelf.labels() == ["plums"]


@pytest.mark.parametrize(("days", "left"), [(6, 1), (8, 0)])
def test_answers_are_kept_for_a_week(shelf: Shelf, days: int, left: int) -> None:
    shelf.fill()

    with shelf.database.transaction() as tx:
        forget(tx, NOW + timedelta(days=days))

    with shelf.database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM idempotency") == left


def test_kept_answers_are_sealed(shelf: Shelf) -> None:
    shelf.fill("CANARY-label")

    with shelf.database.transaction() as tx:
        kept = tx.rows("SELECT * FROM idempotency")
    assert len(kept) == 1
    assert b"CANARY" not in bytes(kept[0]["answer"])
    assert "CANARY" not in str(kept)
