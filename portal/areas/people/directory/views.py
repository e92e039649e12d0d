"""Everybody, page by page; and finding one by a word of the name, the code or the phone number."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.people.directory.presenters import STATES, present_clients, present_found
from portal.clients.intake import Name
from portal.clients.scheduling import Neighbours
from portal.clients.service_client import ServiceRefused, Unavailable, optional
from portal.kit.forms import Filled
from portal.kit.wording.refusals import refusal_sentence, unavailable_sentence
from portal.request_context import RequestContext, request_context
from portal.security.permissions import PAGES, requires
from portal.security.sign_ins import keep_search, last_search
from shared.contracts import access

screen = Blueprint("people", __name__)
_LEAST_TYPED, _MOST_TYPED = 2, 100


@screen.get("/people")
@requires(PAGES["people"])
def index() -> str:
    """One page of the list; the filter and the cursor stand in the address, a name never does."""
    current = request_context()
    state = request.args.get("state", "in_therapy")
    if state not in STATES:
        state = ""
    # A therapist's scope opens their own clients, and on a deputy's days those of whom they stand in for.
    page = current.intake.clients(state=state or None, cursor=request.args.get("cursor") or None)
    ids = [row.client_id for row in page.items]
    asked_neighbours = current.begin(lambda: _neighbours(current, ids))
    names = current.names_of(ids)
    neighbours, away = asked_neighbours.result()
    people = present_clients(
        page.items,
        names,
        staff=current.staff_names(row.practitioner_id for row in page.items),
        neighbours=neighbours,
        now=current.now,
        zone=current.zone,
    )
    return render_template(
        "areas/people/directory/index.html",
        people=people,
        tabs=[(words, url_for("people.index", state=code), code == state, None) for code, words in STATES.items()],
        next_page=url_for("people.index", state=state, cursor=page.next) if page.next else None,
        is_later=bool(request.args.get("cursor")),
        away=away,
        done="Therapy is ended." if request.args.get("done") == "ended" else "",
        is_search=False,
        filled=Filled(),
        may_refer=current.may(access.AT_THE_DESK),
        may_open=current.may(access.OPENING_IN_AN_EMERGENCY),
        may_see_deputies=current.may(access.DEPUTIES),
        only_mine=not current.may(access.WHOLE_HOUSE),
    )


@screen.post("/people/search")
@requires(PAGES["people"])
def search() -> Response | tuple[str, int]:
    """The words travel in the body and are kept sealed: an address is kept in histories and logs."""
    current = request_context()
    filled = Filled(request.form)
    text = filled.get("text")
    if not _LEAST_TYPED <= len(text) <= _MOST_TYPED:
        filled.refuse("text", "Type at least two letters of a name, a code such as K-1042, or a phone number")
        return _found(current, filled, []), 422
    with current.transaction() as tx:
        keep_search(tx, current.arriving, text)
    return redirect(url_for("people.found"), 303)


@screen.get("/people/found")
@requires(PAGES["people"])
def found() -> str | Response | tuple[str, int]:
    """What the last search of this sign-in finds now; Back leads here again."""
    current = request_context()
    with current.transaction() as tx:
        text = last_search(tx, current.arriving)
    if not text:
        return redirect(url_for("people.index"), 303)
    filled = Filled({"text": text})
    try:
        people = current.intake.search(text)
    except ServiceRefused as refused:
        filled.refuse("text", refusal_sentence(refused.status, refused.detail))
        return _found(current, filled, []), refused.status
    return _found(current, filled, people)


def _found(current: RequestContext, filled: Filled, people: Sequence[Name]) -> str:
    neighbours, away = _neighbours(current, [name.client_id for name in people])
    current.shows((name.client_id for name in people), "name")
    return render_template(
        "areas/people/directory/index.html",
        people=present_found(people, neighbours, current.today),
        tabs=[],
        next_page=None,
        is_later=False,
        away=away,
        done="",
        is_search=True,
        filled=filled,
        may_refer=current.may(access.AT_THE_DESK),
        may_open=current.may(access.OPENING_IN_AN_EMERGENCY),
        may_see_deputies=current.may(access.DEPUTIES),
        only_mine=not current.may(access.WHOLE_HOUSE),
    )


def _neighbours(current: RequestContext, ids: list[UUID]) -> tuple[dict[UUID, Neighbours], str | None]:
    answer = optional(lambda: current.scheduling.neighbours(ids))
    if isinstance(answer, Unavailable):
        return {}, unavailable_sentence(answer.service)
    return answer or {}, None
