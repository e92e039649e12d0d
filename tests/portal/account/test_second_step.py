"""A password alone opens nothing: codes that count once, recovery codes, and what a manager can and cannot do."""

import re
from datetime import datetime
from uuid import UUID

import pyotp
import pytest
from click.testing import CliRunner
from flask import Flask

from portal.cli import reset_second_step
from portal.security.accounts import add_staff
from shared.database import Database
from shared.database.provision import ServiceUrls
from tests.cast import ANA, CHRIS, DANA, PASSWORD, Staff, kept_password
from tests.portal.browser import Browser, Page, SetClock
from tests.portal.conftest import NOON, portal_over
from tests.trail import trail


@pytest.fixture
def strict(staffed: Database, clock: SetClock) -> Flask:
    """A portal in which every account needs a second step."""
    return portal_over(staffed, clock, second_step_required=True)


def code_at(secret: str, now: datetime, step: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(now.timestamp()) + 30 * step)


def sets_up_an_app(browser: Browser, page: Page, clock: SetClock) -> tuple[str, list[str]]:
    """Through the pages; the app's secret, and the recovery codes."""
    page = browser.send(page.form("/second-step/app"))
    secret = re.findall(r'wraps">([A-Z2-7 ]+)<', page.text)[0].replace(" ", "")
    page = browser.send(page.form("/first-code"), {"code": code_at(secret, clock())})
    assert page.headings == ["Keep these codes"]
    return secret, re.findall(r'secret">([a-z2-9-]+)<', page.text)


def with_an_app(app: Flask, staff: Staff, clock: SetClock) -> tuple[str, list[str]]:
    browser = Browser(app)
    found = sets_up_an_app(browser, browser.sign_in(staff), clock)
    clock.move(minutes=2)
    return found


def enters(browser: Browser, page: Page, code: str) -> Page:
    return browser.send(page.form("/sign-in/second-step"), {"code": code})


def test_after_the_password_a_person_without_a_second_step_reaches_only_the_page_that_sets_one_up(
    strict: Flask, clock: SetClock
) -> None:
    dana = Browser(strict)
    page = dana.sign_in(DANA)

    elsewhere = [dana.fetch(path).location for path in ("/today", "/people", "/account", "/")]
    sets_up_an_app(dana, page, clock)

    assert page.headings == ["Set up your second step"]
    assert all(to.startswith("/account/second-step") for to in elsewhere)
    assert dana.get("/today").headings == ["Today"]


def test_with_a_second_step_the_password_alone_opens_nothing(strict: Flask, clock: SetClock) -> None:
    secret, _ = with_an_app(strict, DANA, clock)
    dana = Browser(strict)

    page = dana.sign_in(DANA)
    before = dana.http.get_cookie("sid")
    inside = enters(dana, page, code_at(secret, clock()))
    after = dana.http.get_cookie("sid")

    assert page.headings == ["Your second step"]
    assert "Petrova" not in page.text
    assert inside.headings == ["Today"]
    assert before
    assert after
    assert before.value != after.value


def test_a_code_counts_once_and_one_step_to_either_side(strict: Flask, clock: SetClock) -> None:
    secret, _ = with_an_app(strict, DANA, clock)
    code, next_one, far = (code_at(secret, clock(), step) for step in (-1, 1, 2))

    def comes_in_with(typed: str) -> int:
        browser = Browser(strict)
        return enters(browser, browser.sign_in(DANA), typed).status

    assert comes_in_with(far) == 422
    assert comes_in_with(code) == 200
    assert comes_in_with(code) == 422
    assert comes_in_with(next_one) == 200
    assert comes_in_with(code_at(secret, clock())) == 422, "older than the last that was used"


def test_guessing_codes_is_slowed_down(strict: Flask, clock: SetClock) -> None:
    with_an_app(strict, DANA, clock)
    guesser = Browser(strict, environ={"REMOTE_ADDR": "192.0.2.1"})
    page = guesser.sign_in(DANA)

    answers = [enters(guesser, page, f"{n:06}").status for n in range(8)]

    assert answers == [422] * 5 + [429] * 3


def test_a_recovery_code_opens_the_second_step_once(strict: Flask, clock: SetClock) -> None:
    _, codes = with_an_app(strict, DANA, clock)
    first, second = Browser(strict), Browser(strict)

    came = enters(first, first.sign_in(DANA), codes[0].upper())
    again = enters(second, second.sign_in(DANA), codes[0])

    assert len(set(codes)) == 10
    assert (came.status, again.status) == (200, 422)
    assert "9 recovery codes left" in first.get("/account").text
    assert "A recovery code was used" in first.get("/account").text


