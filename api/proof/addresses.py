"""
Which addresses on the internet may be kept, and which may be called. Pure, but for a resolver that
is handed in.

What may be kept is `http` or `https`, has no credentials, and names a host of the public internet:
no bare name, no name that ends inside a house, no address that is private, loopback, link-local,
reserved or multicast, however it is written (`127.1`, `0x7f000001`, `::ffff:10.0.0.1`, or packed
into NAT64, 6to4 or Teredo).
"""

import socket
from ipaddress import (
    IPv4Address,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from tenants.errors import Unprocessable

LONGEST = 2_000
Address = IPv4Address | IPv6Address
# Names that mean something inside a house alone (RFC 6761, 6762, 8375, and what people use).
_INSIDE = {
    *("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "arpa"),
    *("test", "invalid", "onion", "localdomain"),
}
# The IANA registries of special-purpose addresses, and what Python's own list has let through.
_CLOSED = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24"),
            *("192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
            *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
            *("::/128", "::1/128", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20"),
            *("5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
        ),
    )
)
# Addresses that carry one of the older kind: where in the 128 bits it ends, and if it is inverted.
_CARRIERS = (
    (IPv6Network("::ffff:0:0/96"), 0, False),
    (IPv6Network("::/96"), 0, False),
    (IPv6Network("64:ff9b::/96"), 0, False),
    (IPv6Network("64:ff9b:1::/48"), 0, False),
    (IPv6Network("2002::/16"), 80, False),
    (IPv6Network("2001::/32"), 0, True),
)


class AddressNotAllowed(Unprocessable):
    """This is no address on the public internet: http or https, no credentials, no private host."""


def checked(url: str, pointer: str = "/url") -> str:
    """The address as it is kept: its scheme and host in small letters. Refuses any other kind."""
    try:
        parts = urlsplit(url)
        host = host_of(parts)
        allowed = may_be_public(parts, host)
    except ValueError:
        raise AddressNotAllowed(pointer=pointer) from None
    kept = _written(parts, host) if allowed else ""
    if not kept or len(kept) > LONGEST:
        raise AddressNotAllowed(pointer=pointer)
    return kept


def _written(parts: SplitResult, host: str) -> str:
    rest = (quote(part, safe=_SAFE) for part in (parts.path or "/", parts.query, parts.fragment))
    return urlunsplit((parts.scheme, _place(parts, host), *rest))


def _place(parts: SplitResult, host: str) -> str:
    port = f":{parts.port}" if parts.port not in (None, _PORTS[parts.scheme]) else ""
    return (f"[{host}]" if ":" in host else host) + port


_PORTS = {"http": 80, "https": 443}
_SAFE = "%/:?#[]@!$&'()*+,;=~-._"
# Query members that say who sent a visitor, and not what is looked at.
_NOISE = {"igsh", "igshid", "fbclid", "gclid", "si", "feature", "_t", "_r", "ref_src"}


def key_of(url: str) -> str:
    """
    What makes two spellings of a checked address the same post: no scheme, `www.`, `m.`, fragment,
    trailing slash, or members that only say where a visitor came from; members in order.
    """
    parts = urlsplit(url)
    host = _place(parts, host_of(parts))
    host = host.removeprefix("www.").removeprefix("m.").removeprefix("mobile.")
    members = sorted(member for member in parts.query.split("&") if _tells(member))
    path = parts.path.rstrip("/")
    return f"{host}{path}{'?' if members else ''}{'&'.join(members)}"


def _tells(member: str) -> bool:
    name = member.partition("=")[0]
    return bool(name) and name not in _NOISE and not name.startswith("utm_")


def host_of(parts: SplitResult) -> str:
    """The host in ASCII. Raises ValueError when it is none."""
    host = (parts.hostname or "").rstrip(".")
    if not host or any(character in host for character in " \\%@<>\"'`{}|^"):
        raise ValueError("no host")
    return host if host.isascii() else host.encode("idna").decode()


def may_be_public(parts: SplitResult, host: str) -> bool:
    """Whether an address looks like one of the public internet; its name may still lead inside."""
    if parts.scheme not in _PORTS or parts.username is not None or parts.password is not None:
        return False
    if parts.port == 0 or any(character <= " " or character == "\\" for character in parts.netloc):
        return False
    literal = literal_of(host)
    if literal is not None:
        return is_public(literal)
    labels = host.split(".")
    return len(labels) > 1 and all(labels) and labels[-1] not in _INSIDE


def literal_of(host: str) -> Address | None:
    """The address that a host is, as resolvers read it: `127.1` and `0x7f000001` are one too."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def is_public(address: Address) -> bool:
    """Whether anybody on the internet may be found at an address, and we may call there."""
    if any(address in network for network in _CLOSED if network.version == address.version):
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return isinstance(address, IPv4Address) or all(map(is_public, _carried(address)))


def _carried(address: IPv6Address) -> list[IPv4Address]:
    return [
        IPv4Address((int(address) >> shift ^ (0xFFFFFFFF if inverted else 0)) & 0xFFFFFFFF)
        for network, shift, inverted in _CARRIERS
        if address in network
    ]


def pinned(found: list[str]) -> str | None:
    """The one address to call, of those a name has; None when any of them is not public."""
    if not found or not all(is_public(ip_address(each.partition("%")[0])) for each in found):
        return None
    return found[0]
