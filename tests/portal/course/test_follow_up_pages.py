"""What follows from a reading: preparing, looking at it together, reaching out, ending, a new therapist."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from tests.cast import ANA, BEN, DANA, LEAD, MARA, NOOR
from tests.clinic import Clinic
from tests.journeys.answers import BAD, GOOD, course_until_rupture, live_through
from tests.portal.browser import Browser, Page
from tests.portal.test_clinic_pages import came_in

WISH = "Slowercanary please"
STATES = ("rupture", "strained", "repair", "steady", "unrepaired", "therapist", "diagnos", "your impression")


def readable(page: Page) -> str:
    """What stands in the main part for everybody to read, in lower case."""
    main = page.text.partition("<main")[2].partition("</main")[0]
    return re.sub(r"<[^>]+>", " ", main).lower()


@pytest.fixture
def open_house(clinic: Clinic) -> Clinic:
    clinic.open_forms()
    return clinic


@pytest.fixture
def mara(open_house: Clinic) -> UUID:
    """Ana's client: three good sessions with a wish, then a bad one."""
    client_id = open_house.client_of(ANA)
    for day, answers in (
        ("23", GOOD | {"w1": "A clock I can see", "w1_readers": "therapist"}),
        ("24", GOOD | {"w2": "done"}),
        ("25", GOOD),
        ("26", BAD | {"w1": WISH, "w1_readers": "therapist"}),
    ):
        live_through(open_house, client_id, f"2026-11-{day}T15:00", answers)
    return client_id


def episode_of(clinic: Clinic, client_id: UUID) -> Any:
    return clinic.api("feedback", ANA, "GET", f"/v1/clients/{client_id}/course")["episodes"][0]


def test_the_preparation_begins_with_the_wish_and_says_what_to_do(open_house: Clinic, mara: UUID) -> None:
    page = came_in(open_house, ANA).get(f"/people/{mara}/prepare")

    assert page.headings == ["Before session 5"]
    told = readable(page)
    order = [
        told.index(words.lower()) for words in (WISH, "A clock I can see", "They say the wish has been met", "Rupture")
    ]
    assert order == sorted(order)
    assert "thank them for saying so" in told
    assert "after session 4 they said there was some strain; it was not mentioned." in told
    assert "the two views differ" in told


def test_the_last_sessions_stand_there_as_a_small_picture_and_as_a_table(open_house: Clinic, mara: UUID) -> None:
    page = came_in(open_house, ANA).get(f"/people/{mara}/prepare")

    assert page.text.count('class="pt client"') == 4
    assert "Session 1: 80, session 2: 80, session 3: 80, session 4: 32." in page.text
    assert 'class="line therapist"' not in page.text
    assert "the last 4 sessions: their answers as a line, what is usual for them as a band." in readable(page)


def test_before_there_are_two_check_ins_there_is_no_picture(open_house: Clinic) -> None:
    client_id = open_house.client_of(ANA)
    live_through(open_house, client_id, "2026-11-23T15:00", GOOD)
    ana = came_in(open_house, ANA)

    assert '<svg class="course"' not in ana.get(f"/people/{client_id}/prepare").text
    assert "80 of 100" in ana.get(f"/people/{client_id}/prepare").text


def test_the_lead_prepares_without_the_words_and_without_what_only_the_therapist_sees(
    open_house: Clinic, mara: UUID
) -> None:
    page = came_in(open_house, LEAD).get(f"/people/{mara}/prepare")

    assert WISH.lower() not in readable(page)
    assert "its words are for their therapist" in readable(page)
    assert "two views differ" not in readable(page)


@pytest.mark.parametrize("path", ["prepare", "together", "ending", "earlier"])
def test_these_pages_are_for_who_treats_the_client_and_the_lead(open_house: Clinic, mara: UUID, path: str) -> None:
    codes = {
        one.username: came_in(open_house, one).get(f"/people/{mara}/{path}").status for one in (ANA, BEN, LEAD, DANA)
    }

    assert codes == {"ana": 200, "ben": 404, "lena": 200, "dana": 403}


