"""The client's form from the link to the thank-you, against the real feedback service."""

import re

import pytest
from flask import Flask

from tests.cast import ANA, MARA
from tests.checkin.conftest import CLINIC_NAME, Desk, Line, Phone, form_app

NUMBERS = {"b1": "8", "g1": "7", "t1": "9", "e1": "8", "o1": "8"}


def answer_everything(phone: Phone, **said: str) -> None:
    for number, (item, value) in enumerate({**NUMBERS, **said}.items(), start=1):
        if item in NUMBERS:
            phone.answer(number, **{item: value})


def test_looking_at_a_link_uses_nothing_up(desk: Desk, phone: Phone, line: Line) -> None:
    token = desk.link()

    for _ in range(100):
        assert phone.get(f"/f/{token}").status_code == 200
        assert phone.http.head(f"/f/{token}").status_code == 200

    assert line.calls == []
    assert "Question 1 of 7" in phone.begin(token).text


def test_the_welcome_page_says_nothing_about_anybody(desk: Desk, phone: Phone) -> None:
    token = desk.link()

    right, wrong = phone.get(f"/f/{token}").text, phone.get("/f/no-such-link").text

    assert CLINIC_NAME in right
    assert "therap" not in right.lower()
    assert right.replace(token, "") == wrong.replace("no-such-link", "")


def test_the_address_is_clean_after_the_beginning_and_the_cookie_is_hidden_from_scripts(
    desk: Desk, phone: Phone
) -> None:
    token = desk.link()

    begun = phone.post(f"/f/{token}", follow=False)

    assert (begun.status_code, begun.headers["Location"]) == (303, "/form")
    cookie = begun.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert token not in cookie
    assert int(re.findall(r"Max-Age=(\d+)", cookie)[0]) <= 24 * 3600


def test_one_question_a_page_and_the_way_there_and_back(desk: Desk, phone: Phone) -> None:
    first = phone.begin(desk.link()).text
    assert "How was this session for you?" in first
    assert first.count('type="radio"') == 11
    assert "checked" not in first

    second = phone.answer(1, b1="8").text
    assert "Question 2 of 7" in second
    assert "How was this session for you?" not in second

    back = phone.answer(2, go="back").text
    assert re.search(r'value="8" checked', back)


def test_going_back_keeps_what_was_just_chosen(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())
    phone.answer(1, b1="8")

    phone.answer(2, go="back", g1="3")

    assert re.search(r'value="3" checked', phone.get("/form/2").text)


def test_an_answer_is_never_guessed(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())

    for sent in ({}, {"b1": ""}, {"b1": "11"}, {"b1": "-1"}, {"b1": "7.5"}, {"b1": "７"}, {"b1": "08"}, {"b1": "x"}):
        refused = phone.answer(1, **sent)
        assert refused.status_code == 422
        assert "Error: Question 1 of 7" in refused.text
        assert "Choose a number from 0 to 10" in refused.text
    assert "No answer" in phone.get("/form/review").text


def test_every_question_can_be_skipped(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())

    for number in range(1, 7):
        phone.answer(number, go="skip")
    review = phone.answer(8).text

    assert "Your answers" in review
    assert review.count("No answer") == 7
    assert "Thank you" in phone.post("/form/review", s1="not").text


def test_the_question_about_repair_is_asked_only_after_strain(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())
    answer_everything(phone)

    assert "Is there one thing" in phone.answer(6, r1="no").text
    asked = phone.answer(6, r1="a_little").text
    assert "Did the two of you come to talk about it" in asked
    assert "Question 7 of 8" in asked


def test_an_answer_that_no_longer_belongs_is_left_out(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())
    answer_everything(phone)
    phone.answer(6, r1="yes")
    phone.answer(7, r2="worse")

    phone.answer(6, then="review", r1="no")

    review = phone.get("/form/review").text
    assert "it feels worse" not in review
    assert phone.get("/form/7", follow=False).status_code == 303


