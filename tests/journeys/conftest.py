"""Browsers in front of the real house: the distribution's Chromium, the three real services, a clock set by hand."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from docs.screenshots import FLAGS
from embedded.house import House
from tests.clinic import ADDRESS, Clinic, SetClock
from tests.journeys.front_door import FrontDoor, open_door
from tests.journeys.visitor import DESK, Visitor

Browse = Callable[..., Visitor]


@pytest.fixture(scope="package")
def front_door(installation: tuple[House, SetClock, list[str]]) -> Iterator[FrontDoor]:
    with open_door(installation[0].wsgi) as door:
        yield door


@pytest.fixture(scope="package")
def chromium(front_door: FrontDoor, in_ci: bool) -> Iterator[Browser]:
    """The house's address leads to the port of this test process, every other address nowhere."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        missing = "NO CHROMIUM: the journeys need your distribution's package 'chromium'"
        pytest.fail(missing) if in_ci else pytest.skip(missing)
    host = ADDRESS.removeprefix("http://")
    leads = f"--host-resolver-rules=MAP {host}:80 127.0.0.1:{front_door.port}, MAP * ~NOTFOUND, EXCLUDE localhost"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS, leads])
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Browser, clinic: Clinic) -> Iterator[Browse]:
    """Opens a browser window for one more person; whatever the browser complained about fails the test."""
    visitors: list[Visitor] = []

    def window(size: ViewportSize = DESK, *, scripts: bool = True) -> Visitor:
        visitors.append(Visitor(chromium, size, scripts))
        return visitors[-1]

    yield window
    for visitor in visitors:
        visitor.leaves()


@pytest.fixture
def open_clinic(clinic: Clinic) -> Clinic:
    """A clinic that has said whom to turn to in a crisis, so that its forms open."""
    clinic.open_forms()
    return clinic
