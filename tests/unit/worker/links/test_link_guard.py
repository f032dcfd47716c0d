"""What a link may name and reach; the rules alone. That a process keeps to them: tests/integration/test_links.py."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debate_core.errors import InvalidJob, Misconfigured
from debate_worker.prepare.links.guard import check_link, is_allowed_address
from debate_worker.prepare.links.settings import LinkSettings, hosts, networks, proxy

ANY = LinkSettings()
SOME = LinkSettings(allowed_hosts=("youtube.com", "parlament.cz"))


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=abc",
        "https://youtube.com/@channel/x",
        "http://youtube.com:8080/a",
        "https://WWW.YouTube.com./a",
    ],
)
def test_a_good_link_passes(url: str) -> None:
    check_link(url, ANY)
    check_link(url, SOME)


@pytest.mark.parametrize(
    ("url", "settings", "advice"),
    [
        ("ftp://example.org/a.mp4", ANY, "begin with http"),
        ("file:///etc/passwd", ANY, "begin with http"),
        ("gopher://example.org/", ANY, "begin with http"),
        ("https://", ANY, "begin with http"),
        ("https://user:secret@example.org/a", ANY, "cookies file"),
        ("https://user@example.org/a", ANY, "cookies file"),
        ("https://[::1/a", ANY, "no link"),
        ("https://example.org:99999/a", ANY, "no link"),
        ("https://example.org/a", SOME, "not among the hosts"),
        ("https://evilyoutube.com/a", SOME, "not among the hosts"),
        ("https://youtube.com.evil.org/a", SOME, "not among the hosts"),
        ("http://127.0.0.1/a", ANY, "not a public address"),
        ("http://169.254.169.254/latest/meta-data", ANY, "not a public address"),
        ("http://10.0.0.1:8080/", ANY, "not a public address"),
        ("http://[::1]/", ANY, "not a public address"),
        ("http://[::ffff:10.0.0.1]/", ANY, "not a public address"),
    ],
)
def test_a_bad_link_is_refused_with_advice(url: str, settings: LinkSettings, advice: str) -> None:
    with pytest.raises(InvalidJob, match=advice):
        check_link(url, settings)


def test_a_password_in_a_link_is_not_repeated() -> None:
    with pytest.raises(InvalidJob) as raised:
        check_link("https://user:secret@example.org/a", ANY)
    assert "secret" not in raised.value.message


PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "169.254.170.23",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "255.255.255.255",
    "240.0.0.1",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a00:1",
    "2002:a00:1::1",
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "142.250.1.1",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_allowed_address(address, [])


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_that_are_public(address: str) -> None:
    assert is_allowed_address(address, [])


def test_a_network_of_ones_own_may_be_allowed() -> None:
    own = networks("10.1.0.0/16, fd00::/8")
    assert is_allowed_address("10.1.2.3", own)
    assert is_allowed_address("fd00::1", own)
    assert not is_allowed_address("10.2.0.1", own)
    assert is_allowed_address("::ffff:10.1.0.9", [ip_network("10.1.0.0/16")])


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_form(address: object) -> None:
    plain = is_allowed_address(str(address), [])
    assert is_allowed_address(f"::ffff:{address}", []) == plain


@pytest.mark.parametrize(
    ("read", "text", "named"),
    [
        (hosts, "https://youtube.com", "DEBATE_LINK_HOSTS"),
        (hosts, "a b/c", "DEBATE_LINK_HOSTS"),
        (networks, "10.0.0.0/33", "DEBATE_LINK_NETWORKS"),
        (networks, "10.1.2.3/16", "DEBATE_LINK_NETWORKS"),
        (networks, "intranet", "DEBATE_LINK_NETWORKS"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(read: object, text: str, named: str) -> None:
    assert callable(read)
    with pytest.raises(Misconfigured, match=named):
        read(text)


def test_hosts_are_read_as_people_write_them() -> None:
    assert hosts("YouTube.com, .vimeo.com  parlament.cz.") == ("youtube.com", "vimeo.com", "parlament.cz")
    assert hosts("") == ()


def test_a_proxy_comes_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "proxy"
    file.write_text("http://user:secret@proxy.example:3128\n")
    assert proxy(file) == "http://user:secret@proxy.example:3128"
    assert "secret" not in repr(LinkSettings(proxy=proxy(file)))
    assert proxy(None) is None


@pytest.mark.parametrize("text", ["", "proxy.example", "socks5://user:secret@proxy:1080", "http://user:secret@:x"])
def test_a_proxy_that_cannot_be_used_is_refused_without_its_password(tmp_path: Path, text: str) -> None:
    file = tmp_path / "proxy"
    file.write_text(text)
    with pytest.raises(Misconfigured, match="DEBATE_PROXY_FILE") as raised:
        proxy(file)
    assert "secret" not in raised.value.message
    with pytest.raises(Misconfigured, match="cannot be read"):
        proxy(tmp_path / "missing")
