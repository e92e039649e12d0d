"""What people note about an episode, and who follows it through."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.alliance.domain.kept_episodes import (
    NOT_YET_REASONS,
    NOTHING_YET,
    TRIED,
    EpisodeNote,
    NoteRefused,
    check_note,
    may_withdraw,
    noted,
)
from tests.cast import ANA, BEN, LEAD
from tests.feedback.practice import Caller, Practice

Call = Callable[..., Caller]
USUAL, DIP = (80, 82, 78, 80), 50
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
NOTES = st.builds(
    EpisodeNote,
    held_on=st.none() | st.dates(),
    not_yet=st.none() | st.sampled_from(NOT_YET_REASONS),
    tried=st.lists(st.sampled_from(TRIED), max_size=4).map(tuple),
)


@pytest.mark.parametrize(
    ("notes", "together"),
    [
        ([], EpisodeNote()),
        ([EpisodeNote(not_yet="unsure_how")], EpisodeNote(None, "unsure_how")),
        ([EpisodeNote(not_yet="unsure_how"), EpisodeNote(held_on=MONDAY)], EpisodeNote(MONDAY)),
        ([EpisodeNote(held_on=MONDAY), EpisodeNote(not_yet="unsure_how")], EpisodeNote(MONDAY)),
        ([EpisodeNote(held_on=MONDAY), EpisodeNote(held_on=TUESDAY)], EpisodeNote(TUESDAY)),
        (
            [
                EpisodeNote(tried=("nothing_yet",)),
                EpisodeNote(tried=("apologised",)),
                EpisodeNote(tried=("slowed_down",)),
            ],
            EpisodeNote(tried=("slowed_down", "apologised")),
        ),
        ([EpisodeNote(tried=("nothing_yet",))], EpisodeNote(tried=("nothing_yet",))),
    ],
)
def test_notes_add_up_and_the_latest_day_counts(notes: list[EpisodeNote], together: EpisodeNote) -> None:
    assert noted(notes) == together


@given(st.lists(NOTES, max_size=6))
def test_a_day_once_given_is_never_lost_to_a_later_not_yet(notes: list[EpisodeNote]) -> None:
    together = noted(notes)

    assert (together.held_on is not None) == any(note.held_on for note in notes)
    assert together.held_on is None or together.not_yet is None
    assert NOTHING_YET not in together.tried or together.tried == (NOTHING_YET,)


@given(st.lists(NOTES, max_size=4), NOTES)
def test_taking_the_last_note_back_leaves_what_was_before(notes: list[EpisodeNote], last: EpisodeNote) -> None:
    before = noted(notes)

    assert noted([*notes, last][:-1]) == before
    assert set(before.tried) - {NOTHING_YET} <= set(noted([*notes, last]).tried)


@pytest.mark.parametrize(
    "note",
    [
        EpisodeNote(),
        EpisodeNote(held_on=MONDAY, not_yet="unsure_how"),
        EpisodeNote(tried=("nothing_yet", "apologised")),
    ],
)
def test_a_note_that_says_nothing_or_contradicts_itself_is_refused(note: EpisodeNote) -> None:
    with pytest.raises(NoteRefused):
        check_note(note)


@pytest.mark.parametrize(("hours", "possible"), [(0, True), (24, True), (24.01, False)])
def test_a_note_is_taken_back_within_a_day(hours: float, possible: bool) -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)

    assert may_withdraw(at, at + timedelta(hours=hours)) is possible


@pytest.fixture
def opened(practice: Practice) -> UUID:
    practice.course(practice.client(), *USUAL, DIP)
    found: UUID = practice.row("SELECT id FROM episode")["id"]
    return found


def note(caller: Caller, episode_id: UUID, version: int, **what: Any) -> Any:
    return caller.post(f"/v1/episodes/{episode_id}/notes", what, version=version)


def test_what_was_tried_is_noted_before_and_after_the_conversation(
    practice: Practice, call: Call, opened: UUID
) -> None:
    ana, today = call("therapist"), practice.clock().date().isoformat()

    first = note(ana, opened, 1, not_yet="supervision_first", tried=["brought_to_supervision"]).json
    second = note(ana, opened, 2, held_on=today, tried=["apologised", "asked_openly"]).json

    assert (first["not_yet"], first["conversation_held_on"]) == ("supervision_first", None)
    assert (second["not_yet"], second["conversation_held_on"], second["version"]) == (None, today, 3)
    assert second["tried"] == ["asked_openly", "apologised", "brought_to_supervision"]


def test_a_conversation_noted_by_mistake_is_taken_back_within_the_day(
    practice: Practice, call: Call, opened: UUID
) -> None:
    ana = call("therapist")
    note(ana, opened, 1, not_yet="unsure_how")
    note(ana, opened, 2, held_on=practice.clock().date().isoformat())

    back = ana.post(f"/v1/episodes/{opened}/withdrawal", {}, version=3)

    assert (back.json["conversation_held_on"], back.json["not_yet"]) == (None, "unsure_how")
    assert len(practice.rows("SELECT 1 FROM episode_note")) == 2, "a withdrawn note stays in the file"
    practice.clock.move(days=2)
    assert ana.post(f"/v1/episodes/{opened}/withdrawal", {}, version=4).status_code == 409


def test_a_colleagues_note_is_taken_back_by_the_lead_alone(practice: Practice, call: Call, opened: UUID) -> None:
    lead, ana = call("clinical_lead", actor=LEAD.id), call("therapist")
    note(lead, opened, 1, tried=["slowed_down"])

    assert ana.post(f"/v1/episodes/{opened}/withdrawal", {}, version=2).status_code == 403
    assert lead.post(f"/v1/episodes/{opened}/withdrawal", {}, version=2).json["tried"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"held_on": "2026-02-30"}, 422),
        ({"held_on": "2031-01-01"}, 422),
        ({"not_yet": "did_not_feel_like_it"}, 422),
        ({"tried": ["hypnosis"]}, 422),
        ({"tried": "asked_openly"}, 422),
        ({"tried": ["nothing_yet", "apologised"]}, 422),
        ({"tried": ["apologised"], "words": "free text"}, 422),
    ],
)
def test_a_note_that_cannot_be_is_refused_with_a_reason(
    call: Call, opened: UUID, body: dict[str, Any], status: int
) -> None:
    answer = note(call("therapist"), opened, 1, **body)

    assert answer.status_code == status
    assert answer.json["detail"] or answer.json["errors"]


def test_a_note_on_an_old_version_is_refused_and_nothing_is_kept(practice: Practice, call: Call, opened: UUID) -> None:
    ana = call("therapist")
    note(ana, opened, 1, tried=["slowed_down"])

    assert note(ana, opened, 1, tried=["apologised"]).status_code == 412
    assert ana.post(f"/v1/episodes/{opened}/notes", {"tried": ["apologised"]}).status_code == 428
    assert practice.row("SELECT tried FROM episode")["tried"] == ["slowed_down"]


def test_a_later_check_in_leaves_what_people_noted(practice: Practice, call: Call, opened: UUID) -> None:
    note(call("therapist"), opened, 1, tried=["apologised"], held_on=practice.clock().date().isoformat())

    practice.course(practice.row("SELECT client_id FROM episode")["client_id"], 80)

    kept = practice.row("SELECT state, tried, conversation_held_on IS NOT NULL AS held, closed_by FROM episode")
    assert kept == {"state": "repaired", "tried": ["apologised"], "held": True, "closed_by": "answers"}


def test_an_episode_is_its_practitioners_until_the_lead_takes_it_on(
    practice: Practice, call: Call, opened: UUID
) -> None:
    lead, path = call("clinical_lead", actor=LEAD.id), f"/v1/episodes/{opened}/owner"

    taken = lead.post(path, {"owner_id": str(LEAD.id)}, version=1).json
    given_back = lead.post(path, {"owner_id": str(ANA.id)}, version=2).json

    assert (taken["owner_id"], given_back["owner_id"]) == (str(LEAD.id), str(ANA.id))
    # Whoever could not see it cannot be its owner, and owning would open nothing.
    assert lead.post(path, {"owner_id": str(BEN.id)}, version=3).status_code == 422
    assert call("therapist").post(path, {"owner_id": str(ANA.id)}, version=3).status_code == 403


def listed(caller: Caller, **query: Any) -> list[Any]:
    answer = caller.get("/v1/episodes", **query)
    assert answer.status_code == 200, answer.json
    items: list[Any] = answer.json["items"]
    return items


def test_open_episodes_are_listed_for_their_therapist_and_for_the_lead(practice: Practice, call: Call) -> None:
    mine, repaired = practice.client(), practice.client()
    practice.course(mine, *USUAL, DIP)
    practice.course(repaired, *USUAL, DIP, 80)
    ana, ben, lead = call("therapist"), call("therapist", actor=BEN.id), call("clinical_lead", actor=LEAD.id)

    assert [line["client_id"] for line in listed(ana)] == [str(mine)]
    assert listed(ana)[0]["episode"]["closed_by"] is None
    assert [line["client_id"] for line in listed(ana, state="closed")] == [str(repaired)]
    assert listed(ben, state="all") == []
    assert {line["client_id"] for line in listed(lead, state="all")} == {str(mine), str(repaired)}
    assert listed(lead, practitioner_id=str(BEN.id)) == []
    assert call("front_desk").get("/v1/episodes").status_code == 403


def test_the_list_of_episodes_is_read_page_by_page(practice: Practice, call: Call) -> None:
    for _ in range(3):
        practice.course(practice.client(), *USUAL, DIP)
    ana = call("therapist")

    first = ana.get("/v1/episodes", limit=2).json
    rest = ana.get("/v1/episodes", limit=2, cursor=first["next"]).json

    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert len({line["episode"]["id"] for line in first["items"] + rest["items"]}) == 3


def test_a_colleague_to_be_does_not_list_the_episodes_of_the_therapist_before(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    practice.course(client_id, *USUAL, DIP)
    practice.clock.move(days=1)

    practice.allocate(client_id, BEN.id)

    assert listed(call("therapist", actor=BEN.id), state="all") == []
    closed = listed(call("clinical_lead", actor=LEAD.id), state="closed")[0]["episode"]
    assert (closed["close_reason"], closed["closed_by"], closed["closed_by_id"]) == (
        "change_of_therapist",
        "ending",
        None,
    )


def test_every_way_of_closing_says_who_or_what_closed_it(practice: Practice, call: Call) -> None:
    repaired, settled, corrected = (practice.client() for _ in range(3))
    practice.course(repaired, *USUAL, DIP, 80)
    practice.course(settled, *USUAL, DIP, 52, 54, 52)
    practice.course(corrected, *USUAL)
    hour = practice.hour(corrected, appointment_id=practice.session(corrected, DIP))
    practice.tell("reopened", hour, previous_status="completed", status="booked", reopened_at=practice.clock())
    stuck = practice.row("SELECT id, version FROM episode WHERE client_id = %s", settled)
    practice.clock.move(days=1)
    ana = call("therapist")
    ana.post(f"/v1/episodes/{stuck['id']}/closing", {"reason": "settled"}, version=stuck["version"])

    closed = {line["client_id"]: line["episode"] for line in listed(ana, state="closed")}

    assert {client: (line["closed_by"], line["close_reason"]) for client, line in closed.items()} == {
        str(repaired): ("answers", "repaired"),
        str(settled): ("person", "settled"),
        str(corrected): ("correction", "superseded"),
    }
    assert closed[str(settled)]["closed_by_id"] == str(ANA.id)
    assert listed(ana) == []
