"""Every door has its lock: roles, forged requests, headers, and nothing shown while services are away."""

import re
from pathlib import Path

import pytest
from flask import Flask

from portal.navigation import AREAS, LEFT_OUT
from portal.security.headers import CONTENT_SECURITY_POLICY
from portal.security.permissions import (
    ANY_STAFF,
    EVERYONE,
    PAGES,
    RouteWithoutPermission,
    check_routes,
    rule_of,
)
from shared.contracts.access import ROLES
from shared.database import Database
from tests.cast import ANA, CHRIS, DANA, EVERYBODY, LEAD, OLU, PASSWORD, Staff
from tests.portal.browser import Browser, SetClock
from tests.portal.conftest import portal_over

SOMEBODY = "0197f6a0-0000-7000-8000-0000000000ff"
TEMPLATES = Path(__file__).parents[2] / "portal"
# Pages that a person can open without knowing an id, with the area whose roles open them.
OPEN_PAGES = {
    "/today": "today",
    "/people": "people",
    "/caseload": "caseload",
    "/reach-out": "reach_out",
    "/supervision": "supervision",
    "/clinic/supervision": "clinic",
    "/clinic/figures": "clinic",
    "/clinic/measures": "clinic",
    "/referrals": "referrals",
    "/referrals/new": "referrals",
    "/clinic": "clinic",
    "/staff": "staff",
    "/staff/new": "staff",
    "/events": "events",
}
FREE = {"/sign-in", "/passkey", "/passkey/options", "/set-up", "/livez", "/readyz", "/assets/<stamp>/<name>"}


def test_every_route_asks_who_is_there_but_the_few_that_are_free_by_name(lonely: Flask) -> None:
    free = {r.rule for r in lonely.url_map.iter_rules() if rule_of(lonely, r.endpoint) is EVERYONE}

    assert free == FREE


def test_a_page_under_no_rule_stops_the_start(lonely: Flask) -> None:
    lonely.view_functions["today.show"] = lambda: "open to all"

    with pytest.raises(RouteWithoutPermission, match="/today"):
        check_routes(lonely)


def test_nobody_sees_a_page_without_signing_in(lonely: Flask) -> None:
    browser = Browser(lonely)
    for rule in lonely.url_map.iter_rules():
        if rule.rule in FREE or "GET" not in (rule.methods or ()):
            continue
        page = browser.fetch(re.sub(r"<[^>]*>", SOMEBODY, rule.rule))

        assert page.status == 303, rule.rule
        assert page.location.startswith("/sign-in")


@pytest.mark.parametrize("one", EVERYBODY, ids=lambda one: one.username)
def test_pages_open_to_their_roles_and_to_no_others(lonely: Flask, one: Staff) -> None:
    browser = Browser(lonely)
    browser.sign_in(one)

    for path, area in OPEN_PAGES.items():
        page = browser.get(path)
        opens = PAGES[area].is_for(one.roles)
        assert (page.status == 403) is not opens, path


def test_every_post_without_the_forms_token_is_refused(lonely: Flask) -> None:
    browser = Browser(lonely)
    browser.sign_in(CHRIS)
    for rule in lonely.url_map.iter_rules():
        if "POST" not in (rule.methods or ()):
            continue
        path = re.sub(r"<[^>]*>", SOMEBODY, rule.rule)
        answer = browser.http.post(path, data={"form_token": "0" * 64}, headers={"Origin": "http://localhost"})

        assert answer.status_code == 403, rule.rule


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-site", "Origin": "null"},
    ],
)
def test_a_form_sent_from_another_site_is_refused_even_with_a_token(lonely: Flask, headers: dict[str, str]) -> None:
    browser = Browser(lonely)
    form = browser.sign_in(DANA).form("/sign-out")

    answer = browser.http.post(form.action, data=form.fields, headers=headers)

    assert answer.status_code == 403
    assert browser.fetch("/today").status == 200


def test_the_form_token_of_one_sign_in_is_worth_nothing_in_another(lonely: Flask) -> None:
    dana, chris = Browser(lonely), Browser(lonely)
    stolen = dana.sign_in(DANA).form("/sign-out").fields["form_token"]
    chris.sign_in(CHRIS)

    answer = chris.http.post("/sign-out", data={"form_token": stolen}, headers={"Origin": "http://localhost"})

    assert answer.status_code == 403


