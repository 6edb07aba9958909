"""Which addresses a message may be sent to: public ones, unless the configuration says that inner ones are meant.

The address that was looked at is the one that is connected to: a name that says something else a moment later is not
asked again. OWASP, Server-Side Request Forgery Prevention Cheat Sheet.
"""

import ipaddress
import socket
from ipaddress import IPv4Address, IPv6Address

from ..domain import DeliveryRefused, Undelivered

NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Not public by the IANA special-purpose registries, though some versions of `ipaddress` take them for it
SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "2001::/23", "5f00::/16")))
COMPATIBLE = ipaddress.ip_network("::/96")  # ::127.0.0.1


def resolve(host: str, port: int, *, inner: bool) -> str:
    """Return one address of `host`. Raises DeliveryRefused where any of them is no public one, Undelivered where none is found."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as error:
        raise Undelivered(f"{host} has no address: {error}") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not addresses:
        raise Undelivered(f"{host} has no address")
    if not inner:
        for address in addresses:
            require_public(host, address)
    return addresses[0]


def require_public(host: str, address: str) -> None:
    """Raise DeliveryRefused for an address that is not of the public network, in whatever form it is wrapped."""
    ip = ipaddress.ip_address(address)
    if not all(map(_is_public, _meant(ip))):
        raise DeliveryRefused(
            f"{host} is {address}, which is no public address; set `allow_inner = true` of this channel if it is meant"
        )


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if ip.is_multicast or ip.is_reserved or not ip.is_global:
        return False
    return not any(ip.version == network.version and ip in network for network in SPECIAL)


def _meant(ip: IPv4Address | IPv6Address) -> "list[IPv4Address | IPv6Address]":
    """Return the address and those that are wrapped in it."""
    if isinstance(ip, IPv4Address):
        return [ip]
    wrapped = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in NAT64 or ip in COMPATIBLE:
        wrapped.append(IPv4Address(int(ip) & 0xFFFFFFFF))
    inner: list[IPv4Address | IPv6Address] = [each for each in wrapped if each is not None]
    return inner if ip.ipv4_mapped is not None or ip in NAT64 else [ip, *inner]