@pytest.mark.parametrize("path", ["prepare", "together", "ending"])
def test_ones_own_impression_comes_before_any_of_these_pages(open_house: Clinic, mara: UUID, path: str) -> None:
    open_house.hold(open_house.book(mara, at="2026-11-27T15:00"))
    ana = came_in(open_house, ANA)

    veiled, looked = ana.get(f"/people/{mara}/{path}"), ana.get(f"/people/{mara}/{path}?show=course")

    assert "First your own impression" in veiled.text
    assert WISH not in veiled.text
    assert "First your own impression" not in looked.text


def test_the_page_to_look_at_together_names_no_state_and_no_rating_of_the_therapist(
    open_house: Clinic, mara: UUID
) -> None:
    ana = came_in(open_house, ANA)

    page = ana.get(f"/people/{mara}/together")

    told = readable(page)
    assert "usual for you" in told
    assert WISH.lower() in told
    assert "after session 4 you said there was strain." in told
    assert [word for word in STATES if word in told] == []
    assert "Caseload" not in page.text, "none of the staff's areas stand beside it"
    assert ANA.display_name not in page.text
    assert 'class="line therapist"' not in page.text
    assert 'class="episode"' not in page.text


def test_what_was_noted_stands_there_and_can_be_taken_back(open_house: Clinic, mara: UUID) -> None:
    ana, path = came_in(open_house, ANA), f"/people/{mara}/prepare"
    form = ana.get(path).form("/notes")

    noted = ana.send(form, {"talked": "held", "tried_asked_openly": "yes", "tried_apologised": "yes"})

    assert "Noted." in noted.text
    assert "Tried so far: asked openly how the two of us are doing, said sorry." in noted.text
    assert "Talked about on 26 November 2026." in noted.text
    back = ana.send(noted.form("/undo"))
    assert "Not yet marked as talked about." in back.text
    assert "Tried so far" not in back.text


def test_not_yet_has_its_reason(open_house: Clinic, mara: UUID) -> None:
    ana = came_in(open_house, ANA)

    page = ana.send(ana.get(f"/people/{mara}/prepare").form("/notes"), {"talked": "not_yet", "not_yet": "unsure_how"})

    assert "Not yet talked about: not sure how to begin." in page.text


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "Say whether you talked about it, or what was tried"),
        ({"talked": "held", "held_on": "2027-01-01"}, "The day cannot lie in the future"),
        ({"talked": "held", "held_on": "soon"}, "Enter the day on which you talked about it"),
        ({"talked": "held", "held_on": "2026-01-01"}, "before the session it is about"),
        ({"talked": "not_yet"}, "Choose why not yet"),
        ({"tried_nothing_yet": "yes", "tried_apologised": "yes"}, "Something was tried, or nothing yet"),
    ],
)
def test_a_note_that_cannot_be_comes_back_with_the_reason_and_nothing_is_kept(
    open_house: Clinic, mara: UUID, typed: dict[str, str], message: str
) -> None:
    ana = came_in(open_house, ANA)

    page = ana.send(ana.get(f"/people/{mara}/prepare").form("/notes"), typed)

    assert page.status == 422
    assert message in page.text
    assert page.title.startswith("Error: ")
    assert episode_of(open_house, mara)["tried"] == []


def test_a_note_on_what_a_colleague_changed_meanwhile_is_not_kept(open_house: Clinic, mara: UUID) -> None:
    ana, lead = came_in(open_house, ANA), came_in(open_house, LEAD)
    seen_before = ana.get(f"/people/{mara}/prepare").form("/notes")
    lead.send(lead.get(f"/people/{mara}/prepare").form("/notes"), {"tried_slowed_down": "yes"})

    page = ana.send(seen_before, {"tried_apologised": "yes"})

    assert page.status == 412
    assert episode_of(open_house, mara)["tried"] == ["slowed_down"]


def test_the_lead_takes_an_episode_on_and_gives_it_back_and_everybody_reads_who_follows_it_through(
    open_house: Clinic, mara: UUID
) -> None:
    ana, lead = came_in(open_house, ANA), came_in(open_house, LEAD)
    mine = ana.get(f"/people/{mara}")
    assert f"Followed through by {ANA.display_name}." in mine.text
    assert not [form for form in mine.forms if form.action.endswith("/owner")], "handing over is the lead's"
    assert "Followed through" not in ana.get(f"/people/{mara}/prepare").text, "one's own goes without saying"

    taken = lead.send(lead.get(f"/people/{mara}").form("/owner"))

    assert "You can give it back at any time" in taken.text
    assert f"Followed through by {LEAD.display_name}." in taken.text
    for path in ("", "/prepare"):
        assert f"Followed through by {LEAD.display_name}." in ana.get(f"/people/{mara}{path}").text
    back = lead.send(taken.form("/owner"))
    assert "You can take it on again" in back.text
    assert f"Followed through by {ANA.display_name}." in back.text


