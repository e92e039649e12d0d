"""What no page of ours would send, to every route of the portal: a page that says no, never an accident."""

import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from werkzeug.test import Client

from portal.kit.forms import Filled
from portal.security import passwords
from portal.security.accounts import SetupCodeRefused, new_setup_code, set_active, use_setup_code
from portal.security.attempts import LONGEST_DELAY
from portal.security.origin import NOWHERE
from portal.security.sign_ins import WrongPassword
from portal.security.sign_ins import sign_in as begin_sign_in
from shared.database import Database, Tx
from tests.cast import ANA, CHRIS, DANA, LEAD, PASSWORD, Staff
from tests.clinic import Clinic, hidden_fields, sign_in

SCREENS = Path(__file__).parents[2] / "portal" / "areas"
NAMES = sorted(
    {
        name
        for path in SCREENS.rglob("*.py")
        for name in re.findall(
            r"""(?:filled|asked|form|Filled\(.*?\)|args)\.\w+\(\s*f?["']([a-z_]+)["']""", path.read_text()
        )
    }
    | {f"birth_date-{part}" for part in ("day", "month", "year")}
    | {"practitioner_id", "minutes", "local_start", "day", "time", "key", "version", "cursor", "next"}
)
JUNK = (
    "",
    "\x00",
    "é",
    "a\r\nX-Evil: yes",
    "9" * 5000,
    "0000019999999",
    "-1",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "10000-01-01",
    "24:00",
    "23:59",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "\u202eabc",
    "00000000-0000-0000-0000-000000000000",
    "' OR 1=1 --",
    "completed",
    "x" * 3000,
)


def came_in(clinic: Clinic, staff: Staff) -> Client:
    browser = clinic.signed_in(staff)
    browser.token = hidden_fields(browser.get("/account").get_data(as_text=True))["form_token"]  # type: ignore[attr-defined]
    return browser


@pytest.mark.parametrize("staff", [ANA, CHRIS, DANA, LEAD], ids=lambda staff: staff.username)
def test_no_form_and_no_address_filled_with_junk_is_an_accident(clinic: Clinic, staff: Staff) -> None:
    assert {"version", "key", "text_version", "code"} & set(NAMES)
    client_id = clinic.client_of(ANA)
    hour = clinic.book(client_id)
    ids = {"client_id": str(client_id), "appointment_id": hour["id"], "staff_id": str(ANA.id)}
    browser = came_in(clinic, staff)
    accidents = []
    for rule in clinic.house.portal.url_map.iter_rules():
        path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda m: ids.get(m[1], str(UUID(int=7))), rule.rule)
        if rule.endpoint.startswith("sign_in.") and rule.rule != "/sign-in":
            continue
        methods = {"GET", "POST"} & set(rule.methods or ())
        for junk in JUNK:
            if "GET" in methods:
                page = browser.get(path, query_string=dict.fromkeys(NAMES, junk))
                accidents += [(path, "GET", junk[:20], page.status_code)] if page.status_code >= 500 else []
                methods -= {"GET"} if page.status_code == 403 else set()  # for others: no junk is looked at
            if "POST" in methods:
                fields = dict.fromkeys(NAMES, junk) | {"form_token": browser.token}  # type: ignore[attr-defined]
                page = browser.post(path, data=fields, headers={"Origin": "http://localhost"})
                away = "does not answer" in page.get_data(as_text=True)
                accidents += [(path, "POST", junk[:20], page.status_code)] if page.status_code >= 500 or away else []
                assert "<script>alert(1)" not in page.get_data(as_text=True), path
                methods -= {"POST"} if page.status_code == 403 else set()

    assert not accidents, "\n".join(map(str, accidents))


@pytest.mark.parametrize("key", ["é", "two words", "a\r\nX-Evil: yes", "x" * 1000, "\x00"])
def test_a_forms_own_key_that_somebody_changed_is_at_worst_a_problem_of_the_form(clinic: Clinic, key: str) -> None:
    client_id = clinic.client_of(ANA)
    browser = came_in(clinic, DANA)

    page = browser.post(
        f"/people/{client_id}/consents",
        data={"purpose": "research", "given": "yes", "key": key, "form_token": browser.token},  # type: ignore[attr-defined]
        headers={"Origin": "http://localhost"},
    )

    assert page.status_code in (303, 400)
    assert "X-Evil" not in page.headers


@pytest.mark.parametrize("cookie", ["", "é", "\\377\\000", "x" * 3000, '"; sid=1'])
def test_a_cookie_that_is_none_of_ours_opens_nothing(clinic: Clinic, cookie: str) -> None:
    for name in ("sid", "visit", "device"):
        page = Client(clinic.house.wsgi).get(
            "/today", headers={"Cookie": f"{name}={cookie}".encode("latin-1", "replace").decode("latin-1")}
        )

        assert page.status_code == 303


