"""
Take the screenshots of docs/ from a running demo clinic.

    make run          (in one terminal)
    make shots        (in another; ADDRESS=http://127.0.0.1:8000 to name another)
"""

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from embedded.demo.make import DEMO_PASSWORD

HERE = Path(__file__).parent / "screenshots"
WIDTHS = {"wide": 1280, "narrow": 390}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def sign_in(page: Page, username: str) -> None:
    """Sign in as one of the demo clinic's staff."""
    page.goto("/sign-in")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def open_person(page: Page, username: str, name: str) -> None:
    """The page of one client, found by name as staff find it."""
    sign_in(page, username)
    page.goto("/people")
    page.get_by_role("link", name=name).first.click()


def shoot(browser: Browser, address: str, folder: Path) -> None:
    """All pictures, at desk and telephone width."""
    folder.mkdir(exist_ok=True)
    for kind, width in WIDTHS.items():
        context = browser.new_context(base_url=address, viewport={"width": width, "height": 900}, device_scale_factor=1)
        page = context.new_page()
        sign_in(page, "dana")
        page.goto("/")
        page.screenshot(path=folder / f"today-{kind}.png", full_page=True)
        context.clear_cookies()
        sign_in(page, "ben")
        page.goto("/caseload")
        page.screenshot(path=folder / f"caseload-{kind}.png", full_page=True)
        context.clear_cookies()
        open_person(page, "ana", "Mara")
        page.screenshot(path=folder / f"person-{kind}.png", full_page=True)
        context.clear_cookies()
        open_person(page, "ben", "Noor")
        page.get_by_role("link", name="Prepare").click()
        page.screenshot(path=folder / f"prepare-{kind}.png", full_page=True)
        context.close()
        shoot_check_in(browser, address, folder, kind, width)


def shoot_check_in(browser: Browser, address: str, folder: Path, kind: str, width: int) -> None:
    """The client's form as it opens by a link that the front desk hands over, and one question of it."""
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 844})
    page = context.new_page()
    sign_in(page, "dana")
    page.goto("/")
    make = page.get_by_role("link", name="Hand over", exact=False).first
    if make.count() == 0:
        page.get_by_role("link", name="Day before").click()
        make = page.get_by_role("link", name="Hand over", exact=False).first
    make.click()
    page.get_by_role("button", name="Make a link").click()
    page.goto(page.locator(".link-box code").inner_text())
    page.screenshot(path=folder / f"check-in-welcome-{kind}.png")
    page.get_by_role("button", name="Begin").click()
    page.screenshot(path=folder / f"check-in-{kind}.png")
    context.close()


def main() -> None:
    """Take all pictures into docs/screenshots."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=FLAGS)
        shoot(browser, os.environ.get("ADDRESS", "http://127.0.0.1:8000"), HERE)
        browser.close()


if __name__ == "__main__":
    main()