def test_nobody_but_the_lead_hands_an_episode_over(open_house: Clinic, mara: UUID) -> None:
    ana = came_in(open_house, ANA)
    form = ana.get(f"/people/{mara}").form("/conversation")
    form.action = form.action.replace("/conversation", "/owner")

    page = ana.send(form, {"owner_id": str(ANA.id)})

    assert page.status == 403
    assert episode_of(open_house, mara)["owner_id"] == str(ANA.id)


@pytest.mark.parametrize(
    ("owner", "status", "message"),
    [("nobody", 422, "Reload the page and try again"), (str(BEN.id), 422, "An episode is followed through by")],
)
def test_an_episode_goes_to_nobody_who_could_not_see_it(
    open_house: Clinic, mara: UUID, owner: str, status: int, message: str
) -> None:
    lead = came_in(open_house, LEAD)

    page = lead.send(lead.get(f"/people/{mara}").form("/owner"), {"owner_id": owner})

    assert page.status == status
    assert message in page.text
    assert episode_of(open_house, mara)["owner_id"] == str(ANA.id)


def test_an_episode_that_changed_meanwhile_is_not_handed_over(open_house: Clinic, mara: UUID) -> None:
    ana, lead = came_in(open_house, ANA), came_in(open_house, LEAD)
    seen_before = lead.get(f"/people/{mara}").form("/owner")
    ana.send(ana.get(f"/people/{mara}/prepare").form("/notes"), {"tried_slowed_down": "yes"})

    page = lead.send(seen_before)

    assert page.status == 412
    assert "The episode changed since it was read" in page.text
    assert episode_of(open_house, mara)["owner_id"] == str(ANA.id)


def test_the_persons_page_shows_the_wishes_and_what_became_of_them(open_house: Clinic, mara: UUID) -> None:
    told = readable(came_in(open_house, ANA).get(f"/people/{mara}"))

    assert told.index(WISH.lower()) < told.index("a clock i can see") < told.index("they say the wish has been met")


def test_the_next_session_of_today_leads_to_its_preparation(open_house: Clinic, mara: UUID) -> None:
    open_house.book(mara, at="2026-11-26T18:00")

    page = came_in(open_house, ANA).get("/today?view=mine")

    assert f'href="/people/{mara}/prepare"' in page.text


def test_an_ending_is_planned_with_first_and_last_and_what_was_not_said(open_house: Clinic, mara: UUID) -> None:
    told = readable(came_in(open_house, ANA).get(f"/people/{mara}/ending"))

    assert "compare goals, look at the curve together, ask what was not said." in told
    assert "session 1, 23 november 2026: 80 of 100" in told
    assert "session 4, 26 november 2026: 32 of 100" in told
    assert "a warm closing word, without blame, may matter" in told
    assert "1 wish met or better" in told
    assert "questionnaires" not in told, "no outcome measure was filled in"


@pytest.fixture
def quiet(open_house: Clinic, mara: UUID) -> UUID:
    """Then they did not come, and nothing is booked: the mirror forms are filled in or over."""
    missed = open_house.book(mara, at="2026-11-27T15:00")
    open_house.clock.now += timedelta(days=4)
    change = f"/v1/appointments/{missed['id']}/status"
    open_house.api("scheduling", DANA, "POST", change, {"to": "no_show"}, version=missed["version"])
    open_house.settle()
    return mara


def reach_out(clinic: Clinic, who: Any = ANA) -> tuple[Browser, Page]:
    browser = came_in(clinic, who)
    return browser, browser.get("/reach-out")


def test_the_reach_out_list_shows_every_part_with_its_points(open_house: Clinic, quiet: UUID) -> None:
    _, page = reach_out(open_house)

    told = readable(page)
    for part in (
        "strain that is open.",
        "they did not come on 27 november 2026.",
        "no next session is booked.",
        "it is early on: 4 sessions so far.",
    ):
        assert part in told
    assert re.search(r"together\s+7 points", told)
    assert "no forecast, no probability" in told
    assert "%" not in told
    assert f"this is a short note from {ANA.display_name.lower()}" in told


