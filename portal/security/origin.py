"""Where a request comes from, as its sender may recognise it later: an address, and a browser on a system."""

from dataclasses import dataclass
from ipaddress import ip_address

from flask import Request

from shared.web.networks import UNKNOWN, network_of

# The first that fits; later ones stand in the names of earlier ones too.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody is: `address` as the outermost trusted hop saw it, `device` in our own words."""

    address: str
    device: str

    @property
    def network(self) -> str:
        """The network around the address."""
        return network_of(self.address)


NOWHERE = Origin(UNKNOWN, "an unknown browser")


def origin_of(request: Request) -> Origin:
    """Nothing that a browser says of itself is kept as it stands."""
    try:
        address = str(ip_address(request.remote_addr or ""))
    except ValueError:
        address = UNKNOWN
    return Origin(address, device_of(request.headers.get("User-Agent", "")))


def device_of(user_agent: str) -> str:
    """
    A browser on a system.

    >>> device_of("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"), device_of("curl/8")
    ('Firefox on Linux', 'an unknown browser')
    """
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return " on ".join(filter(None, (browser, system))) or NOWHERE.device
