"""Every measure that ships, entered in every way it allows: whatever shows the client's course goes on working."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from embedded.house import House
from services.feedback.measures.domain import Construct, Item, Kind, Measure, Scoring, Side, Subscale
from services.feedback.measures.store.definitions import measures
from tests.cast import ANA, BEN, DANA, LEAD, SAM, Staff
from tests.clinic import Clinic, SetClock
from tests.collecting import plan_to_ask
from tests.conftest import opened
from tests.portal.browser import Browser, Form, Page

Entry = dict[str, Any]
LOWEST, MIDDLE, HIGHEST = 0.0, 0.5, 1.0
FILES = ("csv", "fhir", "copy")
ITEMS, TOTALS, PARTS, BOTH = "items", "totals", "sub-totals", "total and sub-totals"


def ways_of(measure: Measure) -> list[str]:
    """What an entry may consist of."""
    if not measure.accepts_totals:
        return [ITEMS] if measure.items else []
    total, parts = measure.scoring.has_total, bool(measure.subscales)
    typed = [(TOTALS, total), (PARTS, parts and not total), (BOTH, total and parts)]
    return ([ITEMS] if measure.items else []) + [way for way, taken in typed if taken]


@dataclass
class Entered:
    """What is entered for one client, session after session, and the ids of what was kept about the last."""

    entries: list[tuple[Measure, str]] = field(default_factory=list)
    client_id: UUID = field(init=False)
    kept: list[UUID] = field(default_factory=list)


def all_entries() -> dict[str, Entered]:
    """
    Every measure in every way, for as few clients as show all of it.

    Pages show all of a client's questionnaires, each measure in one way, but one measure of the
    relationship alone: of these each way has a client of its own.
    """
    found: dict[str, Entered] = defaultdict(Entered)
    for measure in measures().values():
        for place, way in enumerate(ways_of(measure), start=1):
            alone = measure.construct is Construct.ALLIANCE
            name = f"{measure.id}, {way}" if alone else f"questionnaires, way {place}"
            found[name].entries.append((measure, way))
    return dict(found)


def entry_of(measure: Measure, way: str, part: float) -> Entry:
    """An entry whose every number lies this far up its range."""
    if way == ITEMS:
        answers = {item.id: answer for item in measure.items if (answer := _answer(item, part)) is not None}
        return {"answers": answers}
    entry: Entry = {} if way == PARTS else {"total": _points(measure.scoring, part)}
    return entry if way == TOTALS else entry | {"subscales": {one.id: _points(one, part) for one in measure.subscales}}


def _answer(item: Item, part: float) -> Any:
    if item.shown_when or item.shown_when_any or item.only_with_open_wish or item.kind is Kind.TEXT:
        return None
    if item.id == "s1":
        return "now"
    if item.kind is Kind.CHOICE:
        return item.options[round(part * (len(item.options) - 1))].code
    return _on_step(item.minimum, item.maximum, item.step, part)


def _points(rule: Scoring | Subscale, part: float) -> float:
    if isinstance(rule, Scoring) and rule.table:
        points = sorted(set(rule.table.values()))
        return points[round(part * (len(points) - 1))]
    return _on_step(rule.minimum, rule.maximum, rule.step, part)


def _on_step(low: float, high: float, step: float, part: float) -> float:
    return round(low + step * round(part * (high - low) / step), 4)


@pytest.fixture(scope="module")
def shared_clinic(installation: tuple[House, SetClock, list[str]]) -> Iterator[Clinic]:
    """One clinic for all of them: each has a client of its own."""
    with opened(installation) as clinic:
        clinic.open_forms()
        arranged = {"practitioner_id": str(ANA.id), "supervisor_ids": [str(SAM.id)]}
        clinic.api("feedback", LEAD, "PUT", "/v1/supervisions", arranged)
        yield clinic


def came_in(clinic: Clinic, staff: Staff) -> Browser:
    browser = Browser(clinic.house.portal)
    browser.sign_in(staff)
    return browser


def client_who_agreed(clinic: Clinic) -> UUID:
    client_id = clinic.client_of(ANA)
    for purpose in ("supervision", "research"):
        clinic.consent(client_id, purpose, given=True)
    clinic.settle()
    return client_id


def next_hour(clinic: Clinic, client_id: UUID) -> Any:
    """It takes place, and nothing is said about it yet."""
    start = clinic.clock.now + timedelta(hours=1)
    hour = clinic.book(client_id, at=f"{start:%Y-%m-%dT%H:00}", minutes=50)
    clinic.hold(hour)
    return hour


def session_with(clinic: Clinic, client_id: UUID, *entries: tuple[Measure, Entry]) -> list[UUID]:
    """The next hour takes place, and the entries about it are kept; the ids of their check-ins."""
    hour, kept = next_hour(clinic, client_id), []
    for measure, entry in entries:
        if measure.side is Side.THERAPIST:
            offer_id = clinic.offer(client_id, "therapist", by=ANA)["id"]
            received = clinic.api("feedback", ANA, "POST", f"/v1/offers/{offer_id}/answers", entry)
        else:
            about = {"appointment_id": hour["id"], "measure_id": measure.id, "measure_version": measure.version}
            path = f"/v1/clients/{client_id}/check-ins"
            received = clinic.api("feedback", ANA, "POST", path, entry | about | {"channel": "paper"})
        kept.append(UUID(received["id"]))
    clinic.settle()
    return kept


def sessions_of_all(clinic: Clinic, all_of_them: Mapping[str, Entered], part: float) -> None:
    """One more session of every client, with all their entries."""
    for one in all_of_them.values():
        entries = [(measure, entry_of(measure, way, part)) for measure, way in one.entries]
        one.kept = session_with(clinic, one.client_id, *entries)


def pages_of(one: Entered) -> Mapping[Staff, list[str]]:
    """Every page that shows something of this client's course, by who opens it."""
    person, anyway = f"/people/{one.client_id}", "?show=course"  # before one's own impression is given
    views = [f"{person}{page}{anyway}" for page in ("", "/prepare", "/together", "/ending")]
    kept = [f"/check-ins/{offer_id}{page}" for offer_id in one.kept for page in ("", "/correction")]
    return {ANA: [*views, f"{person}/check-ins", *kept], LEAD: [person], SAM: []}