def test_nobody_on_the_list_is_said_so(open_house: Clinic, mara: UUID) -> None:
    open_house.book(mara, at="2026-11-28T15:00")
    open_house.settle()

    _, page = reach_out(open_house)

    assert "Nobody is on the list" in page.text


def test_whoever_was_reached_rests_and_can_be_taken_back(open_house: Clinic, quiet: UUID) -> None:
    ana, page = reach_out(open_house)

    rests = ana.send(page.form("/reached"))

    assert "Reached out on" in rests.text
    assert "Rests until" in rests.text
    assert not [form for form in rests.forms if form.action.endswith("/reached")]
    back = ana.send(rests.form("/undo"))
    assert back.form("/reached")


def stands_at_its_field(page: Page, field: str, message: str) -> bool:
    """The summary leads to the field, and the field says it."""
    leads = f'<a href="#{field}">{message}</a>' in page.text
    says = re.search(rf'id="{field}-error">.*?{re.escape(message)}', page.text) is not None
    return leads and says and field in page.ids


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("", "Enter the day on which somebody reached out"),
        ("2027-01-01", "The day cannot lie in the future"),
        ("2026-10-01", "The day lies in the future, or more than two weeks back."),
    ],
)
def test_a_day_on_which_nobody_can_have_reached_out_is_refused_where_it_was_typed(
    open_house: Clinic, quiet: UUID, day: str, message: str
) -> None:
    ana, page = reach_out(open_house)

    refused = ana.send(page.form("/reached"), {"on": day})

    assert refused.status == 422
    assert stands_at_its_field(refused, f"on-{quiet}", message)
    if day:
        assert refused.form("/reached").fields["on"] == day, "what was typed stays"
    assert refused.title.startswith("Error: ")


def test_a_note_sent_after_the_file_closed_is_told_what_became_of_it(open_house: Clinic, quiet: UUID) -> None:
    ana, listed = reach_out(open_house)
    prepared = ana.get(f"/people/{quiet}/prepare?show=course").form("/notes")
    open_house.api("intake", LEAD, "POST", f"/v1/clients/{quiet}/allocations", {"practitioner_id": str(BEN.id)})
    open_house.settle()

    for form in (listed.form("/reached"), prepared):
        page = ana.send(form, {"tried_apologised": "yes"})

        assert page.status == 404
        assert page.headings == ["This was not kept"]
        assert "Nothing of what you sent was kept." in page.text
        assert "Marahcanary" not in page.text


def test_not_for_now_needs_a_reason(open_house: Clinic, quiet: UUID) -> None:
    ana, page = reach_out(open_house)

    refused = ana.send(page.form("/not-now"), {"reason": ""})
    kept = ana.send(refused.form("/not-now"), {"reason": "agreed_pause"})

    assert refused.status == 422
    assert stands_at_its_field(refused, f"reason-{quiet}", "Choose why not for now")
    assert "Not now: a pause was agreed." in kept.text


def test_a_colleague_finds_nobody_and_can_note_nothing(open_house: Clinic, quiet: UUID) -> None:
    _, page = reach_out(open_house)
    ben = came_in(open_house, BEN)
    form = page.form("/reached")
    form.fields["form_token"] = ben.get("/people").form("/sign-out").fields["form_token"]

    assert ben.send(form).status == 404
    assert "Nobody is on the list" in ben.get("/reach-out").text


def test_where_ones_own_impression_is_missing_the_list_says_nothing_of_that_client(
    open_house: Clinic, quiet: UUID
) -> None:
    # Everybody whose impression waits stands there, so that standing there says nothing.
    open_house.hold(open_house.book(quiet, at="2026-12-01T15:00"))
    _, page = reach_out(open_house)

    assert "Your own impression first" in page.text
    assert "strain that is open" not in readable(page)


