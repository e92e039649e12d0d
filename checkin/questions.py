"""The questions, one a page; every answer is kept by feedback before the next page is shown."""

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from checkin.answers import AnswerMissing, read_answers, read_if_valid
from checkin.feedback_client import AnswersRefused
from checkin.form import Answer, Answers, Form
from checkin.form_flow import (
    Page,
    is_asked,
    page_after,
    page_before,
    page_opened_by,
    page_to_resume,
    pages_of,
)
from checkin.presenters import QuestionPage, packet_words
from checkin.request_context import OpenForm, app_state, form_of_page, is_about_another, open_form, save

questions = Blueprint("questions", __name__)


@questions.get("/form")
def resume() -> AnyResponse:
    """To the question after the last one answered; a form that has to be announced begins with that."""
    opened = open_form()
    if app_state().cookies.help_comes_first(request, risk_answered=opened.current.risk_answered):
        return redirect(url_for("submission.risk_help"), 303)
    is_new = not opened.current.answers
    if is_new and (opened.form.notice or opened.packet.of > 1):
        return redirect(url_for("questions.start"), 303)
    return _to(page_to_resume(pages_of(opened.form), opened.current.answers))


@questions.get("/form/start")
def start() -> AnyResponse:
    """What this form is about, and what happens with an answer that worries people, before it is asked."""
    opened = open_form()
    page = page_to_resume(pages_of(opened.form), {})
    begin = url_for("questions.question", number=page.number) if page else url_for("submission.review")
    words = packet_words(opened.packet)
    return make_response(
        render_template("start.html", form=opened.form, packet=words, begin=begin, lang=opened.form.language)
    )


@questions.get("/form/<int:number>")
def question(number: int) -> AnyResponse:
    opened = open_form()
    page = _page(opened, number)
    if page is None:
        return _to(page_after(pages_of(opened.form), opened.current.answers, number))
    return make_response(_shown(opened, page, opened.current.answers, {}))


@questions.post("/form/<int:number>")
def answer(number: int) -> AnyResponse:
    """Keep the answer and go where the button says: on, back, past this question, or the same page in larger text."""
    if "text_size" in request.form:
        response = _shown_again(number, {})
        app_state().cookies.keep_size(request, response, request.form["text_size"])
        return response
    form = form_of_page()
    page = next((each for each in pages_of(form) if each.number == number), None) if form else None
    if form is None or page is None:
        return redirect(url_for("questions.resume"), 303)
    try:
        given = _given(page)
        current = save(form, given) if given else open_form().current
    except (AnswerMissing, AnswersRefused) as refused:
        return _shown_again(number, refused.problems)
    if current.form is None or current.form.id != form.id:
        return redirect(url_for("questions.resume"), 303)
    response = make_response(_onwards(form, page, current.answers))
    app_state().cookies.keep_way(request, response, request.form.get("way", ""))
    return response


def _page(opened: OpenForm, number: int) -> Page | None:
    pages = pages_of(opened.form)
    return next((p for p in pages if p.number == number and is_asked(p.item, opened.current.answers)), None)


def _given(page: Page) -> Mapping[str, Answer | None] | None:
    """What was answered; None: leave it as it is."""
    if request.form.get("go") == "skip":
        return dict.fromkeys((item.id for item in page.items), None)
    if request.form.get("go") == "back":
        return read_if_valid(page, request.form)
    return read_answers(page, request.form)


def _shown_again(number: int, problems: Mapping[str, str]) -> Response:
    """The same page with what was given there, still unsaved."""
    opened = open_form()
    page = _page(opened, number)
    if page is None or is_about_another(opened):
        return make_response(redirect(url_for("questions.resume"), 303))
    return make_response(_shown(opened, page, request.form, problems), 422 if problems else 200)


def _onwards(form: Form, page: Page, answers: Answers) -> AnyResponse:
    pages = pages_of(form)
    if request.form.get("then") == "review":
        opened_by_it = page_opened_by(pages, answers, page.number)
        if request.form.get("go") == "next" and opened_by_it:
            return redirect(url_for("questions.question", number=opened_by_it.number, then="review"), 303)
        return _to(None)
    if request.form.get("go") == "back":
        return _to(page_before(pages, answers, page.number) or page)
    return _to(page_after(pages, answers, page.number))


def _to(page: Page | None) -> AnyResponse:
    if page is None:
        return redirect(url_for("submission.review"), 303)
    return redirect(url_for("questions.question", number=page.number), 303)


def _shown(opened: OpenForm, page: Page, values: Mapping[str, Answer], problems: Mapping[str, str]) -> str:
    then = request.values.get("then", "")
    view = QuestionPage(
        opened.form,
        page,
        opened.current.answers,
        values,
        problems,
        then_review=then == "review",
        packet=opened.packet,
    )
    return render_template(
        "question.html",
        view=view,
        mark=opened.mark,
        definition=opened.definition,
        lang=opened.form.language,
        way=app_state().cookies.way(request),
    )
