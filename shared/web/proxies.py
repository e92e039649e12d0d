"""
What stands before a process, and what it may say: only a declared proxy is believed, by its address.

Everybody else's `X-Forwarded-*` and `Forwarded` are dropped before an app could read them.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from shared.settings import Setting

Network = IPv4Network | IPv6Network
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

_HOST = re.compile(r"[A-Za-z0-9.-]{1,255}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]{1,64}){1,4}")


def read_proxies(text: str) -> tuple[Network, ...]:
    """Addresses and networks, separated by commas; raises ValueError naming the one that is none."""
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


PROXIES = Setting(
    "RAPPORT_PROXIES",
    "addresses or networks of the proxies with TLS before this door, separated by commas; they alone may say who asks "
    "(X-Forwarded-For, -Proto, -Host, -Prefix), and cookies are then for https alone",
    "",
    read_proxies,
)


class DeclaredProxies:
    """
    WSGI middleware around an app.

    Args:
        app: What it stands before.
        proxies: Whose word counts; none: nobody's.
    """

    def __init__(self, app: Wsgi, proxies: Sequence[Network]) -> None:
        self._app = app
        self._proxies = tuple(proxies)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Take the forwarded headers out; a declared proxy's decide address, scheme, host and prefix."""
        said = {name: environ.pop(name) for name in list(environ) if name.startswith("HTTP_X_FORWARDED")}
        environ.pop("HTTP_FORWARDED", None)
        if said and self._is_proxy(environ.get("REMOTE_ADDR", "")):
            self._believe(environ, said)
        return self._app(environ, start_response)

    def _believe(self, environ: dict[str, Any], said: dict[str, str]) -> None:
        # Each proxy adds its caller at the right end: the first from there that is no proxy is who asks.
        for address in reversed(_list(said.get("HTTP_X_FORWARDED_FOR", ""))):
            if not _is_address(address):
                break
            environ["REMOTE_ADDR"] = address
            if not self._is_proxy(address):
                break
        if (scheme := _last(said.get("HTTP_X_FORWARDED_PROTO", ""))) in {"http", "https"}:
            environ["wsgi.url_scheme"] = scheme
        if _HOST.fullmatch(host := _last(said.get("HTTP_X_FORWARDED_HOST", ""))):
            environ["HTTP_HOST"] = host
        if _PREFIX.fullmatch(prefix := _last(said.get("HTTP_X_FORWARDED_PREFIX", ""))):
            environ["SCRIPT_NAME"] = prefix

    def _is_proxy(self, address: str) -> bool:
        return _is_address(address) and any(ip_address(address) in network for network in self._proxies)


def _list(value: str) -> list[str]:
    return [one.strip() for one in value.split(",") if one.strip()]


def _last(value: str) -> str:
    return (_list(value) or [""])[-1]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
