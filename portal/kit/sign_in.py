"""Where a sign-in begins and ends: on the server, and in the browser that is told to forget it."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import current_app, g, redirect, request
from werkzeug.wrappers import Response

from portal.request_context import RequestContext, request_context
from portal.security.access_log import note
from portal.security.cookies import Cookies
from portal.security.passkeys import Site
from portal.security.sign_ins import end, hashed


def cookies() -> Cookies:
    found: Cookies = current_app.extensions["portal_cookies"]
    return found


def leave_now(current: RequestContext) -> None:
    """End the sign-in on the server; whoever the browser belongs to next is nobody here."""
    with current.transaction() as tx:
        end(tx, current.secret)
        note(tx, current.arriving.staff, "sign_in.ended", now=current.now)
    current.sign_in = current.known_staff = None


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


def own_path(wanted: str) -> str:
    """A path of our own, never another site's (CWE-601)."""
    is_path = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_path and wanted.isprintable() and "\\" not in wanted else "/"


def site() -> Site:
    """The address of the portal, as this browser opened it: what a passkey signs for."""
    return Site(urlsplit(request.host_url).hostname or "", request.host_url.rstrip("/"))


def passkeys_work_here() -> bool:
    """Tell whether a key can be made for this address: browsers know keys for names alone, not for numbers."""
    try:
        ip_address(site().host)
    except ValueError:
        return True
    return False


def browser_hash() -> bytes:
    """What a challenge to this browser is kept under."""
    return hashed(request_context().form_secret)
