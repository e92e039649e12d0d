"""Exports in the portal: counted before they leave, explained when they cannot, and noted."""

import io
import json
import zipfile
from uuid import UUID

import pytest
from werkzeug.test import TestResponse as Response

from tests.cast import ANA, BEN, CHRIS, DANA, LEAD, Staff
from tests.clinic import Clinic
from tests.portal.browser import Browser, Form
from tests.trail import trail


def came_in(clinic: Clinic, staff: Staff) -> Browser:
    browser = Browser(clinic.house.portal)
    browser.sign_in(staff)
    return browser


def fetched(browser: Browser, form: Form, typed: dict[str, str]) -> Response:
    """What a form leads to when that is a file."""
    return browser.http.post(form.action, data=form.fields | typed, headers={"Origin": "http://localhost"})


@pytest.fixture
def mara(clinic: Clinic) -> UUID:
    """A client of Ana's with one check-in; the therapist's own form has run out."""
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.hold(clinic.book(client_id, at="2026-11-23T15:00"))
    clinic.fill_in(client_id, b1=8, g1=8, t1=8, e1=8, o1=8, s1="now")
    clinic.clock.move(hours=73)
    clinic.settle()
    return client_id


def test_the_clinical_lead_sees_how_much_it_is_and_then_takes_it_along(clinic: Clinic, mara: UUID) -> None:
    clinic.consent(mara, "research", given=True)
    clinic.settle()
    lead = came_in(clinic, LEAD)

    counted = lead.send(lead.get("/clinic/exports").form("/clinic/exports"), {"reason": "research"})
    file = fetched(lead, counted.form("/clinic/exports/file"), {})

    assert counted.status == 200
    assert "1 client, under names made for this export alone" in counted.text
    assert (file.content_type, file.headers["Content-Disposition"]) == (
        "application/zip",
        'attachment; filename="export.zip"',
    )
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        assert set(archive.namelist()) == {
            *("about.json", "check-ins.csv", "items.csv", "readings.csv", "episodes.csv"),
        }
        assert str(mara) not in archive.read("check-ins.csv").decode()


def test_without_anybodys_consent_there_is_nothing_to_download(clinic: Clinic, mara: UUID) -> None:
    lead = came_in(clinic, LEAD)

    counted = lead.send(lead.get("/clinic/exports").form("/clinic/exports"), {"reason": "service_evaluation"})

    assert "Nobody is in it." in counted.text
    assert "Download" not in counted.text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Choose what it is for"),
        ({"reason": "curiosity"}, "Choose what it is for"),
        ({"reason": "research", "first": "2026-13-01"}, "Enter a day, or leave it empty"),
        ({"reason": "research", "first": "2026-02-01", "last": "2026-01-01"}, "The last day lies before the first"),
    ],
)
def test_what_cannot_be_exported_is_explained_at_its_field(clinic: Clinic, given: dict[str, str], said: str) -> None:
    lead = came_in(clinic, LEAD)

    page = lead.send(lead.get("/clinic/exports").form("/clinic/exports"), given)

    assert page.status == 422
    assert page.text.count(said) >= 2  # in the summary, and at the field


def test_nobody_but_the_clinical_lead_exports_the_clinic(clinic: Clinic) -> None:
    for one in (ANA, CHRIS, DANA):
        assert came_in(clinic, one).get("/clinic/exports").status == 403
    assert "Export figures" in came_in(clinic, LEAD).get("/clinic").text
    assert "Export figures" not in came_in(clinic, CHRIS).get("/clinic").text


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("csv", "application/zip"), ("fhir", "application/fhir+json"), ("copy", "application/json")],
)
def test_a_therapist_takes_a_course_along_and_it_is_noted(
    clinic: Clinic, mara: UUID, kind: str, media_type: str
) -> None:
    ana = came_in(clinic, ANA)
    form = ana.get(f"/people/{mara}").form(f"/people/{mara}/export")

    file = fetched(ana, form, {"export_reason": "client_request", "kind": kind})

    assert (file.status_code, file.content_type) == (200, media_type)
    assert "canary" not in file.headers["Content-Disposition"].lower()
    if kind == "fhir":
        assert json.loads(file.data)["entry"][0]["resource"] == {"resourceType": "Patient", "id": str(mara)}
    [entry] = trail(clinic.house.portal_database, "page.exports.course")
    assert entry["about"] == [mara]
    assert entry["fields"] == [f"export:{kind}", "reason:client_request"]


def test_a_course_leaves_for_a_reason_and_only_from_its_own_people(clinic: Clinic, mara: UUID) -> None:
    ana, ben = came_in(clinic, ANA), came_in(clinic, BEN)
    form = ana.get(f"/people/{mara}").form(f"/people/{mara}/export")

    without = ana.send(form, {"kind": "csv"})
    token = {"form_token": ben.get("/today").form("/sign-out").fields["form_token"]}
    strangers = fetched(ben, form, token | {"export_reason": "care", "kind": "fhir"})

    assert (without.status, strangers.status_code) == (422, 404)
    assert "Choose what it is for" in without.text
