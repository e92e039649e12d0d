"""The form on a phone and on a desk, with scripts and without, in the distribution's Chromium."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, ViewportSize, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.checkin.conftest import Desk, Line

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parents[1] / "journeys/vendor/axe-core-4.14.1/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
LARGEST = ViewportSize(width=320, height=640)  # 1280 at 400 %
# A refusal writes its own line to the console; everything else there is a mistake of ours.
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (4\d\d|503)")


class Quiet(WSGIRequestHandler):
    """No line per request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Nothing."""


@pytest.fixture(scope="module")
def chromium(in_ci: bool) -> Iterator[Browser]:
    if not CHROMIUM.exists() and not in_ci:
        pytest.skip("needs the distribution's Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)


@contextmanager
def opened(browser: Browser, size: ViewportSize, *, scripts: bool) -> Iterator[Page]:
    """A page whose every complaint fails the test, and which leaves nothing in the browser's stores."""
    context = browser.new_context(viewport=size, java_script_enabled=scripts, has_touch=size is PHONE)
    page = context.new_page()
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not EXPECTED.match(message.text):
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose(page: Page, number: int) -> None:
    page.locator("label.point", has=page.locator(f'input[value="{number}"]')).click()


def nothing_overflows(page: Page) -> None:
    """No sideways scrolling; only where scripts can measure it."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


def the_page_is_accessible(page: Page) -> None:
    """By axe-core's rules, as far as a machine can tell."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []


