"""Which measures there are, what is known of each, and the words a clinic brings."""

import json
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.clinic.measures.presenters import present_measure, present_registry
from portal.clients.service_client import ServiceRefused, Unavailable, or_unavailable
from portal.kit.forms import Filled
from portal.kit.wording.measures import CONTEXTS
from portal.kit.wording.refusals import away_sentence, refusal_sentence
from portal.request_context import request_context
from portal.security.permissions import PAGES, requires

screen = Blueprint("measures", __name__)
_MOST = 100_000  # letters of a wording; the longest form known has fewer than a tenth of it


@screen.get("/clinic/measures")
@requires(PAGES["clinic"])
def index() -> str:
    """All of them, by what they are about."""
    found = or_unavailable(request_context().measures.measures)
    return render_template(
        "areas/clinic/measures/index.html",
        groups=[] if isinstance(found, Unavailable) else present_registry(found),
        away=away_sentence(found),
    )


@screen.get("/clinic/measures/<measure_id>")
@requires(PAGES["clinic"])
def show(measure_id: str) -> str:
    return _page(measure_id, Filled({"language": "en"}))


@screen.post("/clinic/measures/<measure_id>")
@requires(PAGES["clinic"])
def bring(measure_id: str) -> Response | tuple[str, int]:
    """Import words; the licence is the clinic's to hold, and said so each time."""
    filled = Filled(request.form)
    language = filled.text("language", "Enter the language, for example en", most=16)
    context = filled.choice("context", CONTEXTS, "Choose what you use it for")
    if filled.get("licence_held") != "yes":
        filled.refuse("licence_held", "Confirm that your clinic may use these words")
    words = _words(filled)
    if filled.problems or words is None or not language.replace("-", "").isalnum():
        if not filled.problems:
            filled.refuse("language", "Enter a language such as en or pt-BR")
        return _page(measure_id, filled), 422
    said = {"context": context, "licence_held": True, "commercial_confirmed": filled.get("profit") == "yes"}
    try:
        request_context().measures.import_wording(measure_id, language, words | said)
    except ServiceRefused as refused:
        where = {"language": "language", "context": "context", "commercial_confirmed": "licence_held"}
        for name, message in refused.fields:
            filled.refuse(where.get(name, "words"), message if name in where else f"{name}: {message}")
        if not refused.fields:
            filled.refuse("", refused.detail or refusal_sentence(refused.status))
        return _page(measure_id, filled), refused.status
    return redirect(url_for("measures.show", measure_id=measure_id, done="imported"), 303)


def _words(filled: Filled) -> dict[str, Any] | None:
    text = filled.text("words", "Paste the wording file", most=_MOST)
    if filled.problem("words"):
        return None
    try:
        words = json.loads(text)
    except RecursionError:
        filled.refuse("words", "This is nested too deep for a wording file")
    except json.JSONDecodeError as error:
        filled.refuse("words", f"This is not JSON: see line {error.lineno}, column {error.colno}")
    except ValueError:
        filled.refuse("words", "This holds a number that is too long")
    else:
        if isinstance(words, dict):
            return words
        filled.refuse("words", "This is not a wording file: it begins with a curly bracket")
    return None


def _page(measure_id: str, filled: Filled) -> str:
    return render_template(
        "areas/clinic/measures/show.html",
        measure=present_measure(request_context().measures.measure(measure_id)),
        filled=filled,
        contexts=list(CONTEXTS.items()),
        done="The words are in. Forms show them from now on." if request.args.get("done") == "imported" else "",
    )
