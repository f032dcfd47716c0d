"""What the one who runs the worker allows links to be and to cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from debate_core.errors import Misconfigured

Network = IPv4Network | IPv6Network

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """Limits of what a link may bring.

    max_seconds: of the video's length. max_bytes: of all that is downloaded for one job; on the disk it takes twice
    that while sound and picture are joined. timeout_seconds: of wall clock for all of it.
    allowed_hosts: a link's host is one of these or below one; none: any host.
    allowed_networks: private addresses that may be reached all the same, such as a media server of one's own.
    cookies_file: in Netscape format, of somebody whom the site lets in. proxy: http(s)://[user:password@]host:port.
    """

    max_seconds: float = 12 * 3600
    max_bytes: int = 8 * GIB
    timeout_seconds: float = 2 * 3600
    allowed_hosts: tuple[str, ...] = ()
    allowed_networks: tuple[Network, ...] = ()
    cookies_file: Path | None = None
    proxy: str | None = field(default=None, repr=False)


def hosts(text: str) -> tuple[str, ...]:
    """`youtube.com, vimeo.com` as names; raises Misconfigured for what is no host name."""
    names = [name.lower().strip(".") for name in _items(text)]
    for name in names:
        if urlsplit(f"//{name}").hostname != name:
            raise Misconfigured(f"DEBATE_LINK_HOSTS: {name} is no host name; they look like youtube.com, vimeo.com")
    return tuple(names)


def networks(text: str) -> tuple[Network, ...]:
    """`10.1.0.0/16, fd00::/8` as networks; raises Misconfigured for what is none."""
    try:
        return tuple(ip_network(item) for item in _items(text))
    except ValueError as error:
        raise Misconfigured(f"DEBATE_LINK_NETWORKS: {error}; they look like 10.1.0.0/16, fd00::/8") from error


def proxy(path: Path | None) -> str | None:
    """The proxy's address, from its file. Raises Misconfigured; no message repeats it, for it may hold a password."""
    if path is None:
        return None
    try:
        address = path.read_text(encoding="utf-8").strip()
        parts = urlsplit(address)
        complete = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except (OSError, ValueError) as error:
        raise Misconfigured(f"DEBATE_PROXY_FILE={path} cannot be read ({type(error).__name__})") from error
    if not complete:
        # With SOCKS the worker could not see where a request goes, and so not keep it out of private networks.
        raise Misconfigured(f"DEBATE_PROXY_FILE={path} must hold http://[user:password@]host:port, or https://")
    return address


def _items(text: str) -> Sequence[str]:
    return text.replace(",", " ").split()
