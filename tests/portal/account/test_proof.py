"""A page that was left alone locks and loses nothing; what matters asks once more who is there."""

import re

import pytest
from flask import Flask

from portal.security.permissions import ANY_STAFF, EVERYONE, requires, rule_of, wants_fresh_proof
from portal.security.sign_ins import Stage
from shared.database import Database
from tests.cast import CHRIS, DANA, LEAD, PASSWORD
from tests.portal.account.test_second_step import code_at, sets_up_an_app
from tests.portal.browser import Browser, SetClock

# What changes an account or takes data along, and what of it asks for no fresh proof, with the reason.
TAKES_OR_GRANTS = re.compile(r"export|download|copy|\.csv|\.zip|\.ics|feed|/staff|/account|grants")
ASKS_OTHERWISE = {
    "own_account.change_password": "asks for the old password",
    "own_account.end_sign_in": "ends access; giving it takes more",
    "own_account.end_other_sign_ins": "ends access; giving it takes more",
}


def test_each_route_that_takes_data_along_or_changes_an_account_asks_for_fresh_proof(lonely: Flask) -> None:
    wanting = {
        rule.endpoint
        for rule in lonely.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and TAKES_OR_GRANTS.search(rule.rule)
    }

    assert {"exports.download", "exports.course", "staff.give_roles", "second_step.add_passkey"} <= wanting
    assert {one for one in wanting if not wants_fresh_proof(lonely, one)} == set(ASKS_OTHERWISE)


def test_only_the_pages_that_lead_in_open_before_one_is_in(lonely: Flask) -> None:
    opens = {
        rule.endpoint
        for rule in lonely.url_map.iter_rules()
        if rule_of(lonely, rule.endpoint) not in (EVERYONE, None)
        and getattr(lonely.view_functions[rule.endpoint], "stages", set()) != {Stage.IN}
    }

    assert {one.split(".")[0] for one in opens} == {"sign_in", "proof", "own_account", "second_step"}


def test_after_fifteen_quiet_minutes_a_page_is_locked_and_the_password_leads_back(
    visitor: Browser, clock: SetClock
) -> None:
    visitor.sign_in(DANA)
    clock.move(minutes=15)

    page = visitor.get("/people?state=ended")
    still = visitor.fetch("/today")
    wrong = visitor.send(page.form("/unlock"), {"password": "not the right one"})
    back = visitor.send(page.form("/unlock"), {"password": PASSWORD}, follow=False)

    assert page.headings == ["Locked"]
    assert still.status == 303
    assert wrong.status == 422
    assert "This is not your password" in wrong.text
    assert back.location == "/people?state=ended"


def test_what_was_sent_to_a_locked_page_is_kept_and_sent_after_the_password(
    lonely: Flask, visitor: Browser, clock: SetClock, staffed: Database
) -> None:
    received: list[dict[str, str]] = []

    @requires(ANY_STAFF)
    def takes() -> str:
        from flask import request

        received.append(request.form.to_dict())
        return "kept"

    lonely.view_functions["sign_in.stay"] = takes
    form = visitor.sign_in(DANA).form("/sign-in/stay")
    typed = {"text": 'She said "no",\n  and <left>.', "version": "3", "csrf": "é"}
    clock.move(minutes=20)

    locked = visitor.send(form, typed)
    with staffed.transaction() as tx:
        lies = bytes(tx.value("SELECT held FROM sign_in"))
    going_on = visitor.send(locked.form("/unlock"), {"password": PASSWORD})
    sent = visitor.send(going_on.form("/sign-in/stay"), {"text": typed["text"]})

    assert locked.headings == ["Locked"]
    assert b"She said" not in lies
    assert not [name for name, value in typed.items() if name != "text" and f'value="{value}"' not in going_on.text]
    assert "She said &#34;no&#34;,\n  and &lt;left&gt;." in going_on.text
    assert sent.text == "kept"
    assert {name: received[0][name] for name in typed} == typed
    assert visitor.get("/go-on").headings == ["Today"]


