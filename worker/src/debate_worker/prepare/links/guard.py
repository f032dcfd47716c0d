"""What a link may reach: http(s) on public addresses, whatever names, redirects and pages say.

A DebateJob's link is opened by a pod inside somebody's network: it must not read what lies there (server-side request
forgery). The link is checked as it is written; then every connection of the downloading process is checked by its
address, after DNS and after each redirect. A check before the connection alone would be fooled by a name that
resolves to another address the second time.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import sys
from collections.abc import Callable, Collection, Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from debate_core.errors import InvalidJob
from debate_worker.prepare.links.settings import LinkSettings, Network

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PROXIED = re.compile(rb"(?:CONNECT |[A-Z]+ https?://)(?:[^/@ ]*@)?(?:\[([^\]]+)\]|([^/:? ]+))")
"""The host in the first line of a request to a proxy."""


class AddressRefused(Exception):
    """A connection to where links must not lead. No OSError: nobody is to try again, or elsewhere."""


def check_link(url: str, settings: LinkSettings) -> None:
    """Raise InvalidJob for a link that must not be opened, as far as its text tells."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidJob(f"source.url is no link ({error}): check it") from error
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidJob("source.url must begin with http:// or https:// and a host: check it")
    if parts.username is not None or parts.password is not None:
        raise InvalidJob("source.url holds a user or password, which everybody would see: use a cookies file instead")
    if not _is_allowed_host(host, settings.allowed_hosts):
        raise InvalidJob(
            f"source.url: {host} is not among the hosts that links may name here ({', '.join(settings.allowed_hosts)}):"
            " ask whoever runs this to allow it, or send the file instead"
        )
    if (literal := _literal(host)) and not is_allowed_address(literal, settings.allowed_networks):
        raise InvalidJob(f"source.url: {host} is not a public address: links lead to public ones alone")


def check_page(url: str, settings: LinkSettings) -> None:
    """The same for the page that a link led to: an allowed host may redirect to another."""
    if url:
        check_link(url, settings)


def _is_allowed_host(host: str, allowed: Collection[str]) -> bool:
    host = host.rstrip(".")
    return not allowed or any(host == name or host.endswith(f".{name}") for name in allowed)


def _literal(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def is_allowed_address(address: str, networks: Sequence[Network]) -> bool:
    """Whether an IP address is public, or in one of the networks. An IPv4 address inside an IPv6 one is what counts."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = inner or ip
    if any(ip in network for network in networks if network.version == ip.version):
        return True
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def stay_outside(settings: LinkSettings, programs: Collection[str]) -> None:
    """From now on this process connects to allowed addresses and to its proxy alone, and starts `programs` alone.

    It cannot be taken back (sys.addaudithook). A program that was started is not watched: allow those alone that
    open no connections themselves. A refused connection raises AddressRefused, a refused program PermissionError.
    """
    proxies = _proxies(settings)
    sys.addaudithook(_hook(settings.allowed_networks, _addresses(proxies), {host for host, _ in proxies}, programs))


def _hook(
    networks: Sequence[Network], proxy_addresses: set[tuple[str, int]], proxy_hosts: set[str], programs: Collection[str]
) -> Callable[[str, tuple[Any, ...]], None]:
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            sock, address = arguments
            if sock.family not in (socket.AF_INET, socket.AF_INET6):
                raise AddressRefused("a connection that is not to an IP address")
            host, port = address[0], address[1]
            if (host, port) not in proxy_addresses and not (_literal(host) and is_allowed_address(host, networks)):
                raise AddressRefused(f"{host} is not a public address")
        elif event == "http.client.send" and arguments[0].host in proxy_hosts:
            _check_proxied(arguments[1], networks)
        elif event == "subprocess.Popen":
            if str(arguments[0]) not in programs:
                raise PermissionError(f"{arguments[0]} is not started here")
        elif event in ("os.system", "os.exec", "os.posix_spawn", "os.spawn"):
            raise PermissionError(f"{event} is not for this process")

    return hook


def _check_proxied(data: Any, networks: Sequence[Network]) -> None:
    """Where a proxy is asked to go: a name that is known here must not be private. One that is not, the proxy knows."""
    found = _PROXIED.match(data) if isinstance(data, bytes | bytearray) else None
    if found is None:
        return
    host = (found[1] or found[2]).decode("ascii", "replace")
    try:
        resolved = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return
    for *_, address in resolved:
        if not is_allowed_address(str(address[0]), networks):
            raise AddressRefused(f"{host} is not at a public address")


def _proxies(settings: LinkSettings) -> set[tuple[str, int]]:
    """Host and port of each proxy that requests may go through: the settings', else the environment's."""
    urls = [settings.proxy] if settings.proxy else [url for key, url in getproxies().items() if key != "no"]
    parts = [urlsplit(url if "//" in url else f"//{url}") for url in urls]
    return {(part.hostname, part.port or (443 if part.scheme == "https" else 80)) for part in parts if part.hostname}


def _addresses(proxies: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for host, port in proxies:
        try:
            resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            continue  # the first request will say so
        found |= {(str(address[0]), port) for *_, address in resolved}
    return found
