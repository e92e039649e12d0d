"""The portal's three cookies: the sign-in, a visit before it, and a browser that has succeeded before."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Request, Response
from werkzeug.wrappers import Response as AnyResponse

_A_YEAR = timedelta(days=365)


class Cookies:
    """
    Reads and writes cookies: HttpOnly, SameSite=Lax, never readable by a script.

    With `secure` they carry the `__Host-` prefix (RFC 6265bis, 4.1.3): no other host can
    plant them. Without it, on plain HTTP at loopback, browsers would not keep such cookies.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        prefix = "__Host-" if secure else ""
        self._sign_in, self._visit, self._device = f"{prefix}sid", f"{prefix}visit", f"{prefix}device"

    def sign_in_id(self, request: Request) -> str | None:
        """The sign-in's id as the browser sent it."""
        return request.cookies.get(self._sign_in)

    def visit_id(self, request: Request) -> str | None:
        """The id of a visit that is not signed in."""
        return request.cookies.get(self._visit)

    def device(self, request: Request) -> str | None:
        """The token of a browser that has signed in before."""
        return request.cookies.get(self._device)

    def keep_visit(self, response: Response, visit_id: str) -> None:
        """Give the visit its id; ends with the browser."""
        self._set(response, self._visit, visit_id)

    def keep_sign_in(self, response: AnyResponse, sign_in_id: str, device: str | None) -> None:
        """The new sign-in; the visit's id before it is gone."""
        self._set(response, self._sign_in, sign_in_id)
        response.delete_cookie(self._visit, secure=self._secure, httponly=True, samesite="Lax")
        if device:
            self._set(response, self._device, device, max_age=_A_YEAR)

    def forget_sign_in(self, response: AnyResponse) -> None:
        """Signed out."""
        response.delete_cookie(self._sign_in, secure=self._secure, httponly=True, samesite="Lax")

    def forget_handed_over_form(self, response: AnyResponse, checkin_base_url: str) -> None:
        """
        A client had this device in their hands: their form ends with our sign-in, where it lies on this host.

        The check-in's own name and path of its cookie; a form in somebody's own browser has another name, and stays.
        """
        path = urlsplit(checkin_base_url).path.rstrip("/") + "/"
        response.delete_cookie("checkin-handed-over", path=path, secure=self._secure, httponly=True, samesite="Lax")

    def _set(self, response: AnyResponse, name: str, value: str, max_age: timedelta | None = None) -> None:
        response.set_cookie(name, value, max_age=max_age, secure=self._secure, httponly=True, samesite="Lax", path="/")
