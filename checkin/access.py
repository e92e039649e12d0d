"""What each page asks of the browser that wants it. A page that stands in no line stops the app from starting."""

from enum import StrEnum

from flask import Flask


class Asks(StrEnum):
    """What a browser must have."""

    NOTHING = "nothing"  # says nothing of anybody
    A_LINK = "a link or an invitation"  # in the address, checked by feedback before anything is shown
    AN_OPEN_FORM = "an open form"  # the cookie that a link or a code was exchanged for
    A_TABLET = "an enrolled tablet"  # of the clinic


PAGES = {
    "static": Asks.NOTHING,
    "livez": Asks.NOTHING,
    "readyz": Asks.NOTHING,
    "links.home": Asks.NOTHING,
    "links.text_size": Asks.NOTHING,
    "links.welcome": Asks.NOTHING,
    "links.begin": Asks.A_LINK,
    "questions.resume": Asks.AN_OPEN_FORM,
    "questions.start": Asks.AN_OPEN_FORM,
    "questions.question": Asks.AN_OPEN_FORM,
    "questions.answer": Asks.AN_OPEN_FORM,
    "submission.review": Asks.AN_OPEN_FORM,
    "submission.send": Asks.AN_OPEN_FORM,
    "submission.risk_help": Asks.AN_OPEN_FORM,
    "submission.risk_help_read": Asks.NOTHING,
    "submission.thanks": Asks.AN_OPEN_FORM,
    "kiosk.code": Asks.A_TABLET,
    "kiosk.open_by_code": Asks.A_TABLET,
    "kiosk.forget": Asks.NOTHING,
    "kiosk.enrol_page": Asks.NOTHING,
    "kiosk.enrol": Asks.A_LINK,
}


class PageWithoutAccess(Exception):
    """A page does not say what it asks of a browser; the message names it."""


def check_routes(app: Flask) -> None:
    """Refuse to start with a page that stands in no line; raises PageWithoutAccess."""
    undeclared = sorted(rule.rule for rule in app.url_map.iter_rules() if rule.endpoint not in PAGES)
    if undeclared:
        raise PageWithoutAccess(f"nothing says who may have {', '.join(undeclared)}")
