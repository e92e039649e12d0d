"""What the browser keeps: the handle of one form, how large the text is, that a tablet is ours, a word for one page."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, unquote

from flask import Request, Response

from checkin.feedback_client import Exchange

HANDLE, CLOSING, SIZE, WAY = "checkin", "checkin-closing", "checkin-text", "checkin-way"
KIOSK, RISK_HELP = "checkin-kiosk", "checkin-told"
# The handle on a device that the clinic handed over. The portal's sign-in page drops this cookie by its name.
HANDED_OVER = "checkin-handed-over"
SIZES = {"normal": "Normal text", "large": "Large text", "largest": "Largest text"}
WAYS = ("line", "buttons")
LONGEST = timedelta(hours=24)  # a borrowed phone should not keep a started form for days
LONGEST_HERE = timedelta(minutes=10)  # on a device of the clinic, since the last page: it goes to somebody else soon
KIOSK_YEAR = timedelta(days=400)  # the longest that browsers keep a cookie
MOST_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Cookies:
    """Sets and reads the cookies; all of them stay below the path under which the app is mounted."""

    secure: bool

    def handle(self, request: Request) -> str | None:
        """The handle of the open form, if this browser has one."""
        return _key(request, HANDED_OVER) or _key(request, HANDLE)

    def is_handed_over(self, request: Request) -> bool:
        """Tell whether a form is open on a device that the clinic handed over and wants back."""
        return _key(request, HANDED_OVER) is not None

    def is_clinics(self, request: Request) -> bool:
        """Tell whether this device goes to somebody else next: a tablet of the clinic, or one handed over."""
        return self.is_handed_over(request) or self.kiosk(request) is not None

    def keep_handle(
        self, request: Request, response: Response, exchange: Exchange, now: datetime, *, handed_over: bool = False
    ) -> None:
        """Open a form in this browser, until it runs out, a day at most; on a device of the clinic, for minutes."""
        self._drop(request, response, CLOSING, RISK_HELP, HANDLE if handed_over else HANDED_OVER)
        longest = LONGEST_HERE if handed_over or self.kiosk(request) else LONGEST
        seconds = int(min(exchange.expires_at - now, longest).total_seconds())
        self._set(request, response, HANDED_OVER if handed_over else HANDLE, exchange.handle, max(60, seconds))

    def renew(self, request: Request, response: Response) -> None:
        """Somebody is still at the clinic's device: its minutes begin anew."""
        name = HANDED_OVER if self.is_handed_over(request) else HANDLE
        handle = _key(request, name)
        is_said = any(line.startswith(f"{name}=") for line in response.headers.getlist("Set-Cookie"))
        if handle and self.is_clinics(request) and not is_said:
            self._set(request, response, name, handle, int(LONGEST_HERE.total_seconds()))

    def close(self, request: Request, response: Response) -> None:
        self._drop(request, response, HANDLE, HANDED_OVER, CLOSING, RISK_HELP)

    def wipe(self, request: Request, response: Response) -> None:
        """Leave nothing of whoever sat here for the next person, not even how large they liked the text."""
        self._drop(request, response, HANDLE, HANDED_OVER, CLOSING, RISK_HELP, SIZE, WAY)

    def kiosk(self, request: Request) -> str | None:
        """The tablet's own key, if this browser is a tablet of the clinic."""
        return _key(request, KIOSK)

    def keep_kiosk(self, request: Request, response: Response, key: str) -> None:
        """Make this browser a tablet of the clinic."""
        self._set(request, response, KIOSK, key, int(KIOSK_YEAR.total_seconds()))

    def drop_kiosk(self, request: Request, response: Response) -> None:
        """It is one no longer."""
        self._drop(request, response, KIOSK)

    def keep_risk_help(self, request: Request, response: Response, *, read: bool) -> None:
        """The help page stands between the form just sent and whatever comes next, until it was read."""
        self._set(request, response, RISK_HELP, "read" if read else "unread", int(LONGEST.total_seconds()))

    def help_comes_first(self, request: Request, *, risk_answered: bool) -> bool:
        """Tell whether the help page is still to be read; what feedback says counts where our own note got lost."""
        noted = request.cookies.get(RISK_HELP, "")
        return noted == "unread" or (risk_answered and noted != "read")

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
        size = request.cookies.get(SIZE, "")
        return size if size in SIZES else "normal"

    def keep_way(self, request: Request, response: Response, way: str) -> None:
        """Remember whether scales are answered on the line or with buttons."""
        if way in WAYS:
            self._set(request, response, WAY, way, None)

    def way(self, request: Request) -> str:
        """How scales are answered where scripts run."""
        way = request.form.get("way") or request.cookies.get(WAY, "")
        return way if way in WAYS else "line"

    def _set(self, request: Request, response: Response, name: str, value: str, seconds: int | None) -> None:
        response.set_cookie(
            name, value, max_age=seconds, path=_path(request), secure=self.secure, httponly=True, samesite="Lax"
        )

    def _drop(self, request: Request, response: Response, *names: str) -> None:
        for name in names:
            response.delete_cookie(name, path=_path(request), secure=self.secure, httponly=True, samesite="Lax")


def _key(request: Request, name: str) -> str | None:
    value = request.cookies.get(name, "")
    return value if 0 < len(value) <= MOST_LETTERS and value.isascii() and value.isprintable() else None


def _path(request: Request) -> str:
    return f"{request.script_root}/"