def test_with_a_recovery_code_nobody_waits_for_the_guesses_of_a_stranger_beside_them(
    strict: Flask, clock: SetClock
) -> None:
    _, codes = with_an_app(strict, DANA, clock)
    stranger, dana = Browser(strict), Browser(strict)
    for _ in range(5):
        stranger.sign_in(DANA, "not the right password")

    waits = dana.sign_in(DANA)
    form = waits.form("/sign-in")
    wrong = dana.send(form, {"username": "dana", "password": "a guess", "recovery_code": codes[0]})
    comes = dana.send(form, {"username": "dana", "password": PASSWORD, "recovery_code": codes[1]})

    assert waits.status == 429
    assert "recovery_code" in waits.ids
    assert wrong.status == 422, "the code does not stand for the password"
    assert comes.headings == ["Today"]


def test_codes_and_secrets_do_not_lie_open_in_the_database(strict: Flask, staffed: Database, clock: SetClock) -> None:
    secret, codes = with_an_app(strict, DANA, clock)

    with staffed.transaction() as tx:
        kept = repr(tx.rows("SELECT * FROM totp")) + repr(tx.rows("SELECT * FROM recovery_code"))

    assert secret not in kept
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


def test_a_new_password_from_the_manager_does_not_skip_the_second_step(strict: Flask, clock: SetClock) -> None:
    with_an_app(strict, DANA, clock)
    chris = Browser(strict)
    sets_up_an_app(chris, chris.sign_in(CHRIS), clock)
    page = chris.send(chris.get(f"/staff/{DANA.id}").form("/password"))
    [given] = re.findall(r'secret">([^<]+)<', page.text)

    taken = Browser(strict)

    assert taken.sign_in(DANA, given).headings == ["Your second step"]


def test_the_last_second_step_stays_where_one_is_required(strict: Flask, clock: SetClock) -> None:
    dana = Browser(strict)
    sets_up_an_app(dana, dana.sign_in(DANA), clock)

    page = dana.send(dana.get("/account/second-step").form("/app/remove"))

    assert page.status == 422
    assert "One second step has to remain" in page.text


def test_where_it_is_offered_nobody_is_asked_for_one_and_whoever_set_it_up_is(lonely: Flask, clock: SetClock) -> None:
    ana, dana = Browser(lonely), Browser(lonely)
    assert ana.sign_in(ANA).headings == ["My day"]
    dana.sign_in(DANA)

    sets_up_an_app(dana, dana.get("/account/second-step"), clock)

    assert Browser(lonely).sign_in(DANA).headings == ["Your second step"]


def test_only_a_demo_account_comes_in_without_and_says_so(strict: Flask, staffed: Database) -> None:
    with staffed.transaction() as tx:
        add_staff(
            tx,
            staff_id=UUID(int=7),
            username="demo",
            display_name="Demo",
            roles=["front_desk"],
            password_hash=kept_password(),
            now=NOON,
            is_demo=True,
        )
    browser = Browser(strict)

    page = browser.sign_in(Staff(ANA.id, "demo", "Demo", ()))

    assert page.headings == ["Today"]
    assert "This account of the demo clinic comes in without one" in browser.get("/account").text


def test_what_was_done_to_a_second_step_stands_in_the_access_log(
    strict: Flask, staffed: Database, clock: SetClock
) -> None:
    with_an_app(strict, DANA, clock)

    actions = [row["action"] for row in trail(staffed)]

    assert "account.second_step.app_added" in actions


def test_an_operator_resets_the_managers_where_nobody_else_can_and_that_is_told(
    strict: Flask, staffed: Database, portal_urls: ServiceUrls, clock: SetClock
) -> None:
    with_an_app(strict, CHRIS, clock)
    with_an_app(strict, DANA, clock)

    said = CliRunner().invoke(reset_second_step, ["--database", portal_urls.app, "--yes"])

    assert said.output == "Done, for 1 of them.\n"
    assert Browser(strict).sign_in(CHRIS).headings == ["Set up your second step"]
    assert Browser(strict).sign_in(DANA).headings == ["Your second step"]
    assert [row["about"] for row in trail(staffed, "staff.second_step_reset")] == [[CHRIS.id]]


def test_the_answer_of_no_key_signs_nobody_in(strict: Flask) -> None:
    stranger = Browser(strict, base_url="http://localhost")
    for credential in ("", "{}", "[]", '{"rawId": "AAAA"}', "null", '"x"', "\x00", '{"rawId": 7}'):
        form = stranger.get("/sign-in").form("/passkey")
        options = stranger.http.post(
            "/passkey/options", data={"form_token": form.fields["form_token"]}, headers={"Origin": "http://localhost"}
        )
        page = stranger.send(form, {"credential": credential}, follow=False)

        assert options.get_json()["userVerification"] == "required"
        assert page.location.startswith("/sign-in?")
    assert stranger.fetch("/today").status == 303