def test_changing_an_answer_on_the_last_page_leads_back_to_it(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())
    answer_everything(phone)
    assert '/form/1?then=review"' in phone.get("/form/review").text

    changed = phone.answer(1, then="review", b1="2")

    assert "Your answers" in changed.text
    assert "2 of 10" in changed.text


def test_strain_noted_on_the_last_page_asks_what_became_of_it_first(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())
    answer_everything(phone)
    phone.answer(6, r1="no")

    asked = phone.answer(6, then="review", r1="yes")

    assert "Did the two of you come to talk about it" in asked.text
    assert "Your answers" in phone.answer(7, then="review", r2="mentioned").text


def test_words_are_kept_as_written_and_the_narrower_circle_of_readers_is_preselected(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())
    page = phone.get("/form/8").text
    assert re.search(r'name="w1_readers" value="therapist" checked', page)

    wish = "Less homework,\r\nmore <b>time</b> – O'Neil 李 🙂"
    review = phone.answer(8, w1=wish).text

    assert "Less homework,\nmore &lt;b&gt;time&lt;/b&gt; – O&#39;Neil 李 🙂" in review
    assert "May be read by: Only my therapist" in review


def test_a_text_that_is_too_long_is_refused_and_not_lost(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())

    refused = phone.answer(8, w1="ö" * 1001)

    assert refused.status_code == 422
    assert "1 character too long" in refused.text
    assert "ö" * 1001 in refused.text
    assert "Your answers" in phone.answer(8, w1="ö" * 1000).text


def test_a_character_that_cannot_be_kept_is_named_not_crashed_on(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())

    assert phone.answer(8, w1="a\x00b").status_code == 422


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ("now", "Your therapist can see your answers now."),
        ("after", "Your therapist will see your answers after the session."),
        ("not", "Your answers are not shown to your therapist."),
    ],
)
def test_the_button_that_sends_is_the_choice_and_the_closing_says_what_it_means(
    desk: Desk, phone: Phone, choice: str, sentence: str
) -> None:
    phone.begin(desk.link())
    answer_everything(phone)

    sent = phone.post("/form/review", follow=False, s1=choice)
    thanks = phone.get(sent.headers["Location"])

    assert (sent.status_code, thanks.status_code) == (303, 200)
    assert "Thank you." in thanks.text
    assert sentence in thanks.text


def test_nothing_is_sent_without_the_choice(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())
    answer_everything(phone)

    assert phone.post("/form/review").status_code == 422
    assert phone.post("/form/review", s1="everybody").status_code == 422
    assert "Not sent yet" in phone.get("/form/review").text


def test_after_sending_back_and_reload_show_nothing(desk: Desk, phone: Phone) -> None:
    token = desk.link()
    phone.begin(token)
    answer_everything(phone)
    phone.post("/form/review", s1="now")

    for path in ("/form", "/form/1", "/form/review", "/form/thanks"):
        again = phone.get(path)
        assert again.status_code == 410
        assert "already received" in again.text
        assert "8 of 10" not in again.text
    assert "already received" in phone.begin(token).text
    assert [cookie.key for cookie in (phone.http.get_cookie("checkin"),) if cookie] == []


def test_a_second_window_cannot_send_again(desk: Desk, app: Flask) -> None:
    phone = Phone(app)
    phone.begin(desk.link())
    answer_everything(phone)
    other = Phone(app)
    handle = phone.http.get_cookie("checkin")
    assert handle
    other.http.set_cookie("checkin", handle.value)
    phone.post("/form/review", s1="not")

    late = other.post("/form/review", s1="now")

    assert late.status_code == 410
    assert "already received" in late.text


def test_what_was_sent_reaches_the_course(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())
    answer_everything(phone)
    phone.post("/form/review", s1="now")
    desk.clinic.settle()

    course = desk.clinic.api("feedback", ANA, "GET", f"/v1/clients/{desk.client_id}/course")

    assert course["points"][0]["client_total"] == 80.0