def test_a_form_with_a_password_in_it_is_not_kept_and_leaves_no_older_one_to_be_sent_in_its_place(
    visitor: Browser, staffed: Database, clock: SetClock
) -> None:
    form = visitor.sign_in(DANA).form("/sign-in/stay")
    password = visitor.get("/account/password").form("/account/password")
    clock.move(minutes=20)

    visitor.send(form, {"text": "Lind"})
    with staffed.transaction() as tx:
        kept = tx.value("SELECT held IS NOT NULL FROM sign_in")
    visitor.send(
        password, {"old_password": PASSWORD, "password": "another one of mine", "again": "another one of mine"}
    )
    with staffed.transaction() as tx:
        still = tx.value("SELECT held IS NOT NULL FROM sign_in")

    assert (kept, still) == (True, False)


def test_what_waits_can_be_left_for_good(visitor: Browser, clock: SetClock) -> None:
    form = visitor.sign_in(DANA).form("/sign-in/stay")
    clock.move(minutes=20)
    locked = visitor.send(form, {"text": "Lind"})

    going_on = visitor.send(locked.form("/unlock"), {"password": PASSWORD})
    left = visitor.send(going_on.form("/go-on"))

    assert left.headings == ["Today"]
    assert visitor.get("/go-on").headings == ["Today"]


def test_twelve_hours_end_a_locked_page_too(visitor: Browser, clock: SetClock) -> None:
    visitor.sign_in(DANA)
    clock.move(hours=12)

    assert visitor.fetch("/today").location.startswith("/sign-in")


def test_a_locked_page_tells_a_script_so_and_opens_by_its_password(visitor: Browser, clock: SetClock) -> None:
    page = visitor.sign_in(DANA)
    clock.move(minutes=15)
    script = {"Origin": "http://localhost", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}
    token = {"form_token": page.form("/unlock").fields["form_token"]}

    told = visitor.http.post("/sign-in/stay", data=token, headers=script)
    wrong = visitor.http.post("/unlock", data=token | {"password": "no"}, headers=script)
    right = visitor.http.post("/unlock", data=token | {"password": PASSWORD}, headers=script)

    assert told.status_code == 401
    assert (wrong.status_code, wrong.text) == (422, "This is not your password")
    assert right.status_code == 204
    assert visitor.fetch("/today").status == 200
    assert visitor.http.post("/sign-in/stay", data=token, headers=script).status_code == 204, "an old page can be sent"


def test_guesses_at_a_locked_page_count_like_those_at_the_door(visitor: Browser, clock: SetClock) -> None:
    visitor.sign_in(DANA)
    clock.move(minutes=15)
    page = visitor.get("/today")

    answers = [visitor.send(page.form("/unlock"), {"password": f"guess {n}"}).status for n in range(7)]

    assert answers == [422] * 5 + [429] * 2


def test_an_export_long_after_signing_in_asks_for_the_code_and_goes_on_with_what_was_chosen(
    lonely: Flask, clock: SetClock
) -> None:
    lead = Browser(lonely)
    lead.sign_in(LEAD)
    secret, _ = sets_up_an_app(lead, lead.get("/account/second-step"), clock)
    form = lead.get("/clinic/exports").form("/clinic/exports")
    clock.move(minutes=11)

    asked = lead.send(form, {"reason": "research"})
    by_password = lead.send(asked.form("/confirm"), {"code": PASSWORD})
    going_on = lead.send(asked.form("/confirm"), {"code": code_at(secret, clock())})

    assert asked.headings == ["Show that it is you"]
    assert by_password.status == 422
    assert going_on.form("/clinic/exports").fields["reason"] == "research"
    assert lead.send(going_on.form("/clinic/exports")).headings != ["Show that it is you"]


@pytest.mark.parametrize("minutes", [9, 11])
def test_rights_are_changed_within_ten_minutes_of_proof_and_by_the_password_where_there_is_no_second_step(
    lonely: Flask, clock: SetClock, minutes: int
) -> None:
    chris = Browser(lonely)
    chris.sign_in(CHRIS)
    clock.move(minutes=minutes)

    page = chris.send(chris.get(f"/staff/{DANA.id}").form("/roles"), {"role_operator": "yes"})
    if minutes > 10:
        assert page.headings == ["Show that it is you"]
        page = chris.send(page.form("/confirm"), {"password": PASSWORD})
        page = chris.send(page.form("/roles"))

    assert page.headings == ["Staff"]
