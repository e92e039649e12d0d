"""The last step: everything at a glance, the choice who may see it, and the thank-you."""

from contextlib import suppress

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from checkin.feedback_client import OPEN, AnswersRefused, FeedbackUnavailable
from checkin.kiosk import forget_soon
from checkin.presenters import packet_words, review_lines
from checkin.request_context import NothingOpen, OpenForm, app_state, current_form, is_about_another, open_form, submit

submission = Blueprint("submission", __name__)

# Our own words, where feedback has not told the ones with the clinic's promise in them.
AFTER_RISK = (
    "Thank you for telling us.",
    (
        "You have let us know about thoughts of hurting yourself or of not wanting to live. Many people have such "
        "thoughts when things are very hard, and you do not have to carry them alone. If it feels urgent, please use "
        "these numbers:"
    ),
)


@submission.get("/form/review")
def review() -> AnyResponse:
    """What will be sent, with a way back to each answer."""
    return make_response(_review(open_form(), problem=""))


@submission.post("/form/review")
def send() -> AnyResponse:
    """Send for good; the button that was pressed is the sharing choice."""
    opened = open_form()
    if is_about_another(opened):
        return redirect(url_for("questions.resume"), 303)
    sharing = opened.form.sharing
    chosen = request.form.get(sharing.id, "") if sharing else ""
    if sharing and chosen not in {option.code for option in sharing.options}:
        return make_response(_review(opened, problem="Please choose one of the three answers below."), 422)
    try:
        now = submit(opened.form, {sharing.id: chosen} if sharing else {})
    except AnswersRefused as refused:
        return make_response(_review(opened, problem=" ".join(refused.problems.values())), 422)
    risk_told_now = now.risk_answered and not opened.current.risk_answered
    onwards = (
        "submission.risk_help" if risk_told_now else "questions.resume" if now.state == OPEN else "submission.thanks"
    )
    response = make_response(redirect(url_for(onwards), 303))
    sentence = opened.form.closing.by_sharing.get(chosen, "")
    app_state().cookies.keep_closing(request, response, opened.form.closing.text, sentence)
    if risk_told_now:
        app_state().cookies.keep_risk_help(request, response, read=False)
    return response


@submission.get("/form/help")
def risk_help() -> AnyResponse:
    """Whom to turn to, at once, for someone who told of thoughts of hurting themselves, feedback there or not."""
    if app_state().cookies.handle(request) is None:
        raise NothingOpen
    current = None
    with suppress(FeedbackUnavailable, NothingOpen):
        current = current_form()
    said = current is not None and current.risk_answered
    if not app_state().cookies.help_comes_first(request, risk_answered=said):
        return redirect(url_for("questions.resume"), 303)
    more = current is not None and current.state == OPEN
    return make_response(render_template("risk_help.html", words=app_state().after_risk or AFTER_RISK, more=more))


@submission.post("/form/help")
def risk_help_read() -> AnyResponse:
    """On to the next form, or to the thank-you."""
    response = make_response(redirect(url_for("submission.thanks"), 303))
    app_state().cookies.keep_risk_help(request, response, read=True)
    return response


@submission.get("/form/thanks")
def thanks() -> AnyResponse:
    """Shown once; with it this browser forgets the form."""
    current = current_form()
    if app_state().cookies.help_comes_first(request, risk_answered=current.risk_answered):
        return redirect(url_for("submission.risk_help"), 303)
    if current.state == OPEN:
        return redirect(url_for("questions.resume"), 303)
    thank_you, sentence = app_state().cookies.closing(request)
    response = make_response(render_template("thanks.html", thank_you=thank_you, sentence=sentence))
    app_state().cookies.close(request, response)
    forget_soon(response)
    return response


def _review(opened: OpenForm, *, problem: str) -> str:
    lines = review_lines(opened.form, opened.current.answers)
    return render_template(
        "review.html",
        form=opened.form,
        lines=lines,
        problem=problem,
        mark=opened.mark,
        packet=packet_words(opened.packet),
        more=opened.packet.number < opened.packet.of,
        lang=opened.form.language,
    )
