"""Passwords: hard to guess, their owner's alone, and never more of them hashed at once than the machine bears."""

import re
import threading
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from portal.security import passwords
from portal.security.account_events import events_of
from portal.security.passwords import AT_ONCE, hash_password, password_problem
from shared.database import Database
from tests.cast import ANA, CHRIS, DANA, PASSWORD
from tests.portal.browser import Browser, Page, SetClock
from tests.trail import trail

NEW = "seven quiet otters under glass"
ABOUT = ("dana", "Dana Petrova-Canary", "Test clinic")


def first_password_for(app: Flask, staff_id: object) -> str:
    """The manager makes one and reads it from the page."""
    chris = Browser(app)
    chris.sign_in(CHRIS)
    page = chris.send(chris.get(f"/staff/{staff_id}").form("/password"))
    [shown] = re.findall(r'secret">([^<]+)<', page.text)
    return str(shown)


def choose(browser: Browser, page: Page, new: str, old: str = "") -> Page:
    typed = {"new_password": new} | ({"old_password": old} if old else {})
    return browser.send(page.form("/account/password"), typed)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple", "".join(chr(0x1F400 + n * 29 % 64) for n in range(64)), "vK8#qz!Ltw2", NEW],
)
def test_what_is_hard_to_guess_is_taken_whatever_it_is_made_of(password: str) -> None:
    assert password_problem(password, ABOUT) is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("password12345", "words that are tried first"),
        ("qwertyuiop[]", "keys of the keyboard"),
        ("abababababab", "repeats itself"),
        ("PetrovaDana1", "a name that others know"),
        ("testclinic", "a name that others know"),
        ("seven77", "at least 8 characters"),
        ("x" * 257, "at most 256"),
    ],
)
def test_what_is_easy_to_guess_is_refused_with_the_reason(password: str, why: str) -> None:
    assert why in (password_problem(password, ABOUT) or "")


def test_none_of_the_three_thousand_most_common_passwords_is_taken() -> None:
    common = FREQUENCY_LISTS["passwords"]
    most_common = (common if isinstance(common, list) else list(common))[:3000]

    assert len(most_common) == 3000
    assert [word for word in most_common if password_problem(word, ABOUT) is None] == []


