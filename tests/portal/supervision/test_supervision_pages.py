"""Supervision in the portal: packs by codes, one's own pack, points, and who supervises whom."""

from uuid import UUID

import pytest

from portal.kit.wording.supervision import POINTS, PROMPTS, SECTIONS
from services.feedback.supervision.domain.packs import PointCode, Prompt, Section
from tests.cast import ANA, BEN, CHRIS, LEAD, SAM, Staff
from tests.clinic import Clinic
from tests.journeys.answers import BAD, GOOD, course_until_rupture, live_through
from tests.portal.browser import Browser


def came_in(clinic: Clinic, staff: Staff) -> Browser:
    browser = Browser(clinic.house.portal)
    browser.sign_in(staff)
    return browser


@pytest.fixture
def mara(clinic: Clinic) -> UUID:
    """Ana's client, who agreed to supervision and whose last session went badly; Sam supervises Ana."""
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.consent(client_id, "supervision", given=True)
    clinic.settle()
    course_until_rupture(clinic, client_id)
    arranged = {"practitioner_id": str(ANA.id), "supervisor_ids": [str(SAM.id)]}
    clinic.api("feedback", LEAD, "PUT", "/v1/supervisions", arranged)
    return client_id


def test_every_part_prompt_and_point_is_worded() -> None:
    assert {str(section) for section in Section} <= set(SECTIONS)
    assert {str(prompt) for prompt in Prompt} <= set(PROMPTS)
    assert {str(code) for code in PointCode} == set(POINTS)


def test_a_supervisor_reads_codes_and_never_a_name(clinic: Clinic, mara: UUID) -> None:
    sam = came_in(clinic, SAM)

    page = sam.get("/supervision")

    assert page.status == 200
    assert "New ruptures" in page.text
    assert "K-10" in page.text
    assert "Prompts, ours" in page.text
    for name in ("Marahcanary", "Lindholmcanary"):
        assert name not in page.text
    assert f"/people/{mara}" not in page.text
    assert sam.get(f"/people/{mara}").status == 403
    assert sam.get("/caseload").status == 403
    assert clinic.api("intake", SAM, "POST", "/v1/people/look-up", {"ids": [str(mara)]})["items"] == []


def test_whose_work_is_not_theirs_to_see_is_not_there(clinic: Clinic, mara: UUID) -> None:
    sam = came_in(clinic, SAM)

    assert sam.get(f"/supervision?of={BEN.id}").status == 404
    assert sam.get(f"/supervision?of={ANA.id}&week=2099-W01").status == 404
    assert sam.get(f"/supervision/{BEN.id}/{mara}/point").status == 404
    assert came_in(clinic, BEN).get(f"/supervision?of={ANA.id}").status == 404
    assert came_in(clinic, LEAD).get("/supervision").status == 403


def test_a_point_agreed_on_is_read_by_the_therapist_too(clinic: Clinic, mara: UUID) -> None:
    sam = came_in(clinic, SAM)
    place = f"/supervision/{ANA.id}/{mara}/point"
    form = sam.get(place).form("/point")

    empty = sam.send(form, {"code": ""})
    noted = sam.send(form, {"code": "name_it"})
    done = sam.send(form, {"code": "talk_about_it", "text": "Begin with the silence."})

    assert (empty.status, noted.status, done.status) == (422, 422, 200)
    assert "Begin with the silence." in sam.get("/supervision").text
    assert "Begin with the silence." in came_in(clinic, ANA).get("/supervision").text


def test_ones_own_impression_comes_before_ones_own_pack(clinic: Clinic, mara: UUID) -> None:
    clinic.hold(clinic.book(mara, at="2026-11-27T15:00"))
    clinic.fill_in(mara, **BAD)

    own = came_in(clinic, ANA).get("/supervision").text

    assert "Your own impression of the last session comes first." in own
    assert "said there was strain" not in own
    assert "said there was strain" in came_in(clinic, SAM).get("/supervision").text


def test_nothing_new_is_said_plainly(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    live_through(clinic, client_id, "2026-11-23T15:00", GOOD)

    page = came_in(clinic, ANA).get("/supervision")

    assert "Nothing new this week" in page.text
    assert "Nobody to supervise yet" in came_in(clinic, SAM).get("/supervision").text


def test_the_manager_says_who_supervises_whom_and_it_counts_at_once(clinic: Clinic, mara: UUID) -> None:
    manager, sam = came_in(clinic, CHRIS), came_in(clinic, SAM)
    place = f"/clinic/supervision/{ANA.id}"
    assert SAM.display_name in manager.get("/clinic/supervision").text
    form = manager.get(place).form(place)
    assert form.fields[f"supervisor_{SAM.id}"] == "yes"

    form.fields.pop(f"supervisor_{SAM.id}")
    assert "Arranged." in manager.send(form).text

    assert "Nobody to supervise yet" in sam.get("/supervision").text
    assert sam.get(f"/supervision?of={ANA.id}").status == 404
    assert manager.get(f"/clinic/supervision/{CHRIS.id}").status == 404
