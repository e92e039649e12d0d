"""The story with a canary in every field, through every door, with everything going wrong that may go wrong."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from werkzeug.test import Client, TestResponse

from tests.cast import ANA, BEN, CHRIS, DANA, LEAD, OLU, Staff
from tests.clinic import Clinic, hidden_fields, sign_in
from tests.journeys.answers import BAD, GOOD, live_through
from tests.leaks import canaries

HERE = {"Origin": "http://localhost"}
CHECKIN = "/check-in"


@dataclass
class Recorder:
    """Stands before the house and writes down each address asked for and each header answered with."""

    wsgi: Callable[..., Iterable[bytes]]
    lines: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        query = environ.get("QUERY_STRING", "")
        self.lines.append(f"{environ['REQUEST_METHOD']} {environ['SCRIPT_NAME']}{environ['PATH_INFO']}?{query}")

        def answered(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            self.lines.extend(f"{name}: {value}" for name, value in headers)
            return start_response(status, headers, *more)

        return self.wsgi(environ, answered)


@dataclass
class Life:
    """The clinic, seen through the recorder; `pages` is every page that was shown."""

    clinic: Clinic
    door: Recorder
    pages: list[str] = field(default_factory=list)

    def browser(self, staff: Staff) -> Client:
        browser = Client(self.door)
        sign_in(browser, staff)
        return browser

    def see(self, browser: Client, path: str) -> TestResponse:
        return self._shown(browser.get(path))

    def send(self, browser: Client, page: str, path: str, **fields: str) -> TestResponse:
        """Fill in a form of a page and send it."""
        data = hidden_fields(browser.get(page).text) | fields
        return self._shown(browser.post(path, data=data, headers=HERE))

    def _shown(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html":
            self.pages.append(answer.text)
        return answer


def live(clinic: Clinic, door: Recorder) -> Life:
    """From the referral to a rupture; then all that goes wrong."""
    life = Life(clinic, door)
    clinic.open_forms()
    client_id = a_referral_is_written_down(life)
    a_session_goes_well(life, client_id)
    for day, answers in (("24", GOOD), ("25", GOOD), ("26", {**BAD, "w1": canaries.WISH, "w1_readers": "therapist"})):
        live_through(clinic, client_id, f"2026-11-{day}T15:00", answers)
    a_colleague_begins(life)
    everybody_looks_everywhere(life, client_id)
    things_go_wrong(life, client_id)
    clinic.settle()
    return life


def a_referral_is_written_down(life: Life) -> UUID:
    desk, clinic = life.browser(DANA), life.clinic
    born = dict(zip(("birth_date-year", "birth_date-month", "birth_date-day"), canaries.BORN.split("-"), strict=True))
    fields = {**canaries.PERSON, **born, "source": "B1", "note": f"They say: {canaries.REFERRAL_NOTE}."}
    for wrong in ({"family_name": ""}, {"phone": canaries.HALF_TYPED}, {"note": canaries.REFERRAL_NOTE * 300}):
        assert life.send(desk, "/referrals/new", "/referrals/new", **{**fields, **wrong}).status_code == 422
    assert life.send(desk, "/referrals/new", "/referrals/new", **fields).status_code == 303
    referral = clinic.api("intake", DANA, "GET", "/v1/referrals")["items"][0]
    place = f"/referrals/{referral['id']}"
    ticked = {"consent_care_record": "yes", "consent_feedback_forms": "yes"}
    assert life.send(desk, place, f"{place}/acceptance", **ticked).status_code == 303
    person = f"/people/{referral['client_id']}"
    manager = life.browser(CHRIS)
    assert life.send(manager, person, f"{person}/allocation", practitioner_id=str(ANA.id)).status_code == 303
    clinic.settle()
    for text in (*canaries.PERSON.values(), canaries.HALF_TYPED, canaries.GIVEN.lower()):
        life.send(desk, "/people", "/people/search", text=text)
        life.see(desk, "/people/found")
    return UUID(referral["client_id"])


def a_session_goes_well(life: Life, client_id: UUID) -> None:
    """The check-in by the form's own pages; a text that is too long comes back first."""
    clinic = life.clinic
    clinic.hold(clinic.book(client_id, at="2026-11-23T15:00"))
    mirror, answers = clinic.offer(client_id, "therapist", by=ANA), {"t_b1": 8, "t_r1": "no"}
    clinic.api("feedback", ANA, "POST", f"/v1/offers/{mirror['id']}/answers", {"answers": answers})
    made = clinic.api("feedback", DANA, "POST", f"/v1/offers/{clinic.offer(client_id)['id']}/link", {})
    phone = Client(life.door)
    assert phone.post(f"{CHECKIN}{made['path']}").status_code == 303
    for number, name in enumerate(("b1", "g1", "t1", "e1", "o1"), start=1):
        phone.post(f"{CHECKIN}/form/{number}", data={name: "8", "go": "next"})
    phone.post(f"{CHECKIN}/form/6", data={"r1": "no", "go": "next"})
    wish = {"w1_readers": "therapist", "go": "next"}
    assert phone.post(f"{CHECKIN}/form/8", data={"w1": canaries.WISH * 200, **wish}).status_code == 422
    phone.post(f"{CHECKIN}/form/8", data={"w1": f"Please: {canaries.WISH}.", **wish})
    life.see(phone, f"{CHECKIN}/form/review")
    assert phone.post(f"{CHECKIN}/form/review", data={"s1": "now"}).status_code == 303
    life.see(phone, f"{CHECKIN}/form/thanks")
    clinic.settle()