LISTS = {
    ANA: ["/caseload", "/today", "/reach-out", "/supervision"],
    LEAD: ["/caseload", "/clinic/figures"],
    SAM: [f"/supervision?of={ANA.id}"],
}


def everything_opens(clinic: Clinic, all_of_them: Mapping[str, Entered], *, for_staff: Sequence[Staff]) -> None:
    """Each of them asks for every list, and for every page and file of theirs about every client."""
    found: dict[tuple[str, ...], int] = {}
    for staff in for_staff:
        browser = came_in(clinic, staff)
        found |= {(staff.username, path): browser.get(path).status for path in LISTS[staff]}
        for name, one in all_of_them.items():
            paths = pages_of(one)[staff]
            found |= {(staff.username, name, path): browser.get(path).status for path in paths}
            if staff is ANA:
                form = browser.get(paths[0]).form("/export")
                found |= {("ana", name, kind): sent(browser, form, export_reason="care", kind=kind) for kind in FILES}
        if staff is LEAD:
            form = browser.get("/clinic/exports").form("/clinic/exports")
            found["lena", "all files"] = sent(browser, replace(form, action=f"{form.action}/file"), reason="research")
    assert {what: status for what, status in found.items() if status != 200} == {}


def sent(browser: Browser, form: Form, **typed: str) -> int:
    """The status of a form that leads to a file."""
    headers = {"Origin": browser.base_url}
    return browser.http.post(form.action, data=form.fields | typed, headers=headers).status_code


def test_whatever_shows_a_course_works_after_every_entry(shared_clinic: Clinic) -> None:
    clinic, all_of_them = shared_clinic, all_entries()
    for one in all_of_them.values():
        one.client_id = client_who_agreed(clinic)

    sessions_of_all(clinic, all_of_them, LOWEST)
    everything_opens(clinic, all_of_them, for_staff=[ANA])
    for part in (MIDDLE, HIGHEST):
        sessions_of_all(clinic, all_of_them, part)
    everything_opens(clinic, all_of_them, for_staff=[ANA, LEAD, SAM])

    for one in all_of_them.values():
        to_ben = {"practitioner_id": str(BEN.id)}
        clinic.api("intake", DANA, "POST", f"/v1/clients/{one.client_id}/allocations", to_ben)
    clinic.settle()
    ben = came_in(clinic, BEN)
    paths = [f"/people/{one.client_id}{page}" for one in all_of_them.values() for page in ("", "/earlier")]
    assert {path: status for path in paths if (status := ben.get(path).status) != 200} == {}


