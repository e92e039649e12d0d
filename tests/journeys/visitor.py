"""A person at a browser: what they do, in the words of the page, and what must hold wherever they are."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Route, ViewportSize, expect

from tests.cast import PASSWORD, Staff
from tests.clinic import ADDRESS
from tests.journeys import axe

DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
PATIENCE_MS = 10_000  # a busy machine is slow; what is wrong stays wrong
# An answer of 4xx or 503 writes its own line to the console; everything else there is a mistake of ours.
EXPECTED = "Failed to load resource: the server responded with a status of "
_LINKS = "links => links.map(link => [link.innerText.trim().replace(/\\s+/g, ' '), link.href])"

# Where the focus is drawn: on the element, or on the label that stands for a hidden radio button.
_IS_SEEN = """one => {
  const seen = [one, one.closest("label"), one.parentElement].filter(Boolean);
  return seen.some(element => {
    const box = element.getBoundingClientRect();
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return box.width > 0 && hit !== null && (element.contains(hit) || hit.contains(element));
  });
}"""


@dataclass
class Visitor:
    """One browser window of one person. Whatever the browser complains about is kept and fails the test."""

    browser: Browser
    size: ViewportSize
    scripts: bool
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context = self._context(scripts=self.scripts)
        self.page = self.context.new_page()
        self._twin: Page | None = None
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _context(self, *, scripts: bool) -> BrowserContext:
        context = self.browser.new_context(
            base_url=ADDRESS, viewport=self.size, java_script_enabled=scripts, has_touch=self.size is PHONE
        )
        context.set_default_timeout(PATIENCE_MS)
        return context

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(EXPECTED):
            self.complaints.append(message.text)

    # What a person does.

    def opens(self, path: str) -> int:
        """Type an address; the status of the answer."""
        answer = self.page.goto(path)
        return answer.status if answer else 0

    def signs_in(self, staff: Staff, password: str = PASSWORD) -> None:
        """Through the front door, whoever sat here before."""
        self.context.clear_cookies()
        self.opens("/sign-in")
        self.types("User name", staff.username)
        self.types("Password", password)
        self.presses("Sign in")
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def types(self, label: str, text: str) -> None:
        """Fill in a field."""
        self.page.get_by_label(label, exact=True).fill(text)

    def chooses(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def ticks(self, label: str) -> None:
        """Tick a box, or mark one of several."""
        self.page.get_by_label(label, exact=True).check()

    def presses(self, name: str, *, within: Locator | None = None) -> None:
        """Press a button by its visible words; the next page follows."""
        self._one(within or self.page.locator("body"), "button", name).click()

    def follows(self, name: str, *, within: Locator | None = None) -> None:
        """Click a link by its visible words."""
        self._one(within or self.page.locator("body"), "a", name).click()

    def reaches(self, target: Locator, *, most: int = 80) -> Locator:
        """Press Tab until the focus is there, and seen there (WCAG 2.1.1, 2.4.7, 2.4.11)."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if target.evaluate("one => one === document.activeElement"):
                assert target.evaluate(_IS_SEEN), f"{target} has the focus, but is not to be seen"
                return target
        raise AssertionError(f"{target} cannot be reached with {most} tabs on {self.page.url}")

    def types_at(self, label: str, text: str) -> None:
        """Reach a field by keyboard and type."""
        self.reaches(self.page.get_by_label(label, exact=True))
        self.page.keyboard.type(text)

    def enters(self, name: str) -> None:
        """Reach a button or link by keyboard and press Enter."""
        place = self.page.locator("body")
        named = place.get_by_role("button", name=name, exact=True).or_(place.get_by_role("link", name=name, exact=True))
        self.reaches(named.first)
        self.page.keyboard.press("Enter")

    def _one(self, place: Locator, tag: str, name: str) -> Locator:
        exact = place.get_by_role("button" if tag == "button" else "link", name=name, exact=True)
        return exact.first if exact.count() else place.locator(tag, has_text=name).first

    # What a person sees.

    @property
    def heading(self) -> Locator:
        """What the page calls itself."""
        return self.page.get_by_role("heading", level=1)

    def part(self, title: str) -> Locator:
        """The section with this heading."""
        return self.page.get_by_role("region", name=title)

    def sees(self, text: str) -> None:
        """It stands somewhere on the page, for everybody to read."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def sees_error(self, field_id: str, message: str) -> None:
        """The summary says it and has the focus, leads to the field, the field says it, and so does the title."""
        summary = self.page.get_by_role("alert").filter(has_text="There is a problem")
        expect(summary).to_contain_text(message)
        if self.scripts:
            expect(summary).to_be_focused()
        expect(summary.locator(f'a[href="#{field_id}"]')).to_have_count(1)
        expect(self.page.locator(f"#{field_id}-error")).to_contain_text(message)
        expect(self.page).to_have_title(re.compile("^Error: "))

    def words(self) -> str:
        """Everything on the page that can be read, folded parts included."""
        return str(self.page.locator("body").text_content())

    # What must hold wherever one is.

    def the_page_is_accessible(self) -> None:
        """Ends every step: axe finds nothing, one heading of first order, no link text that leads to two places."""
        page = self.page if self.scripts else self._with_scripts()
        found = axe.violations(page)
        assert found == [], "\n".join([self.page.url, *found])
        assert self.heading.count() == 1, self.page.url
        self._links_say_where_they_lead()
        self.nothing_is_wrong()

    def the_page_does_not_scroll_sideways(self) -> None:
        """Only charts and tables scroll, in their own boxes (WCAG 1.4.10)."""
        self.page.wait_for_load_state()
        too_wide = self.page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        assert too_wide <= 0, f"{self.page.url} is {too_wide} px too wide"

    def nothing_is_wrong(self) -> None:
        """The browser has complained about nothing and kept nothing."""
        assert self.complaints == [], self.page.url
        if self.page.url.startswith(ADDRESS):
            assert self.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]

    def _links_say_where_they_lead(self) -> None:
        links: list[tuple[str, str]] = self.page.locator("a:visible").evaluate_all(_LINKS)
        leads: dict[str, set[str]] = {}
        for words, href in links:
            leads.setdefault(words, set()).add(href)
        assert {words: sorted(to) for words, to in leads.items() if len(to) > 1} == {}, self.page.url

    def _with_scripts(self) -> Page:
        """The same page as it was delivered, in a window in which axe can run but no script of the page."""
        if self._twin is None:
            self._twin = self._context(scripts=True).new_page()
            self._twin.route("**/*.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
        html = self.page.content()

        def serve(route: Route) -> None:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

        self._twin.route(self.page.url, serve)
        self._twin.goto(self.page.url)
        self._twin.unroute(self.page.url)
        return self._twin

    def leaves(self) -> None:
        """Close the window; a last look whether anything was wrong."""
        self.nothing_is_wrong()
        self.context.close()
        if self._twin:
            self._twin.context.close()
