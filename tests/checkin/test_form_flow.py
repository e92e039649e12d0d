"""The order of questions, the brake on guessing, and reading what feedback says; no network needed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from checkin.answers import AnswerMissing, read_answers
from checkin.feedback_client import (
    AnswersRefused,
    FeedbackClient,
    FeedbackUnavailable,
    LinkOver,
    LinkUnknown,
    ResponseUnreadable,
)
from checkin.form import Closing, Form, Item, Option, ShownWhen
from checkin.form_flow import asked, page_after, page_before, page_to_resume, pages_of
from checkin.limiter import GUESSES, MOST_NEIGHBOURHOODS, PAUSE, GuessLimiter

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STRAIN = Item("r1", "Strain?", "choice", options=(Option("no", "No"), Option("yes", "Yes")))
REPAIR = Item("r2", "And now?", "choice", options=(Option("better", "Better"),), shown_when=ShownWhen("r1", ("yes",)))
WISH = Item("w1", "A wish?", "text", max_length=10)
READERS = Item(
    "w1_readers", "Who?", "choice", options=(Option("a", "A"), Option("b", "B")), shown_when=ShownWhen("w1", ())
)
SHARING = Item("s1", "When?", "choice", options=(Option("now", "Now"), Option("not", "Not")))
CLOSING = Closing("Thank you.", {"now": "Now.", "not": "Not."})
FORM = Form("m", "T", "I", (STRAIN, REPAIR, WISH, READERS, SHARING), CLOSING)
PAGES = pages_of(FORM)
ITEM = {"id": "a", "text": "Tired?", "kind": "text"}


def test_the_last_step_is_the_sharing_choice_and_readers_are_asked_beside_the_text() -> None:
    assert [page.item.id for page in PAGES] == ["r1", "r2", "w1"]
    assert PAGES[2].readers is READERS
    assert FORM.sharing is SHARING


def test_a_form_without_a_sharing_choice_has_none() -> None:
    assert Form("m", "T", "I", (STRAIN,)).sharing is None


def test_the_way_follows_the_answers() -> None:
    assert [page.number for page in asked(PAGES, {})] == [1, 3]
    assert [page.number for page in asked(PAGES, {"r1": "yes"})] == [1, 2, 3]
    assert page_after(PAGES, {"r1": "no"}, 1) is PAGES[2]
    assert page_before(PAGES, {"r1": "no"}, 3) is PAGES[0]
    assert page_before(PAGES, {}, 1) is None
    assert page_after(PAGES, {}, 3) is None
    assert page_to_resume(PAGES, {}) is PAGES[0]
    assert page_to_resume(PAGES, {"r1": "yes"}) is PAGES[1]
    assert page_to_resume(PAGES, {"w1": "x"}) is None


def test_without_a_text_nobody_reads_it() -> None:
    assert read_answers(PAGES[2], {"w1": "  ", "w1_readers": "b"}) == {"w1": None, "w1_readers": None}
    assert read_answers(PAGES[2], {"w1": "words", "w1_readers": "b"}) == {"w1": "words", "w1_readers": "b"}
    with pytest.raises(AnswerMissing):
        read_answers(PAGES[2], {"w1": "words", "w1_readers": "everyone"})


def test_guessing_is_paused_by_network_and_the_pause_ends() -> None:
    limiter = GuessLimiter()
    for n in range(GUESSES):
        assert not limiter.is_paused("192.0.2.1", NOW)
        limiter.wrong_guess(f"192.0.2.{n}", NOW)

    assert limiter.is_paused("192.0.2.200", NOW)
    assert not limiter.is_paused("192.0.3.1", NOW)
    assert not limiter.is_paused("192.0.2.1", NOW + PAUSE)
    limiter.wrong_guess("192.0.2.1", NOW + PAUSE)
    assert not limiter.is_paused("192.0.2.1", NOW + PAUSE + timedelta(seconds=1))


def test_a_flood_of_addresses_does_not_fill_the_memory() -> None:
    limiter = GuessLimiter()
    for n in range(MOST_NEIGHBOURHOODS + 500):
        limiter.wrong_guess(f"10.{n // 256 % 256}.{n % 256}.1", NOW)

    assert len(limiter._wrong) == MOST_NEIGHBOURHOODS


class Signer:
    """A key is not the matter here."""

    def token(self, **claims: object) -> str:
        return "token"


def client_answering(answer: httpx.Response | Exception) -> FeedbackClient:
    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return FeedbackClient("http://feedback", Signer(), lambda: NOW, httpx.MockTransport(handle))


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (httpx.Response(401), FeedbackUnavailable),  # our own key is not accepted: never the client's fault
        (httpx.Response(403), FeedbackUnavailable),
        (httpx.Response(404), LinkUnknown),
        (httpx.Response(410, json={"type": "https://rapport.example/problems/link-used"}), LinkOver),
        (httpx.Response(422, json={"errors": [{"field": "answers.w1", "message": "Too long."}]}), AnswersRefused),
        (httpx.Response(500), FeedbackUnavailable),
        (httpx.Response(503), FeedbackUnavailable),
        (httpx.Response(200, text="<html>"), ResponseUnreadable),
        (httpx.Response(200, json=[]), ResponseUnreadable),
        (httpx.ReadTimeout("slow"), FeedbackUnavailable),
        (httpx.RemoteProtocolError("cut"), FeedbackUnavailable),
    ],
)
def test_what_feedback_says_means_one_thing(answer: httpx.Response | Exception, meaning: type[Exception]) -> None:
    with pytest.raises(meaning):
        client_answering(answer).current("handle")


@pytest.mark.parametrize(
    ("kind", "state"),
    [("already-received", "submitted"), ("form-over", "expired"), ("link-used", "used"), ("", "used")],
)
def test_what_became_of_a_link_is_told_apart(kind: str, state: str) -> None:
    with pytest.raises(LinkOver) as over:
        client_answering(httpx.Response(410, json={"type": f"https://rapport.example/problems/{kind}"})).exchange(
            "token"
        )

    assert over.value.state == state


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"state": "open", "form": {"title": "T"}},
        {"state": "open", "form": {"id": "m", "title": "T", "intro": "I", "items": [{**ITEM, "kind": "drawing"}]}},
        {"state": "open", "answers": 3},
        {"state": "open", "answers": {"a": True}},
    ],
)
def test_an_answer_in_another_shape_is_not_half_read(data: Any) -> None:
    with pytest.raises(ResponseUnreadable):
        client_answering(httpx.Response(200, json=data)).current("handle")
