"""
Forged requests: every POST carries a token only our own page could have, and comes from our own origin.

The token is an HMAC of the browser's secret cookie, so there is nothing to store: a sign-in's
id once signed in, before that the id of the visit. An attacker who cannot read the cookie cannot
make the token; the `__Host-` prefix keeps them from planting a cookie of their own.
"""

import hashlib
import hmac
from collections.abc import Mapping


def form_token(secret: str) -> str:
    """The hidden field of every form."""
    return hmac.new(secret.encode(), b"rapport|portal|form", hashlib.sha256).hexdigest()


def token_is_right(secret: str, token: str) -> bool:
    """Compare in constant time."""
    return bool(secret) and hmac.compare_digest(form_token(secret), token)


def comes_from_here(headers: Mapping[str, str], host_url: str) -> bool:
    """
    Tell whether the browser says that one of our own pages sent this.

    `Sec-Fetch-Site` decides where the browser sends it (secure origins and loopback). Otherwise
    `Origin` does; with our `Referrer-Policy: no-referrer` it may be the word "null" or absent
    (Fetch standard, "append a request Origin header"), and then the token alone must do.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("Origin")
    return origin in {None, "null", host_url.rstrip("/")}