def test_a_new_therapist_finds_the_earlier_course_without_its_words(open_house: Clinic, mara: UUID) -> None:
    open_house.api("intake", LEAD, "POST", f"/v1/clients/{mara}/allocations", {"practitioner_id": str(BEN.id)})
    open_house.settle()
    ben = came_in(open_house, BEN)

    person, earlier = ben.get(f"/people/{mara}"), ben.get(f"/people/{mara}/earlier")

    assert "New therapist from 26 November 2026. With their consent" in person.text
    assert f"With {ANA.display_name}" in earlier.text
    assert "4 sessions, until 26 November 2026" in earlier.text
    assert 'class="code">K-' in earlier.text, "the code that is spoken on the phone"
    assert WISH not in person.text + earlier.text
    assert 'class="line therapist"' not in earlier.text
    assert came_in(open_house, ANA).get(f"/people/{mara}/earlier").status == 404


def test_a_client_of_one_therapist_has_no_earlier_course(open_house: Clinic) -> None:
    client_id = open_house.client_of(ANA)
    course_until_rupture(open_house, client_id)

    page = came_in(open_house, ANA).get(f"/people/{client_id}/earlier")

    assert "No earlier courses" in page.text


def test_all_open_strain_stands_in_one_list_their_words_first_and_no_ranking(open_house: Clinic, mara: UUID) -> None:
    ana = came_in(open_house, ANA)
    ana.send(
        ana.get(f"/people/{mara}/prepare").form("/notes"),
        {"talked": "not_yet", "not_yet": "unsure_how", "tried_apologised": "yes"},
    )

    page = came_in(open_house, LEAD).get("/episodes")

    told = readable(page)
    assert page.headings == ["Strain and repair"]
    in_order = (
        f"with {ANA.display_name.lower()}",
        "rupture",
        "their words: it was not mentioned",
        "since session 4, 26 november 2026 (today)",
        "not yet talked about: not sure how to begin.",
        "tried: said sorry.",
        f"followed through by {ANA.display_name.lower()}.",
    )
    places = [told.index(words) for words in in_order]
    assert places == sorted(places)
    assert WISH.lower() not in told


def test_the_caseload_leads_to_the_list_and_it_to_what_is_closed(open_house: Clinic, mara: UUID) -> None:
    ana = came_in(open_house, ANA)
    assert 'href="/episodes"' in ana.get("/caseload").text
    assert "Nothing is closed yet" in ana.get("/episodes?state=closed").text
    live_through(open_house, mara, "2026-11-27T15:00", GOOD | {"r2": "better"})

    ana.sign_in(ANA)  # a day has passed
    closed = readable(ana.get("/episodes?state=closed"))

    assert "from session 4, 26 november 2026, to session 5, 27 november 2026" in closed
    assert "their words: " in closed
    assert "closed by their answers." in closed
    assert "no strain is open" in readable(ana.get("/episodes"))


def test_the_list_is_for_those_who_treat_the_clients_and_the_lead(open_house: Clinic, mara: UUID) -> None:
    assert "No strain is open" in came_in(open_house, BEN).get("/episodes").text
    assert came_in(open_house, DANA).get("/episodes").status == 403


def test_the_list_says_nothing_of_a_client_of_whom_ones_own_impression_is_missing(
    open_house: Clinic, mara: UUID
) -> None:
    open_house.hold(open_house.book(mara, at="2026-11-27T15:00"))

    told = readable(came_in(open_house, ANA).get("/episodes"))

    assert "your own impression first" in told
    assert "of all others, nothing is open." in told
    assert "since session" not in told


def test_a_long_list_is_turned_page_by_page_and_leaves_nobody_out(open_house: Clinic, monkeypatch: Any) -> None:
    monkeypatch.setattr("portal.clients.feedback.follow_up.EPISODES_A_PAGE", 1)
    both = {open_house.client_of(ANA, MARA): (ANA, "15:00"), open_house.client_of(BEN, NOOR): (BEN, "17:00")}
    for day, answers in (("23", GOOD), ("24", GOOD), ("25", GOOD), ("26", BAD)):
        for client_id, (therapist, at) in both.items():
            live_through(open_house, client_id, f"2026-11-{day}T{at}", answers, therapist=therapist)
    lead = came_in(open_house, LEAD)

    first = lead.get("/episodes")
    further = lead.get(unescape(re.findall(r'href="(/episodes\?[^"]*after=[^"]+)"', first.text)[0]))

    listed = [
        {UUID(found) for found in re.findall(r'class="person" href="/people/([^"]+)"', page.text)}
        for page in (first, further)
    ]
    assert [len(found) for found in listed] == [1, 1]
    assert listed[0] | listed[1] == set(both)
    assert "Look further" not in further.text