def test_a_crowd_at_the_door_never_takes_more_memory_than_two_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most, refused, lock = 0, 0, 0, threading.Lock()

    class Counting:
        def hash(self, password: str) -> str:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            kept = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(password)
            with lock:
                at_once -= 1
            return kept

    monkeypatch.setattr(passwords, "_HASHER", Counting())

    def come() -> None:
        nonlocal refused
        try:
            hash_password("one of two hundred")
        except passwords.TooManySignIns:
            with lock:
                refused += 1

    crowd = [threading.Thread(target=come) for _ in range(200)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert 0 < most <= AT_ONCE
    assert refused < 200


def test_a_hash_of_another_strength_is_renewed_when_its_owner_signs_in(
    strong_passwords: None, visitor: Browser, staffed: Database
) -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with staffed.transaction() as tx:
        tx.execute("UPDATE staff SET password_hash = %s WHERE id = %s", (weaker, DANA.id))

    visitor.sign_in(DANA)

    with staffed.transaction() as tx:
        kept = tx.value("SELECT password_hash FROM staff WHERE id = %s", (DANA.id,))
    assert kept.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


def test_a_first_password_leads_to_choosing_ones_own_and_nowhere_else(lonely: Flask) -> None:
    given, dana = first_password_for(lonely, DANA.id), Browser(lonely)

    page = dana.sign_in(DANA, given)
    elsewhere = dana.fetch("/today")
    chosen = choose(dana, page, NEW)

    assert page.headings == ["Choose a password"]
    assert "Today" not in page.text
    assert elsewhere.location.startswith("/account/password")
    assert chosen.headings == ["Today"]
    assert Browser(lonely).sign_in(DANA, NEW).headings == ["Today"]


def test_a_first_password_opens_one_sign_in_alone(lonely: Flask) -> None:
    given = first_password_for(lonely, DANA.id)
    Browser(lonely).sign_in(DANA, given)

    again = Browser(lonely).sign_in(DANA, given)

    assert again.status == 422
    assert "was used before" in again.text


def test_a_first_password_is_over_after_three_days(lonely: Flask, clock: SetClock) -> None:
    given = first_password_for(lonely, DANA.id)

    clock.now += timedelta(days=3, seconds=1)

    assert "older than three days" in Browser(lonely).sign_in(DANA, given).text


def test_a_first_password_ends_the_sign_ins_and_the_password_there_was(lonely: Flask) -> None:
    dana = Browser(lonely)
    dana.sign_in(DANA)

    first_password_for(lonely, DANA.id)

    assert dana.fetch("/today").status == 303
    assert Browser(lonely).sign_in(DANA).status == 422


def test_ones_own_password_is_changed_with_the_old_one_and_ends_the_sign_ins_elsewhere(lonely: Flask) -> None:
    here, elsewhere = Browser(lonely), Browser(lonely)
    here.sign_in(DANA)
    elsewhere.sign_in(DANA)
    before = here.http.get_cookie("sid")
    page = here.get("/account/password")

    wrong = choose(here, page, NEW, "not the old one")
    weak = choose(here, page, "password12345", PASSWORD)
    done = choose(here, page, NEW, PASSWORD)

    after = here.http.get_cookie("sid")
    assert (wrong.status, weak.status, done.status) == (422, 422, 200)
    assert "This is not the password you have now" in wrong.text
    assert "easy to guess" in weak.text
    assert "Everywhere else you are signed out" in done.text
    assert before
    assert after
    assert before.value != after.value
    assert elsewhere.fetch("/today").status == 303


def test_guessing_the_old_password_at_somebody_elses_desk_is_slowed_down(lonely: Flask) -> None:
    dana = Browser(lonely)
    dana.sign_in(DANA)
    page = dana.get("/account/password")

    answers = [choose(dana, page, NEW, f"guess {n}").status for n in range(7)]

    assert answers == [422] * 5 + [429] * 2


def test_one_sees_where_one_is_signed_in_and_ends_it_there(lonely: Flask) -> None:
    safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"
    here, ana = Browser(lonely), Browser(lonely)
    phone = Browser(lonely, environ={"REMOTE_ADDR": "192.0.2.7", "HTTP_USER_AGENT": safari})
    here.sign_in(DANA)
    ana.sign_in(ANA)
    phone.sign_in(DANA)
    page = here.get("/account")

    here.send(page.form("/end"))

    assert page.text.count("(this browser)") == 1
    assert "Safari on iPhone" in page.text
    assert "Network 192.0.2.0/24" in page.text
    assert phone.fetch("/today").status == 303
    assert ana.fetch("/today").status == 200


def test_nobody_ends_a_colleagues_sign_in(lonely: Flask, staffed: Database) -> None:
    dana, ana = Browser(lonely), Browser(lonely)
    page = dana.sign_in(DANA)
    ana.sign_in(ANA)
    with staffed.transaction() as tx:
        anas = tx.value("SELECT id FROM sign_in WHERE staff_id = %s", (ANA.id,))
    form = page.form("/sign-out")
    form.action = f"/account/sign-ins/{anas}/end"

    assert dana.send(form).status == 404
    assert ana.fetch("/today").status == 200


def test_what_happened_to_an_account_is_told_to_its_owner(lonely: Flask, staffed: Database) -> None:
    Browser(lonely).sign_in(DANA, "not the right password")
    given = first_password_for(lonely, DANA.id)
    dana = Browser(lonely)
    choose(dana, dana.sign_in(DANA, given), NEW)

    page = dana.get("/account")
    with staffed.transaction() as tx:
        kinds = [event.kind for event in events_of(tx, DANA.id)]

    assert kinds == ["password.chosen", "sign_in.begun", "password.given", "sign_in.failed"]
    assert "A first password was made by Chris Halloran-Canary" in page.text
    assert "Somebody tried a wrong password" in page.text
    assert "account.password_chosen" in [row["action"] for row in trail(staffed)]