def targets_are_large(page: Page) -> None:
    """Whatever is pressed or chosen measures at least 44 by 44 px (clients; WCAG 2.5.5)."""
    for one in page.locator("button:not([aria-hidden]), summary, label.point, label.option, .change a").all():
        box = one.bounding_box()
        if box:
            assert box["height"] >= 43.5, one.inner_text()
            assert box["width"] >= 43.5, one.inner_text()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_client_fills_in_the_form_without_scripts(
    desk: Desk, address: str, chromium: Browser, size: ViewportSize
) -> None:
    with opened(chromium, size, scripts=False) as page:
        page.goto(f"{address}/f/{desk.link()}")
        press(page, "Begin")
        for number in (8, 7, 9, 8, 10):
            targets_are_large(page)
            choose(page, number)
            press(page, "Next")
        page.get_by_text("A little", exact=True).click()
        press(page, "Next")
        page.get_by_text("We mentioned it").click()
        press(page, "Next")
        page.get_by_role("textbox").fill("More time at the end.")
        press(page, "Next")

        expect(page.get_by_role("heading", level=1)).to_have_text("Your answers")
        expect(page.get_by_text("More time at the end.")).to_be_visible()
        targets_are_large(page)
        press(page, "After I have left")

        expect(page.get_by_text("Your therapist will see your answers after the session.")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Nothing is open here")
        expect(page.get_by_text("More time at the end.")).to_have_count(0)


def test_the_line_begins_without_a_mark_and_a_skipped_question_stays_unanswered(
    desk: Desk, address: str, chromium: Browser
) -> None:
    with opened(chromium, PHONE, scripts=True) as page:
        page.goto(f"{address}/f/{desk.link()}")
        press(page, "Begin")
        line = page.get_by_role("slider")

        expect(line).to_have_attribute("aria-valuetext", "no answer yet")
        assert line.evaluate("line => getComputedStyle(line).appearance") == "none"
        press(page, "Next")
        expect(page.get_by_role("alert")).to_contain_text("Choose a number")
        press(page, "I’d rather not answer")

        page.goto(f"{address}/form/review")
        expect(page.locator(".given").first).to_have_text("No answer")


def tap(line: Locator, part: float) -> None:
    box = line.bounding_box()
    assert box
    line.page.touchscreen.tap(box["x"] + box["width"] * part, box["y"] + box["height"] / 2)


def test_one_tap_on_the_line_is_an_answer_also_exactly_in_the_middle(
    desk: Desk, address: str, chromium: Browser
) -> None:
    with opened(chromium, PHONE, scripts=True) as page:
        page.goto(f"{address}/f/{desk.link()}")
        press(page, "Begin")
        nothing_overflows(page)
        tap(page.get_by_role("slider"), 0.5)
        expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", "5 of 10, from not at all to completely")
        press(page, "Next")
        tap(page.get_by_role("slider"), 0.97)
        press(page, "Next")

        page.goto(f"{address}/form/review")
        expect(page.locator(".given").nth(0)).to_have_text("5 of 10")
        expect(page.locator(".given").nth(1)).to_have_text("10 of 10")


def test_the_line_answers_to_keys_and_the_buttons_are_one_tap_away(desk: Desk, address: str, chromium: Browser) -> None:
    with opened(chromium, DESK, scripts=True) as page:
        page.goto(f"{address}/f/{desk.link()}")
        press(page, "Begin")
        line = page.get_by_role("slider")
        line.focus()
        page.keyboard.press("Space")
        expect(line).to_have_attribute("aria-valuetext", "5 of 10, from not at all to completely")
        page.keyboard.press("ArrowRight")
        expect(line).to_have_attribute("aria-valuetext", "6 of 10, from not at all to completely")

        press(page, "Use buttons instead")
        expect(page.get_by_role("radio", name="6", exact=True)).to_be_checked()
        press(page, "Next")

        expect(page.get_by_role("radio", name="0 = none of it")).to_be_visible()  # the choice of buttons stays


def test_words_are_counted_while_they_are_written(desk: Desk, address: str, chromium: Browser) -> None:
    with opened(chromium, PHONE, scripts=True) as page:
        page.goto(f"{address}/f/{desk.link()}")
        press(page, "Begin")
        page.goto(f"{address}/form/8")
        page.get_by_role("textbox").fill("Twelve chars")

        expect(page.locator(".count")).to_have_text("988 characters left")


def test_without_a_connection_the_page_stays_and_says_not_sent_yet(desk: Desk, address: str, chromium: Browser) -> None:
    with opened(chromium, PHONE, scripts=True) as page:
        page.goto(f"{address}/f/{desk.link()}")
        press(page, "Begin")
        press(page, "Use buttons instead")
        choose(page, 8)
        page.context.set_offline(True)
        press(page, "Next")

        expect(page.get_by_role("alert")).to_contain_text("Not sent yet")
        expect(page.get_by_role("radio", name="8", exact=True)).to_be_checked()

        page.context.set_offline(False)
        press(page, "Next")
        expect(page.get_by_text("Question 2 of 7")).to_be_visible()


def test_the_keyboard_alone_leads_through(desk: Desk, address: str, chromium: Browser) -> None:
    with opened(chromium, DESK, scripts=False) as page:
        page.goto(f"{address}/f/{desk.link()}")
        page.get_by_role("button", name="Begin").press("Enter")
        page.get_by_role("radio", name="0 = not at all").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")

        expect(page.get_by_text("Question 2 of 7")).to_be_visible()


@pytest.mark.parametrize("text", ["Normal text", "Largest text"])
def test_at_400_percent_and_in_the_largest_text_nothing_is_cut_off(
    desk: Desk, address: str, chromium: Browser, text: str
) -> None:
    with opened(chromium, LARGEST, scripts=True) as page:
        page.goto(f"{address}/f/{desk.link()}")
        press(page, text)
        nothing_overflows(page)
        press(page, "Begin")
        press(page, "Use buttons instead")
        nothing_overflows(page)
        targets_are_large(page)
        for where in ("/form/6", "/form/8", "/form/review"):
            page.goto(address + where)
            nothing_overflows(page)
            targets_are_large(page)


def test_the_browser_keeps_nothing_afterwards(desk: Desk, address: str, chromium: Browser) -> None:
    with opened(chromium, PHONE, scripts=True) as page:
        page.goto(f"{address}/f/{desk.link()}")
        press(page, "Begin")
        page.goto(f"{address}/form/review")
        press(page, "Not this time")
        expect(page.get_by_role("heading", level=1)).to_have_text("Thank you.")

        stores = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
        assert stores == [0, 0, ""]
        assert [cookie.get("name") for cookie in page.context.cookies()] == []


def test_what_a_phone_began_shows_on_the_phone_alone(desk: Desk, address: str, chromium: Browser) -> None:
    with opened(chromium, PHONE, scripts=True) as phone, opened(chromium, DESK, scripts=False) as other:
        phone.goto(f"{address}/f/{desk.link()}")
        press(phone, "Begin")
        phone.goto(f"{address}/form/8")
        phone.get_by_role("textbox").fill("Canarywish")
        press(phone, "Next")
        expect(phone.get_by_text("Canarywish")).to_be_visible()

        other.goto(f"{address}/f/{desk.link()}")
        press(other, "Begin")
        for where in ("/form/8", "/form/review"):
            other.goto(address + where)
            assert "Canarywish" not in other.content()

        phone.reload()
        expect(phone.get_by_text("Canarywish")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(
    desk: Desk, address: str, chromium: Browser, line: Line, scheme: Literal["light", "dark"]
) -> None:
    with opened(chromium, PHONE, scripts=True) as page:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.goto(f"{address}/f/{desk.link()}")
        the_page_is_accessible(page)
        press(page, "Begin")
        the_page_is_accessible(page)
        press(page, "Next")
        the_page_is_accessible(page)  # with its error
        press(page, "Use buttons instead")
        choose(page, 8)
        the_page_is_accessible(page)
        for where in ("/form/6", "/form/8", "/form/review"):
            page.goto(address + where)
            page.locator("summary").click()
            the_page_is_accessible(page)
        line.cut = True
        page.goto(f"{address}/form/1")
        the_page_is_accessible(page)
        line.cut = False
        page.goto(f"{address}/form/review")
        press(page, "Not this time")
        the_page_is_accessible(page)
        page.goto(f"{address}/form")
        the_page_is_accessible(page)
