"""Coming in: who, for how long, how often one may try, and what the browser is given."""

import threading

import pytest
from flask import Flask

from portal.security.accounts import new_setup_code
from portal.security.sign_ins import DELAY_FROM, WaitBeforeTrying, WrongPassword, hashed, sign_in
from shared.database import Database
from tests.cast import ANA, CHRIS, DANA, PASSWORD
from tests.portal.browser import Browser, SetClock
from tests.portal.conftest import NOON, portal_over
from tests.trail import chained, trail

WRONG = "not the right password"
DANAS = {"username": "dana", "password": PASSWORD}


def test_somebody_with_the_right_password_comes_in(visitor: Browser) -> None:
    page = visitor.sign_in(DANA)

    assert page.status == 200
    assert page.headings == ["Today"]


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(visitor: Browser) -> None:
    wrong = visitor.sign_in(DANA, WRONG)
    form = visitor.get("/sign-in").form("/sign-in")
    unknown = visitor.send(form, {"username": "nobody", "password": WRONG})

    assert wrong.status == unknown.status == 422
    assert "User name or password is not right" in wrong.text
    assert "User name or password is not right" in unknown.text
    assert wrong.title.startswith("Error: ")


def test_the_id_before_sign_in_is_worth_nothing_after_it(lonely: Flask) -> None:
    browser = Browser(lonely)
    browser.get("/sign-in")
    before = {c.key: c.value for c in browser.http._cookies.values()}  # type: ignore[union-attr]

    browser.sign_in(DANA)
    after = {c.key: c.value for c in browser.http._cookies.values()}  # type: ignore[union-attr]

    assert "sid" not in before
    assert after["sid"] not in before.values()


def test_only_a_hash_of_the_sign_in_is_kept(visitor: Browser, staffed: Database) -> None:
    visitor.sign_in(DANA)
    sid = visitor.http.get_cookie("sid")
    assert sid

    with staffed.transaction() as tx:
        kept = tx.rows("SELECT id_hash FROM sign_in")

    assert [row["id_hash"] for row in kept] == [hashed(sid.value)]


def test_a_sign_in_ends_after_fifteen_quiet_minutes(visitor: Browser, clock: SetClock) -> None:
    visitor.sign_in(DANA)

    clock.move(minutes=14)
    still_in = visitor.get("/today")
    clock.move(minutes=15, seconds=1)
    out = visitor.fetch("/today")

    assert still_in.status == 200
    assert out.status == 303
    assert "/sign-in" in out.location


def test_a_sign_in_ends_after_twelve_hours_however_busy(visitor: Browser, clock: SetClock) -> None:
    visitor.sign_in(DANA)

    for _ in range(59):
        clock.move(minutes=12)
        assert visitor.fetch("/today").status == 200
    clock.move(minutes=12)

    assert visitor.fetch("/today").status == 303


def test_signing_out_ends_it_on_the_server_too(visitor: Browser, staffed: Database) -> None:
    page = visitor.sign_in(DANA)
    sid = visitor.http.get_cookie("sid")
    assert sid

    out = visitor.send(page.form("/sign-out"), follow=False)
    visitor.http.set_cookie("sid", sid.value)

    assert out.response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert visitor.fetch("/today").status == 303
    with staffed.transaction() as tx:
        assert tx.value("SELECT count(*) FROM sign_in") == 0


def test_a_closed_account_is_out_with_the_next_click(visitor: Browser, staffed: Database) -> None:
    visitor.sign_in(DANA)

    with staffed.transaction() as tx:
        tx.execute("UPDATE staff SET is_active = false WHERE id = %s", (DANA.id,))

    assert visitor.fetch("/today").status == 303


def test_a_change_of_roles_counts_with_the_next_click(visitor: Browser, staffed: Database) -> None:
    visitor.sign_in(DANA)

    with staffed.transaction() as tx:
        tx.execute("UPDATE staff SET roles = '{operator}' WHERE id = %s", (DANA.id,))

    assert visitor.get("/today").status == 403


def test_from_the_fifth_wrong_password_on_one_has_to_wait(staffed: Database, clock: SetClock) -> None:
    for _ in range(DELAY_FROM):
        with pytest.raises(WrongPassword):
            sign_in(staffed, "dana", WRONG, None, clock())

    with pytest.raises(WaitBeforeTrying) as refused:
        sign_in(staffed, "dana", PASSWORD, None, clock())

    assert 0 < refused.value.seconds <= 6