def test_whoever_comes_back_goes_on_where_they_were(desk: Desk, phone: Phone) -> None:
    token = desk.link()
    phone.begin(token)
    phone.answer(1, b1="8")
    phone.answer(2, g1="7")

    assert "Question 3 of 7" in phone.get("/form").text
    assert "Question 3 of 7" in phone.begin(token).text  # the same link in the same browser


def test_a_link_that_was_opened_elsewhere_says_so_kindly(desk: Desk, app: Flask) -> None:
    token = desk.link()
    Phone(app).begin(token)

    second = Phone(app).begin(token)

    assert second.status_code == 410
    assert "opened before" in second.text
    assert "ask us for a new link" in second.text


def test_a_new_link_begins_anew_and_ends_nothing_that_was_begun(desk: Desk, app: Flask) -> None:
    first = Phone(app)
    first.begin(desk.link())
    first.answer(1, b1="8")

    second = Phone(app)
    page = second.begin(desk.link())

    assert "Question 1 of 7" in page.text
    assert "Question 2 of 7" in first.get("/form").text


def test_a_link_whose_time_has_run_out_says_so_and_reproaches_nobody(desk: Desk, app: Flask) -> None:
    unopened, phone = desk.link(), Phone(app)
    desk.clinic.clock.move(hours=73)

    over = phone.begin(unopened)

    assert over.status_code == 410
    assert "time for this form is over" in over.text


def test_a_form_that_runs_out_while_it_is_open_says_so(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())
    desk.clinic.clock.move(hours=73)

    assert "time for this form is over" in phone.answer(1, b1="8").text


def test_a_wrong_link_is_a_kind_404(phone: Phone, desk: Desk) -> None:
    for token in ("x" * 22, "x" * 500, "%00", "..%2f"):
        assert phone.post(f"/f/{token}").status_code == 404
    assert "ask us for a new link" in phone.begin("wrong").text


def test_many_guesses_from_one_network_are_paused_and_the_right_link_is_not(desk: Desk, app: Flask) -> None:
    token = desk.link()
    guesser = Phone(app, "198.51.100.9")
    answers = [guesser.begin(f"guess-{n}").status_code for n in range(25)]
    assert answers == [404] * 20 + [429] * 5

    assert Phone(app, "198.51.100.77").begin("guess").status_code == 429  # the same network
    assert Phone(app, "203.0.113.50").begin("guess").status_code == 404
    assert "Question 1" in Phone(app, "198.51.100.9").begin(token).text, "a right link opens whatever was guessed"


def test_while_feedback_is_away_nothing_is_lost(desk: Desk, phone: Phone, line: Line) -> None:
    phone.begin(desk.link())
    phone.answer(1, b1="8")
    line.cut = True

    away = phone.answer(2, g1="7")

    assert away.status_code == 503
    assert "Retry-After" in away.headers
    assert "Your answers so far are kept" in away.text
    carried = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', away.text))
    assert carried["g1"] == "7"

    line.cut = False
    carried.pop("back", None)
    assert "Question 3 of 7" in phone.post("/form/2", **carried).text
    assert re.search(r'value="7" checked', phone.get("/form/2").text)


def test_while_feedback_is_away_a_link_is_not_used_up(desk: Desk, phone: Phone, line: Line) -> None:
    token = desk.link()
    line.cut = True
    assert phone.begin(token).status_code == 503

    line.cut = False
    assert "Question 1" in phone.begin(token).text


def test_crisis_help_is_on_every_page_also_when_nothing_works(desk: Desk, phone: Phone, line: Line) -> None:
    first = phone.begin(desk.link())
    pages = [first, phone.get("/form/6"), phone.get("/form/8"), phone.get("/form/review")]
    line.cut = True
    pages += [phone.get("/form/1"), phone.get("/f/anything"), phone.get("/nowhere"), phone.get("/")]
    line.cut = False
    pages += [phone.post("/form/review", s1="not"), phone.get("/form")]

    for page in pages:
        assert "Need help now?" in page.text
        assert "000 (a made-up number)" in page.text
        assert "01632 960 001" in page.text


