"""A browser without JavaScript: it reads pages, fills in their forms, and sends what a browser would send."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html.parser import HTMLParser

from flask import Flask
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from tests.cast import PASSWORD, Staff


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Move on by hours, minutes, seconds."""
        self.now += timedelta(**by)


@dataclass
class Form:
    """A form on a page."""

    action: str
    fields: dict[str, str]
    buttons: list[tuple[str, str]]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.title = ""
        self.headings: list[str] = []
        self.ids: list[str] = []
        self._open: Form | None = None
        self._reads = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "form":
            self._open = Form(given.get("action", ""), {}, [])
            self.forms.append(self._open)
        elif tag in ("title", "h1"):
            self._reads = tag
            if tag == "h1":
                self.headings.append("")
        elif self._open is not None:
            self._field(tag, given, self._open)

    def _field(self, tag: str, given: Mapping[str, str], form: Form) -> None:
        name = given.get("name", "")
        if (tag == "input" and name and given.get("type") not in ("radio", "checkbox")) or (
            tag == "input" and name and "checked" in given
        ):
            form.fields[name] = given.get("value", "")
        elif tag == "textarea" and name:
            form.fields[name] = ""
        elif tag == "button" and name:
            form.buttons.append((name, given.get("value", "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in form.fields):
            form.fields[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag in ("title", "h1"):
            self._reads = ""

    def handle_data(self, data: str) -> None:
        if self._reads == "title":
            self.title += data
        elif self._reads == "h1":
            self.headings[-1] += data


@dataclass
class Page:
    """What a request was answered with."""

    response: TestResponse

    def __post_init__(self) -> None:
        self.text = self.response.get_data(as_text=True)
        self._reader = _Reader()
        self._reader.feed(self.text)

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def location(self) -> str:
        return self.response.headers.get("Location", "")

    @property
    def title(self) -> str:
        return self._reader.title

    @property
    def headings(self) -> list[str]:
        """All first-level headings."""
        return self._reader.headings

    @property
    def ids(self) -> list[str]:
        return self._reader.ids

    @property
    def forms(self) -> list[Form]:
        return self._reader.forms

    def form(self, action: str) -> Form:
        """The first form whose action contains `action`."""
        found = next((form for form in self.forms if action in form.action), None)
        assert found, f"no form for {action} among {[form.action for form in self.forms]}"
        return found


class Browser:
    """Keeps cookies, follows redirects, presses buttons."""

    def __init__(self, app: Flask, base_url: str = "http://localhost", environ: Mapping[str, str] = {}) -> None:
        self.http = Client(app, Response)
        self.base_url = base_url
        self.environ = dict(environ)  # where it is, and what it says of itself

    def get(self, path: str) -> Page:
        return Page(self.http.get(path, base_url=self.base_url, environ_base=self.environ, follow_redirects=True))

    def fetch(self, path: str) -> Page:
        """As `get`, but without following a redirect."""
        return Page(self.http.get(path, base_url=self.base_url, environ_base=self.environ))

    def send(self, form: Form, typed: Mapping[str, str] | None = None, *, follow: bool = True) -> Page:
        """Fill in a form and send it."""
        fields = form.fields | dict(typed or {})
        answer = self.http.post(
            form.action,
            data=fields,
            base_url=self.base_url,
            headers={"Origin": self.base_url},
            environ_base=self.environ,
            follow_redirects=follow,
        )
        return Page(answer)

    def sign_in(self, staff: Staff, password: str = PASSWORD) -> Page:
        """Through the front door."""
        return self.send(self.get("/sign-in").form("/sign-in"), {"username": staff.username, "password": password})
