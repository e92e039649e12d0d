"""What the browser keeps: the handle of one form, how large the text is, and for one page its closing words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, unquote

from flask import Request, Response

from checkin.gateway import Handle

HANDLE, CLOSING, SIZE, WAY = "checkin", "checkin-closing", "checkin-text", "checkin-way"
SIZES = {"normal": "Normal text", "large": "Large text", "largest": "Largest text"}
WAYS = ("line", "buttons")
LONGEST = timedelta(hours=24)  # a borrowed phone should not keep a started form for days
MOST_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Keeping:
    """Sets and reads the cookies; all of them stay below the path under which the app is mounted."""

    secure: bool

    def handle(self, request: Request) -> str | None:
        """The handle of the open form, if this browser has one."""
        value = request.cookies.get(HANDLE, "")
        return value if 0 < len(value) <= MOST_LETTERS and value.isascii() and value.isprintable() else None

    def keep_handle(self, request: Request, response: Response, handle: Handle, now: datetime) -> None:
        """Open a form in this browser, until the form runs out, a day at most."""
        seconds = int(min(handle.expires_at - now, LONGEST).total_seconds())
        self._set(request, response, HANDLE, handle.value, max(60, seconds))

    def close(self, request: Request, response: Response) -> None:
        """Forget the form."""
        for name in (HANDLE, CLOSING):
            response.delete_cookie(name, path=_path(request), secure=self.secure, httponly=True, samesite="Lax")

    def keep_closing(self, request: Request, response: Response, thanks: str, sentence: str) -> None:
        """Carry the closing words of the form that was just sent over to the thank-you page."""
        self._set(request, response, CLOSING, f"{quote(thanks)}/{quote(sentence)}", 600)

    def closing(self, request: Request) -> tuple[str, str]:
        """The thank-you and the sentence who will see the answers; empty where unknown."""
        thanks, _, sentence = request.cookies.get(CLOSING, "").partition("/")
        return unquote(thanks), unquote(sentence)

    def keep_size(self, request: Request, response: Response, size: str) -> None:
        """Remember the text size, for this browser window."""
        if size in SIZES:
            self._set(request, response, SIZE, size, None)

    def size(self, request: Request) -> str:
        """The chosen text size."""
        size = request.cookies.get(SIZE, "")
        return size if size in SIZES else "normal"

    def keep_way(self, request: Request, response: Response, way: str) -> None:
        """Remember whether scales are answered on the line or with buttons."""
        if way in WAYS:
            self._set(request, response, WAY, way, None)

    def way(self, request: Request) -> str:
        """How scales are answered where scripts run."""
        way = request.cookies.get(WAY, "")
        return way if way in WAYS else "line"

    def _set(self, request: Request, response: Response, name: str, value: str, seconds: int | None) -> None:
        response.set_cookie(
            name, value, max_age=seconds, path=_path(request), secure=self.secure, httponly=True, samesite="Lax"
        )


def _path(request: Request) -> str:
    return f"{request.script_root}/"
