"""Where a sign-in begins and ends: on the server, and in the browser that is told to forget it."""

from flask import current_app, g, redirect
from werkzeug.wrappers import Response

from portal.request_context import RequestContext
from portal.security.access_log import note
from portal.security.cookies import Cookies
from portal.security.sign_ins import end


def cookies() -> Cookies:
    found: Cookies = current_app.extensions["portal_cookies"]
    return found


def leave_now(current: RequestContext) -> None:
    """End the sign-in on the server; whoever the browser belongs to next is nobody here."""
    with current.dependencies.database.transaction(trace=current.trace) as tx:
        end(tx, current.secret)
        note(tx, current.staff, "sign_in.ended", now=current.now)
    current.known_staff = None


def signed_out(response: Response) -> Response:
    """The answer that makes the browser forget."""
    g.signed_in = True  # no new visit id either: the cookie goes
    cookies().forget_sign_in(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def signed_in(sign_in_id: str, device: str | None, to: str) -> Response:
    """The answer that gives the browser its new sign-in."""
    g.signed_in = True
    response = redirect(to, 303)
    cookies().keep_sign_in(response, sign_in_id, device)
    return response