def test_an_unknown_name_is_slowed_down_in_the_same_way(staffed: Database, clock: SetClock) -> None:
    for _ in range(DELAY_FROM):
        with pytest.raises(WrongPassword):
            sign_in(staffed, "nobody", WRONG, None, clock())

    with pytest.raises(WaitBeforeTrying):
        sign_in(staffed, "nobody", WRONG, None, clock())


def test_guessers_elsewhere_do_not_lock_out_a_browser_that_came_in_before(staffed: Database, clock: SetClock) -> None:
    _, device = sign_in(staffed, "dana", PASSWORD, None, clock())
    for _ in range(DELAY_FROM):
        with pytest.raises(WrongPassword):
            sign_in(staffed, "dana", WRONG, None, clock())

    sign_in_id, again = sign_in(staffed, "dana", PASSWORD, device, clock())

    assert sign_in_id
    assert again == device


def test_a_crowd_of_guesses_at_once_gets_no_more_tries_than_one_guesser(staffed: Database, clock: SetClock) -> None:
    answers: list[str] = []

    def guess() -> None:
        try:
            sign_in(staffed, "dana", WRONG, None, clock())
        except WrongPassword:
            answers.append("tried")
        except WaitBeforeTrying:
            answers.append("refused")

    crowd = [threading.Thread(target=guess) for _ in range(10)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert answers.count("tried") == DELAY_FROM
    assert answers.count("refused") == 10 - DELAY_FROM


def test_passwords_are_kept_as_argon2id_at_or_above_the_floor(strong_passwords: None, staffed: Database) -> None:
    with staffed.transaction() as tx:
        kept = [row["password_hash"] for row in tx.rows("SELECT password_hash FROM staff")]

    assert kept
    assert all(text.startswith("$argon2id$v=19$m=47104,t=1,p=1$") for text in kept)


def test_names_of_staff_lie_sealed_in_the_database(staffed: Database) -> None:
    with staffed.transaction() as tx:
        raw = b"".join(row["username"] + row["display_name"] for row in tx.rows("SELECT * FROM staff"))

    assert b"Canary" not in raw
    assert b"dana" not in raw


def test_the_first_manager_comes_in_by_a_one_time_code(portal_database: Database, clock: SetClock) -> None:
    with portal_database.transaction() as tx:
        code = new_setup_code(tx, NOON)
    browser = Browser(portal_over(portal_database, clock))
    typed = {"code": code.lower(), "display_name": "Chris", "username": "chris", "password": "a whole new password"}

    first = browser.send(browser.get("/set-up").form("/set-up"), typed)
    second = Browser(portal_over(portal_database, clock))
    again = second.send(second.get("/set-up").form("/set-up"), typed | {"username": "other"})

    assert first.status == 200
    assert "Practice manager" in first.text
    assert again.status == 422
    assert "was used before" in again.text


def test_a_set_up_code_is_too_old_after_half_an_hour(portal_database: Database, clock: SetClock) -> None:
    with portal_database.transaction() as tx:
        code = new_setup_code(tx, NOON)
    clock.move(minutes=31)
    browser = Browser(portal_over(portal_database, clock))

    page = browser.send(
        browser.get("/set-up").form("/set-up"),
        {"code": code, "display_name": "Chris", "username": "chris", "password": "a whole new password"},
    )

    assert page.status == 422
    with portal_database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM staff") == 0


def test_a_new_house_points_to_the_set_up(portal_database: Database, clock: SetClock) -> None:
    page = Browser(portal_over(portal_database, clock)).get("/")

    assert 'href="/set-up"' in page.text


def test_after_sign_in_one_is_back_where_one_was(visitor: Browser) -> None:
    form = visitor.get("/people?state=waiting").form("/sign-in")

    page = visitor.send(form, DANAS, follow=False)

    assert page.location == "/people?state=waiting"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_never_leads_to_another_site(visitor: Browser, elsewhere: str) -> None:
    form = visitor.get("/sign-in").form("/sign-in")

    page = visitor.send(form, DANAS | {"next": elsewhere}, follow=False)

    assert page.location == "/"


def test_coming_in_and_failing_to_are_both_in_the_access_log(visitor: Browser, staffed: Database) -> None:
    visitor.sign_in(ANA, WRONG)
    visitor.sign_in(CHRIS)

    actions = [row["action"] for row in trail(staffed)]
    length = chained(staffed)

    assert actions[:2] == ["sign_in.failed", "sign_in.begun"]
    assert length == len(actions)
