"""Before the next session, before an ending, and with a new therapist: who finds what."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from tests.cast import ANA, BEN, LEAD
from tests.feedback.outcome.treatments import sessions
from tests.feedback.practice import Caller, Practice, marks

Call = Callable[..., Caller]
USUAL, DIP = (80, 82, 78, 80), 50
WORDS = "Lesscanaryadvice"


def asked(caller: Caller, client_id: UUID, what: str = "preparation") -> Any:
    answer = caller.get(f"/v1/clients/{client_id}/{what}")
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.fixture
def ana(call: Call) -> Caller:
    return call("therapist")


@pytest.fixture
def lead(call: Call) -> Caller:
    return call("clinical_lead", actor=LEAD.id)


def test_before_the_first_session_there_is_nothing_to_say_and_nothing_breaks(practice: Practice, ana: Caller) -> None:
    client_id = practice.client()

    told = asked(ana, client_id)

    assert (told["next_session"], told["reading"]["template"]) == (1, "not_started")
    assert {told[name] for name in ("wish", "previous_wish", "said", "episode", "last", "kept_back")} == {None}
    assert (asked(ana, client_id, "ending-review")["sessions"], asked(ana, client_id, "history")["items"]) == (0, [])


def test_everything_for_the_next_session_comes_in_one_answer(practice: Practice, ana: Caller) -> None:
    client_id = practice.client()
    practice.course(client_id, *USUAL)
    practice.session(client_id, DIP, r1="yes", r2="not_mentioned", w1=WORDS, w1_readers="therapist")
    missed = practice.hour(client_id)
    practice.clock.move(days=1)
    practice.tell(
        "missed",
        missed | {"starts_at": practice.clock(), "ends_at": practice.clock()},
        attendance_code="3",
        missed_at=practice.clock(),
    )

    told = asked(ana, client_id)

    assert (told["next_session"], told["reading"]["template"], told["reading"]["next_step"]) == (
        6,
        "rupture_said_so",
        "thank_and_listen",
    )
    assert (told["wish"]["text"], told["wish"]["word"], told["wish"]["from_session"]) == (WORDS, "open", 5)
    assert told["said"] == {"session_number": 5, "said": "yes", "talked": "not_mentioned"}
    assert (told["episode"]["state"], told["episode"]["conversation_held_on"]) == ("rupture", None)
    assert (told["last"]["client_total"], told["last"]["session_number"]) == (50, 5)
    assert [line["kind"] for line in told["absences"]] == ["missed"]
    assert "asked_openly" in told["tried_prompts"]
    assert told["kept_back"] is None


def test_the_latest_ten_sessions_come_with_it_in_short(practice: Practice, ana: Caller) -> None:
    client_id = practice.client()
    practice.course(client_id, *range(60, 82, 2), None)

    recent = asked(ana, client_id)["recent"]

    assert [point["session_number"] for point in recent] == list(range(3, 13))
    assert [point["client_total"] for point in recent] == [*range(64, 82, 2), None]
    assert {name for point in recent for name in point} == {
        "session_number",
        "appointment_id",
        "date",
        "state",
        "client_total",
        "usual",
        "missing_reason",
    }


def test_unseen_strain_is_for_the_treating_therapist_alone(practice: Practice, ana: Caller, lead: Caller) -> None:
    client_id = practice.client()
    practice.course(client_id, *USUAL)
    appointment = practice.session(client_id, 80, r1="a_little")
    practice.answer(appointment, "therapist", **marks(80, "t_"), t_r1="no")

    assert [signal["code"] for signal in asked(ana, client_id)["unseen"]] == ["S7"]
    assert asked(lead, client_id)["unseen"] == []
    assert "s7" not in json.dumps(asked(lead, client_id))


def test_whoever_prepares_has_looked_and_an_impression_given_after_is_not_blind(
    practice: Practice, ana: Caller
) -> None:
    client_id = practice.client()
    appointment = practice.session(client_id, 80)
    practice.clock.move(minutes=5)

    asked(ana, client_id)

    offer = practice.offer(appointment, "therapist")
    received = ana.post(f"/v1/offers/{offer.id}/answers", {"answers": marks(80, "t_")})
    assert received.json["blind"] is False


@pytest.mark.parametrize(("sharing", "told"), [("not", "not_shared"), ("after", "shared_later")])
def test_what_is_kept_back_is_kept_back_here_too(practice: Practice, ana: Caller, sharing: str, told: str) -> None:
    client_id = practice.client()
    practice.course(client_id, *USUAL)

    practice.session(client_id, DIP, s1=sharing, r1="yes", r2="worse", w1=WORDS, w1_readers="therapist")

    shown = asked(ana, client_id)
    assert (shown["kept_back"], shown["wish"], shown["episode"], shown["said"]) == (told, None, None, None)
    assert shown["last"]["session_number"] == 4
    assert WORDS not in json.dumps(shown) + json.dumps(asked(ana, client_id, "course"))


def plain_values(told: Any) -> Iterator[Any]:
    """Every word and number in an answer, however deep."""
    if isinstance(told, dict | list):
        for inner in told.values() if isinstance(told, dict) else told:
            yield from plain_values(inner)
    else:
        yield told


def wishes(caller: Caller, client_id: UUID) -> list[tuple[str | None, str, int]]:
    return [(w["text"], w["word"], w["asked_again"]) for w in asked(caller, client_id, "course")["wishes"]]


def test_a_wish_comes_back_until_the_client_says_what_became_of_it(practice: Practice, ana: Caller) -> None:
    client_id = practice.client()
    practice.session(client_id, 80, w1="slower", w1_readers="therapist")
    assert wishes(ana, client_id) == [("slower", "open", 0)]

    practice.session(client_id, 80, w2="not_yet")
    assert wishes(ana, client_id) == [("slower", "not_yet", 1)]
    practice.session(client_id, 80, w2="not_yet")
    assert asked(ana, client_id)["wish"]["asked_again"] == 2
    practice.session(client_id, 80, w2="better", w1="more silence", w1_readers="supervision")

    assert wishes(ana, client_id) == [("slower", "better", 3), ("more silence", "open", 0)]
    told = asked(ana, client_id)
    assert (told["wish"]["text"], told["previous_wish"]["text"], told["previous_wish"]["word"]) == (
        "more silence",
        "slower",
        "better",
    )


def test_a_new_wish_takes_the_place_of_one_that_was_left_open(practice: Practice, ana: Caller) -> None:
    client_id = practice.client()
    practice.session(client_id, 80, w1="slower", w1_readers="therapist")

    practice.session(client_id, 80, w1="a pause", w1_readers="therapist")
    practice.session(client_id, 80, w2="done")

    assert wishes(ana, client_id) == [("slower", "replaced", 0), ("a pause", "done", 1)]
    told = asked(ana, client_id)
    assert (told["wish"], told["previous_wish"]["word"]) == (None, "done")


def test_a_wish_kept_back_is_in_no_history(practice: Practice, ana: Caller) -> None:
    client_id = practice.client()
    practice.session(client_id, 80, w1=WORDS, w1_readers="therapist", s1="not")
    practice.session(client_id, 80)

    assert wishes(ana, client_id) == []


def test_the_lead_learns_that_there_was_a_wish_and_not_its_words(practice: Practice, ana: Caller, lead: Caller) -> None:
    client_id = practice.client()
    practice.session(client_id, 80, w1=WORDS, w1_readers="supervision")

    assert wishes(ana, client_id) == [(WORDS, "open", 0)]
    assert wishes(lead, client_id) == [(None, "open", 0)]
    assert asked(lead, client_id)["wish"]["text"] is None


def test_how_difficulties_have_moved_stands_beside_the_relationship(practice: Practice, ana: Caller) -> None:
    client_id = practice.client(consent=False)
    sessions(practice, client_id, [12, 15, 20])

    assert [line["template"] for line in asked(ana, client_id)["outcome"]] == ["outcome_deteriorated"]


@pytest.mark.parametrize("what", ["preparation", "ending-review", "history"])
def test_a_colleagues_client_does_not_exist(practice: Practice, call: Call, what: str) -> None:
    client_id = practice.client()
    practice.course(client_id, *USUAL)

    assert call("therapist", actor=BEN.id).get(f"/v1/clients/{client_id}/{what}").status_code == 404
    assert call("front_desk").get(f"/v1/clients/{client_id}/{what}").status_code == 403


@pytest.fixture
def handed_over(practice: Practice) -> UUID:
    """A course with Ana in which much was said, and then Ben is the therapist."""
    client_id = practice.client()
    practice.course(client_id, *USUAL)
    appointment = practice.session(client_id, DIP, r1="yes", r2="worse", w1=WORDS, w1_readers="therapist")
    practice.answer(appointment, "therapist", **marks(90, "t_"), t_r1="yes")
    practice.clock.move(days=1)
    practice.allocate(client_id, BEN.id)
    return client_id


def test_a_new_therapist_sees_how_it_went_and_no_words_and_no_impressions(call: Call, handed_over: UUID) -> None:
    ben = call("therapist", actor=BEN.id)

    (earlier,) = asked(ben, handed_over, "history")["items"]

    assert earlier["practitioner_id"] == str(ANA.id)
    assert earlier["ended_at"] is not None
    assert [point["client_total"] for point in earlier["points"]] == [*USUAL, DIP]
    assert [point["state"] for point in earlier["points"]][-1] == "rupture"
    (episode,) = earlier["episodes"]
    assert (episode["state"], episode["close_reason"]) == ("unrepaired", "change_of_therapist")
    for what in ("history", "preparation", "course", "ending-review"):
        assert not {WORDS, "worse", 90} & set(plain_values(asked(ben, handed_over, what)))


def test_with_a_new_therapist_everything_begins_anew_and_the_history_stays(
    practice: Practice, call: Call, handed_over: UUID
) -> None:
    ben = call("therapist", actor=BEN.id)
    appointment = practice.hold(handed_over, BEN.id)
    practice.answer(appointment, **marks(DIP))

    told, course = asked(ben, handed_over), asked(ben, handed_over, "course")

    assert (told["next_session"], told["wish"], told["episode"]) == (2, None, None)
    assert told["reading"]["template"] == "steady_too_early"
    assert (course["earlier_courses"], course["wishes"]) == (1, [])
    assert course["allocated_at"] is not None


def test_the_former_therapists_file_is_closed_at_once(call: Call, handed_over: UUID) -> None:
    for what in ("history", "preparation", "course", "ending-review"):
        assert call("therapist").get(f"/v1/clients/{handed_over}/{what}").status_code == 404


def test_an_ending_review_compares_first_and_last_and_counts_what_became_of_things(
    practice: Practice, ana: Caller
) -> None:
    client_id = practice.client()
    practice.session(client_id, 70, w1="slower", w1_readers="therapist")
    practice.session(client_id, 72, w2="done")
    practice.course(client_id, 70, 72, 40, 72, 38)

    told = asked(ana, client_id, "ending-review")

    assert (told["first"]["client_total"], told["last"]["client_total"], told["sessions"]) == (70, 38, 7)
    assert (told["wishes_met"], told["repaired"], told["stayed_open"], told["open_episode"]) == (1, 1, 0, True)
    assert told["ended_at"] is None


def test_an_ending_review_compares_each_outcome_measure_from_first_to_last(practice: Practice, ana: Caller) -> None:
    client_id = practice.client(consent=False)
    sessions(practice, client_id, [20, None, 9])
    sessions(practice, client_id, [11], measure_id="gad-7")

    told = {line["measure_id"]: line for line in asked(ana, client_id, "ending-review")["outcome"]}

    depression, anxiety = told["phq-9"], told["gad-7"]
    assert (depression["change"]["first"], depression["change"]["last"], depression["name"]) == (20, 9, "PHQ-9")
    assert depression["sentence"]["template"] == "outcome_recovered"
    assert (anxiety["change"], anxiety["sentence"]["template"]) == (None, "outcome_one_score")


def test_one_check_in_has_no_last_one_to_be_compared_with(practice: Practice, ana: Caller) -> None:
    client_id = practice.client()
    practice.course(client_id, 70, None)

    told = asked(ana, client_id, "ending-review")

    assert (told["first"]["client_total"], told["last"]) == (70, None)


def test_after_the_end_the_lead_alone_can_look_back(practice: Practice, ana: Caller, lead: Caller) -> None:
    client_id = practice.client(allocated=False)
    allocation_id = practice.allocate(client_id)
    practice.course(client_id, *USUAL, DIP)
    practice.clock.move(days=1)

    practice.end_therapy(client_id, allocation_id)

    assert ana.get(f"/v1/clients/{client_id}/ending-review").status_code == 404
    told = asked(lead, client_id, "ending-review")
    assert (told["stayed_open"], told["open_episode"], told["outcome"]) == (1, False, [])
    assert told["ended_at"] is not None
