"""The last step: everything at a glance, the choice who may see it, and the thank-you."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from checkin.gateway import OPEN, AnswersRefused, LinkOver, LinkUnknown
from checkin.presenters import review_lines
from checkin.questions import keep
from checkin.visit import NothingOpen, Open, desk, open_form, remember_help

sending = Blueprint("sending", __name__)


@sending.get("/form/review")
def review() -> AnyResponse:
    """What will be sent, with a way back to each answer."""
    return make_response(_review(open_form(), problem=""))


@sending.post("/form/review")
def send() -> AnyResponse:
    """Send for good; the button that was pressed is the sharing choice."""
    opened = open_form()
    answers = dict(opened.current.answers)
    sharing = opened.form.sharing
    chosen = request.form.get(sharing.id, "") if sharing else ""
    if sharing:
        if chosen not in {option.code for option in sharing.options}:
            return make_response(_review(opened, problem="Please choose one of the three answers below."), 422)
        answers[sharing.id] = chosen
    try:
        keep(opened.handle, answers, submit=True)
    except AnswersRefused as refused:
        return make_response(_review(opened, problem=" ".join(refused.problems.values())), 422)
    response = make_response(redirect(url_for("sending.thanks"), 303))
    sentence = opened.form.closing_by_sharing.get(chosen, "")
    desk().keeping.keep_closing(request, response, opened.form.closing, sentence)
    return response


@sending.get("/form/thanks")
def thanks() -> AnyResponse:
    """Shown once; with it this browser forgets the form."""
    handle = desk().keeping.handle(request)
    if handle is None:
        raise NothingOpen
    try:
        current = desk().gateway.current(handle)
    except (LinkOver, LinkUnknown) as over:
        raise NothingOpen from over
    remember_help(current)
    if current.state == OPEN:
        return redirect(url_for("questions.resume"), 303)
    thank_you, sentence = desk().keeping.closing(request)
    response = make_response(render_template("thanks.html", thank_you=thank_you, sentence=sentence))
    desk().keeping.close(request, response)
    return response


def _review(opened: Open, *, problem: str) -> str:
    lines = review_lines(opened.form, opened.current.answers)
    return render_template("review.html", form=opened.form, lines=lines, problem=problem, lang=opened.form.language)