def test_waiting_after_wrong_passwords_never_outlasts_its_limit_even_if_the_clock_was_put_back(clinic: Clinic) -> None:
    clinic.clock.move(days=365)
    for _ in range(8):
        sign_in(Client(clinic.house.wsgi), ANA, "wrong wrong wrong")
    clinic.clock.move(days=-365)

    clinic.clock.move(seconds=LONGEST_DELAY.total_seconds())

    assert sign_in(Client(clinic.house.wsgi), ANA).status_code == 303


def test_a_planted_sign_in_is_not_the_one_that_is_begun(clinic: Clinic) -> None:
    planted = clinic.signed_in(DANA).get_cookie("sid")
    assert planted is not None
    browser = Client(clinic.house.wsgi)
    browser.set_cookie("sid", planted.value)
    page = browser.get("/sign-out")
    assert page.status_code == 405
    browser.delete_cookie("sid")
    browser.set_cookie("sid", "planted-by-somebody")

    sign_in(browser, ANA)
    own = browser.get_cookie("sid")

    assert own is not None
    assert own.value not in ("planted-by-somebody", planted.value)
    for value in ("planted-by-somebody", ""):
        stranger = Client(clinic.house.wsgi)
        stranger.set_cookie("sid", value)
        assert stranger.get("/today").status_code == 303


def test_a_set_up_code_is_good_for_one_account_however_it_is_raced(clinic: Clinic) -> None:
    database, now = clinic.house.portal_database, clinic.clock()
    with database.transaction() as tx:
        tx.execute("UPDATE staff SET is_active = false")
        code = new_setup_code(tx, now)

    with database.transaction() as tx:
        use_setup_code(tx, code.lower().replace("-", " "), now)
    with pytest.raises(SetupCodeRefused), database.transaction() as tx:
        use_setup_code(tx, code, now)
    with database.transaction() as tx:
        late = new_setup_code(tx, now)
    with pytest.raises(SetupCodeRefused), database.transaction() as tx:
        use_setup_code(tx, late, now + timedelta(minutes=30))


@pytest.mark.parametrize("number", ["9" * 5000, "0000019999999", "٣", "-1", "1.5", ""])
def test_a_number_out_of_reach_is_a_problem_of_its_field(number: str) -> None:
    filled = Filled({"version": number})

    assert filled.number("version", 0, 999_999, "Reload the page") == 0
    assert filled.problem("version") == "Reload the page"


def while_the_password_is_checked(clinic: Clinic, change: Callable[[Tx], object]) -> list[object]:
    """Begin a sign-in, change the account while its password is being checked, and say how the sign-in ended."""
    database = clinic.house.portal_database
    ended: list[object] = []

    def come_in() -> None:
        try:
            ended.append(begin_sign_in(database, ANA.username, PASSWORD, None, clinic.clock(), NOWHERE))
        except WrongPassword as refused:
            ended.append(type(refused))

    with passwords._turn(), passwords._turn():  # both places at the slow hash are taken
        thread = threading.Thread(target=come_in)
        thread.start()
        wait_until(lambda: tries_counted(database) == 2)
        with database.transaction() as tx:
            change(tx)
    thread.join(10)
    return ended


def tries_counted(database: Database) -> int:
    with database.transaction() as tx:
        return int(tx.value("SELECT count(*) FROM attempt"))


def wait_until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 1.5  # the place at the hash is waited for two seconds long
    while not what():
        assert time.monotonic() < deadline


def test_an_account_closed_while_its_password_was_checked_stays_closed(clinic: Clinic) -> None:
    ended = while_the_password_is_checked(
        clinic, lambda tx: set_active(tx, ANA.id, is_active=False, version=1, now=clinic.clock())
    )

    assert ended == [WrongPassword]


def test_a_password_changed_while_the_old_one_was_checked_lets_nobody_in_by_the_old_one(clinic: Clinic) -> None:
    new_hash = passwords.hash_password("another long password")

    ended = while_the_password_is_checked(
        clinic, lambda tx: tx.execute("UPDATE staff SET password_hash = %s WHERE id = %s", (new_hash, ANA.id))
    )

    assert ended == [WrongPassword]
    with clinic.house.portal_database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM sign_in WHERE staff_id = %s", (ANA.id,)) == 0
        assert tx.value("SELECT password_hash FROM staff WHERE id = %s", (ANA.id,)) == new_hash
