"""Guessing becomes slow, wherever it comes from; the right person comes in."""

import pytest
from flask import Flask

from portal.security.accounts import username_blind
from portal.security.attempts import (
    FREE_TRIES,
    FREE_TRIES_OF_A_NETWORK,
    LONGEST_DELAY,
    UNDER_ATTACK,
    WaitBeforeTrying,
    count_try,
    counters_of,
)
from portal.security.origin import Origin
from shared.database import Database
from shared.web.proxies import DeclaredProxies, read_proxies
from tests.cast import ANA, DANA
from tests.portal.browser import Browser, SetClock
from tests.portal.conftest import portal_over
from tests.trail import trail

WRONG = "not the right password"


def at(address: str) -> Origin:
    return Origin(address, "Firefox on Linux")


def guesses(database: Database, name: str, origin: Origin, clock: SetClock, tries: int, every: float = 1) -> int:
    """How many of so many tries, one after the other, get through to the password."""
    through = 0
    for _ in range(tries):
        try:
            with database.transaction() as tx:
                count_try(tx, counters_of("password", username_blind(tx, name), None, origin), clock())
            through += 1
        except WaitBeforeTrying:
            pass
        clock.move(seconds=every)
    return through


def coming_from(app: Flask, address: str, **headers: str) -> Browser:
    return Browser(app, environ={"REMOTE_ADDR": address, **headers})


def test_a_thousand_guesses_in_a_row_are_a_handful(staffed: Database, clock: SetClock) -> None:
    through = guesses(staffed, "dana", at("192.0.2.1"), clock, 1000)

    assert FREE_TRIES < through <= 14  # five, then after 5, 10, 20 ... 640 seconds


def test_a_stranger_elsewhere_delays_nobody_here(staffed: Database, clock: SetClock) -> None:
    app = portal_over(staffed, clock)
    for n in range(40):
        guesses(staffed, "dana", at(f"192.0.2.{n}"), clock, 1)

    new_browser = coming_from(app, "198.51.100.1")

    assert new_browser.sign_in(DANA).headings == ["Today"]


def test_a_browser_that_came_in_before_comes_in_whoever_guesses_beside_it(staffed: Database, clock: SetClock) -> None:
    app = portal_over(staffed, clock)
    dana = coming_from(app, "192.0.2.1")
    dana.send(dana.sign_in(DANA).form("/sign-out"))

    for name in ("dana", "ana"):
        guesses(staffed, name, at("192.0.2.1"), clock, 50, every=0)

    assert coming_from(app, "192.0.2.1").sign_in(DANA).status == 429
    assert dana.sign_in(DANA).headings == ["Today"]


def test_a_network_that_tries_one_password_on_everybody_is_slowed_down_as_a_whole(
    staffed: Database, clock: SetClock
) -> None:
    through = sum(guesses(staffed, f"name {n}", at("192.0.2.1"), clock, 1) for n in range(200))

    assert FREE_TRIES_OF_A_NETWORK <= through <= FREE_TRIES_OF_A_NETWORK + 6
    assert guesses(staffed, "somebody", at("198.51.100.1"), clock, 1) == 1


def test_an_account_guessed_at_from_everywhere_grants_no_quick_tries_any_more(
    staffed: Database, clock: SetClock
) -> None:
    for n in range(UNDER_ATTACK // FREE_TRIES):
        guesses(staffed, "dana", at(f"10.1.{n}.1"), clock, FREE_TRIES, every=0)

    assert guesses(staffed, "dana", at("10.2.1.1"), clock, 5) == 1
    assert guesses(staffed, "ana", at("10.2.1.1"), clock, 5) == 5


def test_the_wait_is_a_quarter_of_an_hour_at_most(staffed: Database, clock: SetClock) -> None:
    guesses(staffed, "dana", at("192.0.2.1"), clock, 30, every=LONGEST_DELAY.total_seconds())
    guesses(staffed, "dana", at("192.0.2.1"), clock, 1)

    clock.move(seconds=LONGEST_DELAY.total_seconds())

    assert guesses(staffed, "dana", at("192.0.2.1"), clock, 1) == 1


def test_one_who_comes_in_gives_the_network_no_new_tries(staffed: Database, clock: SetClock) -> None:
    app = portal_over(staffed, clock)
    for n in range(FREE_TRIES_OF_A_NETWORK - 1):
        guesses(staffed, f"name {n}", at("192.0.2.1"), clock, 1, every=0)
    coming_from(app, "192.0.2.1").sign_in(ANA)

    assert guesses(staffed, "name", at("192.0.2.1"), clock, 1, every=0) == 1
    assert guesses(staffed, "other", at("192.0.2.1"), clock, 1, every=0) == 0


def test_a_failed_try_is_noted_with_account_and_address_and_an_unknown_name_without_the_name(
    staffed: Database, clock: SetClock
) -> None:
    browser = coming_from(portal_over(staffed, clock), "192.0.2.9")
    browser.sign_in(DANA, WRONG)
    browser.send(browser.get("/sign-in").form("/sign-in"), {"username": "nobody", "password": WRONG})

    with staffed.transaction() as tx:
        noted = tx.rows("SELECT * FROM account_event ORDER BY no")
        nobody = username_blind(tx, "nobody")

    assert [(row["staff_id"], row["name_blind"], row["address"]) for row in noted] == [
        (DANA.id, None, "192.0.2.9"),
        (None, nobody, "192.0.2.9"),
    ]
    assert [row["about"] for row in trail(staffed, "sign_in.failed")] == [[DANA.id], []]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        ("", "203.0.113.5", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.5", "203.0.113.5"),
        ("192.0.2.1", "6.6.6.6, 203.0.113.5", "203.0.113.5"),
        ("192.0.2.1, 10.0.0.0/8", "6.6.6.6, 203.0.113.5, 10.0.0.1", "203.0.113.5"),
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "not an address", "192.0.2.1"),
    ],
)
def test_an_address_counts_as_the_outermost_declared_proxy_saw_it(
    staffed: Database, clock: SetClock, proxies: str, forwarded: str, counted: str
) -> None:
    app = portal_over(staffed, clock)
    app.wsgi_app = DeclaredProxies(app.wsgi_app, read_proxies(proxies))  # type: ignore[method-assign]
    browser = coming_from(app, "192.0.2.1", **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}))

    browser.sign_in(DANA, WRONG)

    with staffed.transaction() as tx:
        assert tx.value("SELECT address FROM account_event") == counted