def test_about_what_can_take_no_answers_nothing_is_entered(shared_clinic: Clinic) -> None:
    clinic, client_id = shared_clinic, client_who_agreed(shared_clinic)
    unusable = [measure for measure in measures().values() if not ways_of(measure)]
    entries: list[Entry] = [{"answers": {}}, {"total": 0}, {"subscales": {}}]
    hour = next_hour(clinic, client_id)

    for measure, entry in product(unusable, entries):
        about = {"appointment_id": hour["id"], "measure_id": measure.id, "measure_version": measure.version}
        path = f"/v1/clients/{client_id}/check-ins"
        answer = clinic.ask("feedback", ANA, "POST", path, entry | about | {"channel": "paper"})
        assert answer.status_code == 404, (measure.id, entry)

    assert [measure.id for measure in unusable] == ["sai"]
    assert came_in(clinic, ANA).get(f"/people/{client_id}?show=course").status == 200


def test_a_measure_without_a_total_is_shown_by_its_parts(shared_clinic: Clinic) -> None:
    clinic, client_id, panas = shared_clinic, client_who_agreed(shared_clinic), measures()["panas"]
    for positive, negative in ((21, 34), (30, 18)):
        parts = {"positive_affect": positive, "negative_affect": negative}
        session_with(clinic, client_id, (panas, {"subscales": parts}))

    shown = (
        came_in(clinic, ANA).get(f"/people/{client_id}").text.split('id="outcome-panas-name"')[1].split("</section>")[0]
    )

    assert "PANAS has parts and no total." in shown
    assert [(row[0], row[1:]) for row in rows_of(shown)] == [
        ("Positive affect (10 to 50)", ["21", "30"]),
        ("Negative affect (10 to 50)", ["34", "18"]),
    ]
    assert "<svg" not in shown


def rows_of(markup: str) -> list[list[str]]:
    """The cells of each row of a table's body."""
    body = markup.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in body.split("</tr>") if row]


@pytest.mark.parametrize("name", ["c-nip", "panas"])
def test_what_has_no_total_is_not_asked_for_one(shared_clinic: Clinic, name: str) -> None:
    client_id = client_who_agreed(shared_clinic)

    next_hour(shared_clinic, client_id)
    page = entry_page(came_in(shared_clinic, ANA), shared_clinic, client_id, name)

    assert "entry_total" not in page.form("/check-ins/new").fields
    assert "From 0 to 0" not in page.text


@pytest.mark.parametrize("typed", ["-4", "\u22124"])
def test_a_number_that_the_hint_names_is_taken_though_it_lies_below_nought(shared_clinic: Clinic, typed: str) -> None:
    clinic, client_id = shared_clinic, client_who_agreed(shared_clinic)
    next_hour(clinic, client_id)
    ana = came_in(clinic, ANA)
    page = entry_page(ana, clinic, client_id, "c-nip")
    assert "From -15 to 15" in page.text

    how = {"entry_sharing": "nothing_said", "entry_channel": "paper"}
    form = page.form("/check-ins/new")
    below = ana.send(form, how | {"sub_directiveness": "-16"})
    kept = ana.send(form, how | {"sub_directiveness": typed})

    assert (below.status, kept.status) == (422, 200)
    assert 'id="sub_directiveness-error"' in below.text
    offers = clinic.api("feedback", ANA, "GET", f"/v1/offers?client_id={client_id}&state=received")["items"]
    found = clinic.api("feedback", ANA, "GET", f"/v1/check-ins/{offers[0]['id']}")
    assert (found["total"], found["subscales"]["directiveness"]) == (None, -4)


def entry_page(browser: Browser, clinic: Clinic, client_id: UUID, name: str) -> Page:
    """Where the totals of a planned measure are entered about the session that was just held."""
    plan_to_ask(clinic, paper=(name,))
    chosen = browser.get(f"/people/{client_id}/check-ins/new")
    appointment = chosen.form("/check-ins/new").fields["appointment"]
    return browser.get(f"/people/{client_id}/check-ins/new?appointment={appointment}&measure={name}&by=totals")
