"""What follows from a reading, in a browser: for everybody to read and to use, by keyboard and on a telephone."""

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.cast import ANA, BEN, DANA, LEAD
from tests.clinic import Clinic
from tests.journeys.answers import BAD, GOOD, live_through
from tests.journeys.conftest import Browse
from tests.journeys.visitor import DESK, PHONE

pytestmark = pytest.mark.browser
WISH = "A little slower, and a pause when it gets too much"


@pytest.fixture
def mara(open_clinic: Clinic) -> UUID:
    """Ana's client: three good sessions, a bad one with a wish, and then they did not come."""
    client_id = open_clinic.client_of(ANA)
    for day, answers in (
        ("23", GOOD | {"w1": "A clock that I can see", "w1_readers": "therapist"}),
        ("24", GOOD | {"w2": "done"}),
        ("25", GOOD),
        ("26", BAD | {"w1": WISH, "w1_readers": "therapist"}),
    ):
        live_through(open_clinic, client_id, f"2026-11-{day}T15:00", answers)
    missed = open_clinic.book(client_id, at="2026-11-27T15:00")
    open_clinic.clock.now += timedelta(days=2)
    change = f"/v1/appointments/{missed['id']}/status"
    open_clinic.api("scheduling", DANA, "POST", change, {"to": "no_show"}, version=missed["version"])
    open_clinic.settle()
    return client_id


def pages(client_id: UUID) -> list[str]:
    own = [f"/people/{client_id}/{page}" for page in ("prepare", "together", "ending", "earlier")]
    return [*own, f"/people/{client_id}", "/reach-out", "/episodes", "/episodes?state=closed"]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_is_for_everybody_to_read(open_clinic: Clinic, mara: UUID, browse: Browse, size: object) -> None:
    ana = browse(size)
    ana.signs_in(ANA)
    for path in pages(mara):
        assert ana.opens(path) == 200
        ana.the_page_is_accessible()
        ana.the_page_does_not_scroll_sideways()


def test_what_was_tried_is_noted_and_taken_back_by_keyboard_alone(mara: UUID, browse: Browse) -> None:
    ana = browse()
    ana.signs_in(ANA)
    ana.opens(f"/people/{mara}/prepare")

    ana.reaches(ana.page.get_by_label("Asked openly how the two of us are doing", exact=True))
    ana.page.keyboard.press("Space")
    ana.enters("Note it")

    ana.sees("Tried so far: asked openly how the two of us are doing.")
    ana.enters("Take the last note back")
    expect(ana.page.get_by_text("Tried so far")).to_have_count(0)
    ana.the_page_is_accessible()


def test_a_note_without_anything_in_it_comes_back_with_its_problem(mara: UUID, browse: Browse) -> None:
    ana = browse(scripts=False)
    ana.signs_in(ANA)
    ana.opens(f"/people/{mara}/prepare")

    ana.presses("Note it")

    ana.sees_error("talked", "Say whether you talked about it, or what was tried")
    ana.the_page_is_accessible()


def test_reaching_out_is_noted_and_taken_back_without_scripts(mara: UUID, browse: Browse) -> None:
    ana = browse(scripts=False)
    ana.signs_in(ANA)
    ana.follows("Reach out")
    ana.sees("They did not come on 27 November 2026.")

    ana.presses("Note it")

    ana.sees("Nobody is on the list")
    expect(ana.part("Resting 1")).to_contain_text("Rests until")
    ana.the_page_is_accessible()
    ana.presses("Take it back")
    expect(ana.part("A few warm words may help 1")).to_contain_text("Together")


def test_an_empty_list_leads_on_and_a_new_therapist_finds_the_earlier_course(
    open_clinic: Clinic, mara: UUID, browse: Browse
) -> None:
    open_clinic.api("intake", LEAD, "POST", f"/v1/clients/{mara}/allocations", {"practitioner_id": str(BEN.id)})
    open_clinic.settle()
    ben = browse()
    ben.signs_in(BEN)
    ben.opens(f"/people/{mara}")
    ben.sees("New therapist from")
    ben.follows("Earlier courses")
    ben.sees(f"With {ANA.display_name}")
    ben.the_page_is_accessible()

    ana = browse()
    ana.signs_in(ANA)
    ana.opens("/reach-out")
    ana.sees("Nobody is on the list")
    ana.the_page_is_accessible()


def test_on_paper_only_the_clients_own_picture_is_left(mara: UUID, browse: Browse) -> None:
    ana = browse()
    ana.signs_in(ANA)
    ana.opens(f"/people/{mara}/together")

    ana.page.emulate_media(media="print")

    expect(ana.page.locator("svg.course")).to_be_visible()
    expect(ana.page.get_by_role("link", name="Back to the page")).to_be_hidden()
    expect(ana.page.get_by_text(ANA.display_name)).to_have_count(0)
