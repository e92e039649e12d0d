"""What each page asks of a browser, and that it asks."""

import re

import pytest
from flask import Flask

from checkin.access import PAGES, Asks, PageWithoutAccess, check_routes
from tests.checkin.conftest import Phone


def test_a_page_that_says_nothing_of_who_may_have_it_stops_the_start() -> None:
    app = Flask("x", static_folder=None)
    app.add_url_rule("/everything", "everything", lambda: "open")

    with pytest.raises(PageWithoutAccess, match="/everything"):
        check_routes(app)


def test_a_browser_without_what_a_page_asks_for_is_shown_no_form(phone: Phone) -> None:
    app, asked = phone.app, 0
    for rule in app.url_map.iter_rules():
        if PAGES[rule.endpoint] is Asks.NOTHING:
            continue
        path = re.sub(r"<int:[^>]*>", "1", re.sub(r"<token>", "n0-such-link-anywhere", rule.rule))
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            page = phone.get(path) if method == "GET" else phone.post(path)

            refused = page.status_code in (403, 404, 410)
            assert refused or all("Max-Age=0" in cookie for cookie in page.headers.getlist("Set-Cookie")), (
                method,
                path,
                page.status_code,
            )
            asked += 1
    assert asked >= 8