def test_no_page_knows_a_name(desk: Desk, phone: Phone) -> None:
    pages = [phone.begin(desk.link()).text, phone.get("/form/review").text, phone.post("/form/review", s1="now").text]

    for page in pages:
        for name in (MARA["given_name"], MARA["family_name"], ANA.display_name, "K-1"):
            assert name not in page


@pytest.mark.parametrize("path", ["/", "/f/x", "/form", "/form/1", "/form/thanks", "/nowhere"])
def test_headers_keep_pages_to_themselves(phone: Phone, desk: Desk, path: str) -> None:
    headers = phone.get(path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]


def test_pages_hold_no_inline_style_or_script(desk: Desk, phone: Phone) -> None:
    pages = [phone.begin(desk.link()).text, phone.get("/form/6").text, phone.get("/form/8").text]
    pages += [phone.get("/form/review").text, phone.get("/f/x").text]

    for page in pages:
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*src=)", page)
        assert page.count("<h1") == 1
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids))


def test_another_site_cannot_answer_for_somebody(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())

    foreign = phone.http.post("/form/1", data={"b1": "0", "go": "next"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert foreign.status_code == 403
    assert "checked" not in phone.get("/form/1").text


def test_larger_text_keeps_the_answer_that_was_being_given(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())

    page = phone.post("/form/1", b1="6", text_size="large")

    assert re.search(r'value="6" checked', page.text)
    assert 'class="text-large"' in phone.get("/form/2").text
    assert phone.post("/text-size", follow=False, text_size="largest", back="/f/abc").headers["Location"] == "/f/abc"


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\nb"])
def test_the_text_size_switch_leads_nowhere_else(phone: Phone, desk: Desk, back: str) -> None:
    assert phone.post("/text-size", follow=False, text_size="large", back=back).headers["Location"] == "/"


def test_mounted_below_a_path_everything_stays_below_it(desk: Desk, line: Line) -> None:
    phone = Phone(form_app(desk.clinic, line, url_prefix="/check-in"))

    begun = phone.post(f"/check-in/f/{desk.link()}", follow=False)

    assert begun.headers["Location"] == "/check-in/form"
    assert "Path=/check-in/" in begun.headers["Set-Cookie"]
    page = phone.get("/check-in/form").text
    assert all(link.startswith("/check-in/") for link in re.findall(r'(?:href|src|action)="(/[^"]*)"', page))
    assert phone.get("/form").status_code == 404


def test_the_form_as_the_house_mounts_it_works_too(desk: Desk) -> None:
    phone = Phone(desk.clinic.house.wsgi)  # type: ignore[arg-type]

    page = phone.post(f"/check-in/f/{desk.link()}")

    assert "Question 1 of 7" in page.text


def test_only_three_routes_of_feedback_are_ever_used(desk: Desk, phone: Phone, line: Line) -> None:
    phone.begin(desk.link())
    answer_everything(phone)
    phone.post("/form/review", s1="after")

    assert set(line.calls) == {"POST /v1/forms/exchange", "GET /v1/forms/current", "PUT /v1/forms/current"}


def test_a_body_that_is_too_large_is_refused(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())

    assert phone.answer(8, w1="x" * 100_000).status_code == 413


def test_no_token_and_no_answer_is_written_to_the_logs(
    desk: Desk, phone: Phone, line: Line, capsys: pytest.CaptureFixture[str]
) -> None:
    token = desk.link()
    phone.begin(token)
    phone.answer(8, w1="Canarywish")
    line.cut = True
    phone.answer(8, w1="Canarywish")

    told = "".join(capsys.readouterr())
    assert "feedback_unavailable" in told
    assert token not in told
    assert "Canarywish" not in told
