"""Coming in: who, for how long, how often one may try, and what the browser is given."""

import threading

import pytest
from click.testing import CliRunner
from flask import Flask

from portal.cli import set_up_code
from portal.security.accounts import choose_password, new_setup_code
from portal.security.attempts import FREE_TRIES, WaitBeforeTrying
from portal.security.origin import NOWHERE
from portal.security.passwords import hash_password
from portal.security.sign_ins import WrongPassword, hashed, sign_in
from shared.database import Database
from shared.database.provision import ServiceUrls
from tests.cast import ANA, CHRIS, DANA, PASSWORD, give_accounts
from tests.portal.browser import Browser, SetClock
from tests.portal.conftest import NOON, portal_over
from tests.trail import chained, trail

NEW_PASSWORD = "a whole new password of mine"
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
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassword):
            sign_in(staffed, "dana", WRONG, None, clock(), NOWHERE)

    with pytest.raises(WaitBeforeTrying) as refused:
        sign_in(staffed, "dana", PASSWORD, None, clock(), NOWHERE)

    assert 0 < refused.value.seconds <= 6


def test_an_unknown_name_is_slowed_down_in_the_same_way(staffed: Database, clock: SetClock) -> None:
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassword):
            sign_in(staffed, "nobody", WRONG, None, clock(), NOWHERE)

    with pytest.raises(WaitBeforeTrying):
        sign_in(staffed, "nobody", WRONG, None, clock(), NOWHERE)


def test_guessers_elsewhere_do_not_lock_out_a_browser_that_came_in_before(staffed: Database, clock: SetClock) -> None:
    _, device = sign_in(staffed, "dana", PASSWORD, None, clock(), NOWHERE)
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassword):
            sign_in(staffed, "dana", WRONG, None, clock(), NOWHERE)

    sign_in_id, again = sign_in(staffed, "dana", PASSWORD, device, clock(), NOWHERE)

    assert sign_in_id
    assert again == device


def test_a_crowd_of_guesses_at_once_gets_no_more_tries_than_one_guesser(staffed: Database, clock: SetClock) -> None:
    answers: list[str] = []

    def guess() -> None:
        try:
            sign_in(staffed, "dana", WRONG, None, clock(), NOWHERE)
        except WrongPassword:
            answers.append("tried")
        except WaitBeforeTrying:
            answers.append("refused")

    crowd = [threading.Thread(target=guess) for _ in range(10)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert answers.count("tried") == FREE_TRIES
    assert answers.count("refused") == 10 - FREE_TRIES


def test_passwords_are_kept_as_argon2id_at_or_above_the_floor(strong_passwords: None, staffed: Database) -> None:
    with staffed.transaction() as tx:
        choose_password(tx, DANA.id, hash_password(PASSWORD), now=NOON)
        kept = tx.value("SELECT password_hash FROM staff WHERE id = %s", (DANA.id,))

    assert kept.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


def test_names_of_staff_lie_sealed_in_the_database(staffed: Database) -> None:
    with staffed.transaction() as tx:
        raw = b"".join(row["username"] + row["display_name"] for row in tx.rows("SELECT * FROM staff"))

    assert b"Canary" not in raw
    assert b"dana" not in raw


def test_the_first_manager_comes_in_by_a_one_time_code(portal_database: Database, clock: SetClock) -> None:
    with portal_database.transaction() as tx:
        code = new_setup_code(tx, NOON)
    browser = Browser(portal_over(portal_database, clock))
    typed = {"code": code.lower(), "display_name": "Chris", "username": "chris", "password": NEW_PASSWORD}

    first = browser.send(browser.get("/set-up").form("/set-up"), typed)
    again = Browser(portal_over(portal_database, clock)).fetch("/set-up")

    assert first.status == 200
    assert "Practice manager" in first.text
    assert again.status == 303
    assert again.location == "/sign-in"


def test_a_set_up_code_is_too_old_after_half_an_hour(portal_database: Database, clock: SetClock) -> None:
    with portal_database.transaction() as tx:
        code = new_setup_code(tx, NOON)
    clock.move(minutes=31)
    browser = Browser(portal_over(portal_database, clock))

    page = browser.send(
        browser.get("/set-up").form("/set-up"),
        {"code": code, "display_name": "Chris", "username": "chris", "password": NEW_PASSWORD},
    )

    assert page.status == 422
    with portal_database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM staff") == 0


def test_a_new_house_points_to_the_set_up(portal_database: Database, clock: SetClock) -> None:
    page = Browser(portal_over(portal_database, clock)).get("/")

    assert 'href="/set-up"' in page.text


def test_a_code_is_worth_nothing_once_somebody_has_an_account(portal_database: Database, clock: SetClock) -> None:
    with portal_database.transaction() as tx:
        code = new_setup_code(tx, NOON)
    browser = Browser(portal_over(portal_database, clock))
    form = browser.get("/set-up").form("/set-up")
    with portal_database.transaction() as tx:
        give_accounts(tx, NOON, [DANA])

    typed = {"code": code, "display_name": "Eve", "username": "eve", "password": NEW_PASSWORD}
    page = browser.send(form, typed)

    assert page.status == 422
    with portal_database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM staff") == 1


def test_a_new_code_ends_the_one_before_and_is_not_made_for_a_clinic_with_accounts(
    portal_database: Database, portal_urls: ServiceUrls, clock: SetClock
) -> None:
    def asked() -> str:
        said = CliRunner().invoke(set_up_code, ["--database", portal_urls.app])
        assert said.exit_code == 0, said.output
        return said.output

    first, second = asked(), asked()
    with portal_database.transaction() as tx:
        codes = tx.value("SELECT count(*) FROM setup_code")
        give_accounts(tx, NOON, [DANA])

    assert first != second
    assert "enter this code: " in second
    assert codes == 1
    assert "There are accounts already" in asked()


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
