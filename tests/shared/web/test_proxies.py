"""Whose word counts about who asks: a declared proxy's, by its address, and nobody else's."""

from collections.abc import Iterable
from typing import Any

import pytest

from shared.settings import ConfigurationError, read_settings
from shared.web.proxies import PROXIES, DeclaredProxies, read_proxies
from shared.web.server import WebConfig

FORGED = {
    "HTTP_X_FORWARDED_FOR": "203.0.113.9",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_X_FORWARDED_PREFIX": "/check-in",
    "HTTP_FORWARDED": "for=203.0.113.9",
}


def seen(proxies: str, peer: str, **headers: str) -> dict[str, Any]:
    """What the app finds behind these proxies when `peer` connects."""
    found: dict[str, Any] = {}

    def app(environ: dict[str, Any], _start: Any) -> Iterable[bytes]:
        found.update(environ)
        return []

    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_HOST": "clinic.example", "SCRIPT_NAME": ""}
    DeclaredProxies(app, read_proxies(proxies))({**environ, **headers}, None)
    return found


@pytest.mark.parametrize(("proxies", "peer"), [("", "127.0.0.1"), ("10.0.0.1", "10.0.0.2"), ("10.0.0.0/8", "")])
def test_nobody_undeclared_says_who_asks_or_where_the_app_lies(proxies: str, peer: str) -> None:
    found = seen(proxies, peer, **FORGED)

    assert found["REMOTE_ADDR"] == peer
    assert (found["wsgi.url_scheme"], found["HTTP_HOST"], found["SCRIPT_NAME"]) == ("http", "clinic.example", "")
    assert not [name for name in found if "FORWARDED" in name]


def test_a_declared_proxy_tells_who_asks() -> None:
    found = seen("10.0.0.0/8, ::1", "10.0.0.2", **FORGED)

    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"]) == ("203.0.113.9", "https")
    assert (found["HTTP_HOST"], found["SCRIPT_NAME"]) == ("evil.example", "/check-in")
    assert not [name for name in found if "FORWARDED" in name]


@pytest.mark.parametrize(
    ("chain", "who"),
    [
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),  # the left one is what the caller made up
        ("203.0.113.9, 10.0.0.7", "203.0.113.9"),  # two proxies in a row
        ("203.0.113.9, nonsense", "10.0.0.2"),
        ("", "10.0.0.2"),
    ],
)
def test_of_a_chain_the_last_that_is_no_proxy_asks(chain: str, who: str) -> None:
    assert seen("10.0.0.0/8", "10.0.0.2", HTTP_X_FORWARDED_FOR=chain)["REMOTE_ADDR"] == who


@pytest.mark.parametrize("host", ["a b", "x/y", "<script>", "", "[::1"])
def test_a_host_that_is_none_is_left_out(host: str) -> None:
    assert seen("10.0.0.0/8", "10.0.0.2", HTTP_X_FORWARDED_HOST=host)["HTTP_HOST"] == "clinic.example"


def test_a_proxy_is_declared_by_its_address() -> None:
    with pytest.raises(ConfigurationError, match="RAPPORT_PROXIES"):
        read_settings({"RAPPORT_PROXIES": "nginx"}, [PROXIES])


def test_gunicorn_believes_no_header_of_its_own_accord() -> None:
    settings = WebConfig(name="portal", bind="127.0.0.1:0").settings()

    told = [settings[name] for name in ("forwarded_allow_ips", "forwarder_headers", "secure_scheme_headers")]
    assert (told, settings["header_map"]) == (["", "", {}], "drop")