def test_every_answer_carries_the_headers_that_keep_it_in(lonely: Flask) -> None:
    browser = Browser(lonely)
    browser.sign_in(CHRIS)
    for path in [*OPEN_PAGES, "/sign-in", "/nowhere", f"/people/{SOMEBODY}", "/livez"]:
        headers = browser.fetch(path).response.headers

        assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY, path
        assert headers["Cache-Control"] == "no-store", path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "no-referrer", path


def test_behind_tls_cookies_belong_to_this_host_alone(staffed: Database, clock: SetClock) -> None:
    app = portal_over(staffed, clock)
    parts = app.extensions["portal_dependencies"]
    assert not parts.secure_cookies
    from dataclasses import replace

    from portal.app import create_portal

    browser = Browser(create_portal(replace(parts, secure_cookies=True)), "https://localhost")
    form = browser.get("/sign-in").form("/sign-in")

    answer = browser.send(form, {"username": "dana", "password": PASSWORD}, follow=False).response

    cookies = {c.split("=", 1)[0]: c for c in answer.headers.getlist("Set-Cookie")}
    assert {"__Host-sid", "__Host-device"} <= set(cookies)
    for name in ("__Host-sid", "__Host-device"):
        assert all(word in cookies[name] for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
        assert "Domain" not in cookies[name]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("one", [ANA, CHRIS, DANA, LEAD], ids=lambda one: one.username)
def test_today_says_which_service_is_away_and_stands(lonely: Flask, one: Staff) -> None:
    browser = Browser(lonely)
    browser.sign_in(one)

    page = browser.get("/today")

    assert page.status == 200
    assert "does not answer right now" in page.text


def test_one_persons_page_stands_with_everything_away(lonely: Flask) -> None:
    browser = Browser(lonely)
    browser.sign_in(ANA)

    page = browser.get(f"/people/{SOMEBODY}")

    assert page.status == 200
    assert page.text.count("does not answer right now") >= 3


def test_an_operator_sees_nobody(lonely: Flask) -> None:
    browser = Browser(lonely)

    page = browser.sign_in(OLU)

    assert page.headings == ["Events"]
    assert browser.get(f"/people/{SOMEBODY}").status == 403


def test_the_error_page_of_a_failure_names_a_trace_and_nothing_else(lonely: Flask) -> None:
    def fails() -> str:
        raise ValueError("Mara Lindholmcanary")

    lonely.view_functions["events.catalogue"] = fails
    fails.rule = ANY_STAFF  # type: ignore[attr-defined]
    browser = Browser(lonely)
    browser.sign_in(CHRIS)

    page = browser.get("/events")

    assert page.status == 500
    assert "canary" not in page.text
    assert page.response.headers["X-Request-Id"] in page.text


def test_every_screen_is_in_the_navigation_or_left_out_with_a_reason(lonely: Flask) -> None:
    shown = set().union(*(screens for _, _, screens in AREAS.values()))

    assert shown | set(LEFT_OUT) == set(lonely.blueprints)
    assert not shown & set(LEFT_OUT)


def test_every_role_opens_at_least_one_page() -> None:
    assert all(any(rule.is_for([role]) for rule in PAGES.values()) for role in ROLES)


def test_templates_hold_no_inline_style_or_script() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:|hx-on|\|\s*safe", text), path
        assert "<script" not in text or path.name == "base.html", path


def test_no_template_is_unused() -> None:
    texts = "\n".join(p.read_text() for p in TEMPLATES.rglob("*.html"))
    texts += "\n".join(p.read_text() for p in TEMPLATES.rglob("*.py"))
    for path in TEMPLATES.rglob("*.html"):
        assert f'"{path.relative_to(TEMPLATES)}"' in texts, path


def test_assets_are_kept_by_their_hash(lonely: Flask) -> None:
    browser = Browser(lonely)
    page = browser.get("/sign-in")
    address = re.search(r'href="(/assets/[^"]*portal.css)"', page.text)
    assert address

    css = browser.fetch(address[1])

    assert "immutable" in css.response.headers["Cache-Control"]
    assert css.text.index("@layer reset, tokens") < css.text.index("@layer components")
    assert browser.fetch("/assets/000000000000/portal.css").status == 404
