"""The network an address belongs to: what is counted where guessing is slowed down, and shown where a place is told."""

from ipaddress import ip_address, ip_network

UNKNOWN = "unknown"


def network_of(address: str | None) -> str:
    """
    The network of an address: /24 of IPv4, /56 of IPv6 (what one household is given); unreadable ones share one.

    >>> network_of("192.0.2.77"), network_of("2001:db8:1:23ff::9"), network_of("::ffff:192.0.2.1"), network_of(None)
    ('192.0.2.0/24', '2001:db8:1:2300::/56', '192.0.2.0/24', 'unknown')
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return UNKNOWN
    if found.version == 6 and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network(f"{found}/{24 if found.version == 4 else 56}", strict=False))