def a_colleague_begins(life: Life) -> None:
    manager = life.browser(CHRIS)
    fields = {"display_name": canaries.COLLEAGUE, "username": canaries.USERNAME}
    added = life.send(manager, "/staff/new", "/staff/new", **fields, role_front_desk="yes")
    assert added.status_code == 200
    [first_password] = re.findall(r'secret">([^<]+)<', added.get_data(as_text=True))
    assert life.send(manager, "/staff/new", "/staff/new", **fields, role_front_desk="yes").status_code == 422
    new = Client(life.door)
    for name, password in ((canaries.MISTYPED, canaries.PASSWORD), (canaries.USERNAME, canaries.MISTYPED)):
        assert life.send(new, "/sign-in", "/sign-in", username=name, password=password).status_code == 422
    right = {"username": canaries.USERNAME, "password": first_password}
    assert life.send(new, "/sign-in", "/sign-in", **right).status_code == 303
    chosen = life.send(new, "/account/password", "/account/password", new_password=canaries.PASSWORD)
    assert chosen.status_code == 303


def everybody_looks_everywhere(life: Life, client_id: UUID) -> None:
    pages = ("/today", "/people", "/people?state=", "/caseload", "/referrals?state=accepted", "/staff", "/clinic")
    for staff in (ANA, BEN, CHRIS, DANA, LEAD, OLU):
        browser = life.browser(staff)
        for path in (*pages, f"/people/{client_id}", f"/people/{client_id}/book", "/events"):
            life.see(browser, path)
    for staff in (ANA, DANA):
        life.clinic.ask("intake", staff, "POST", "/v1/people/search", {"text": canaries.FAMILY})
        life.clinic.ask("intake", staff, "GET", f"/v1/clients?{canaries.FAMILY}=1")


def things_go_wrong(life: Life, client_id: UUID) -> None:
    """Wrong shapes, wrong times, and failures that nobody foresaw, each with a canary in hand."""
    clinic = life.clinic
    person = {**canaries.PERSON, "birth_date": canaries.FAMILY, canaries.HALF_TYPED: canaries.GIVEN}
    for body in (person, {"client": person, "source": canaries.FAMILY}, {"client": canaries.PERSON, "source": "B1"}):
        clinic.ask("intake", DANA, "POST", "/v1/referrals", body, key="one and the same key of the desk")
    clinic.ask("intake", DANA, "POST", "/v1/people/search", {"text": "\x00" + canaries.FAMILY})
    clinic.ask("scheduling", DANA, "POST", "/v1/rooms", {"label": canaries.HALF_TYPED, canaries.HALF_TYPED: 1})
    clinic.ask("feedback", ANA, "POST", f"/v1/offers/{client_id}/answers", {"answers": {canaries.HALF_TYPED: 1}})
    breaks = {
        "intake": ("v1.get_client", f"/v1/clients/{client_id}"),
        "scheduling": ("v1.get_rooms", "/v1/rooms"),
        "feedback": ("v1.get_course", f"/v1/clients/{client_id}/course"),
    }
    for service, (endpoint, path) in breaks.items():
        app = clinic.house.floors[service].app
        with broken(app, endpoint):
            assert clinic.ask(service, ANA, "GET", path).status_code == 500
    with broken(clinic.house.portal, "caseload.show"):
        assert life.see(life.browser(ANA), "/caseload").status_code == 500
    with broken(clinic.house.checkin, "links.home"):
        assert life.see(Client(life.door), f"{CHECKIN}/").status_code == 500


class broken:  # noqa: N801 - reads as a sentence: with broken(app, ...)
    """A view that fails with a canary in its message and its variables, for as long as the block lasts."""

    def __init__(self, app: Any, endpoint: str) -> None:
        self._views, self._endpoint = app.view_functions, endpoint
        self._was = self._views[endpoint]

    def __enter__(self) -> None:
        def fails(**_: Any) -> str:
            name = canaries.FAMILY
            raise ValueError(f"{name} {canaries.GIVEN}")

        allowed = getattr(self._was, "opens_for", None)
        if allowed is not None:
            fails.opens_for = allowed  # type: ignore[attr-defined]
        self._views[self._endpoint] = fails

    def __exit__(self, *_: object) -> None:
        self._views[self._endpoint] = self._was
