"""web/nginx.conf in Debian's nginx: what can be reached, what cannot, and with which headers."""

from __future__ import annotations

import base64
import gzip
import http.client
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import real_nginx
from golden_statistics import Golden, write_index
from page_tools import Site

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

# Of "word of <user>": bcrypt as `htpasswd -nB` writes it, and `openssl passwd -apr1`.
PASSWORDS = """\
editor:$2y$05$abcdefghijklmnopqrstuu/rZ1614fUk6BacUswj.66szlERKpbIS
reader:$apr1$abcdefgh$9gLHg9uFXo7QdBUVVyfC5.
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes


def fetch(url: str, path: str, *, method: str = "GET", **headers: str) -> Answer:
    """One request with the path exactly as given: http.client tidies nothing up, like an attacker."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


@pytest.fixture
def url(site: Site, three_voices: Golden) -> str:
    site.publish(three_voices)
    return site.url


def test_the_shipped_configuration_is_valid(tmp_path: Path) -> None:
    done = subprocess.run(
        [*real_nginx.nginx_command(tmp_path, tmp_path, 8080), "-t"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_it_runs_as_nobody_and_writes_below_tmp_alone(three_voices: Golden) -> None:
    text = (real_nginx.WEB / "nginx.conf").read_text(encoding="utf-8")
    written = re.findall(r"(?:_temp_path|^pid) ([^;]+);", text, re.MULTILINE)
    assert len(written) == 6
    assert all(path.startswith("/tmp/") for path in written)

    nobody = "nobody" if os.geteuid() == 0 else None
    # Not pytest's folder: nobody but its owner may enter that.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(real_nginx.WEB, folder / "web")
        write_index(folder / "statistics", [three_voices])
        writable = folder / "tmp"
        writable.mkdir()
        writable.chmod(0o777)
        with real_nginx.serve(writable, folder / "statistics", web=folder / "web", user=nobody) as url:
            assert fetch(url, "/").status == 200
            assert fetch(url, "/statistics/index.json").status == 200


@pytest.mark.parametrize(
    "path", ["/", "/index.html", "/statistics/index.json", "/statistics/none.json", "/none", "/healthz"]
)
def test_every_answer_carries_the_headers(url: str, path: str) -> None:
    headers = fetch(url, path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-cache"
    assert re.fullmatch("nginx", headers["server"])


def test_the_page_names_the_same_policy(url: str) -> None:
    named = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', fetch(url, "/").body.decode())
    assert named is not None
    assert f"{named[1]}; frame-ancestors 'none'" == POLICY


@pytest.mark.parametrize(
    ("path", "mime"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/js/main.js", "text/javascript; charset=utf-8"),
        ("/css/base.css", "text/css; charset=utf-8"),
        ("/icon.svg", "image/svg+xml; charset=utf-8"),
        ("/statistics/index.json", "application/json; charset=utf-8"),
        ("/statistics/files/council/debate.vtt", "text/vtt; charset=utf-8"),
        ("/statistics/files/council/debate.rttm", "text/plain; charset=utf-8"),
        ("/statistics/files/council/debate.audio.m4a", "audio/mp4"),
        ("/healthz", "text/plain; charset=utf-8"),
    ],
)
def test_each_kind_of_file_has_its_type(url: str, path: str, mime: str) -> None:
    answer = fetch(url, path)
    assert answer.status == 200
    assert answer.headers["content-type"] == mime


@pytest.mark.parametrize(
    "path",
    [
        "/nginx.conf",
        "/js/",
        "/css/",
        "/statistics/",
        "/statistics/by-job/",
        "/statistics/.index.json.part",
        "/statistics/../nginx.conf",
        "/statistics/%2e%2e/secret.json",
        "/statistics%2f..%2fsecret.json",
        "/statistics../secret.json",
        "/js/../nginx.conf",
        "/js/%2e%2e/nginx.conf",
        "/.git/config",
    ],
)
def test_nothing_else_can_be_reached(url: str, site: Site, path: str) -> None:
    (site.statistics.parent / "secret.json").write_text("{}", encoding="utf-8")
    (site.statistics / ".index.json.part").write_text("{}", encoding="utf-8")
    assert fetch(url, path).status in (400, 403, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_only_reads(url: str, method: str) -> None:
    assert fetch(url, "/statistics/index.json", method=method).status == 405


def test_json_is_compressed_and_asked_for_by_etag(url: str, site: Site) -> None:
    path = "/statistics/by-job/council.json"
    plain = fetch(url, path)
    packed = fetch(url, path, accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    etag = packed.headers["etag"]
    assert fetch(url, path, if_none_match=etag).status == 304
    document = site.statistics / "by-job/council.json"
    document.write_bytes(document.read_bytes() + b"\n")
    assert fetch(url, path, if_none_match=etag).status == 200


def test_audio_is_served_by_range(url: str, site: Site) -> None:
    answer = fetch(url, "/statistics/files/council/debate.audio.m4a", range="bytes=100-199")
    assert answer.status == 206
    assert answer.body == site.audio[100:200]
    assert answer.headers["content-range"] == f"bytes 100-199/{len(site.audio)}"


def test_a_compressed_twin_is_sent_instead_of_compressing_for_each_reader(url: str, site: Site) -> None:
    twin = site.statistics / "by-job/council.json.gz"
    twin.write_bytes(gzip.compress(b'{"from": "the twin"}'))
    path = "/statistics/by-job/council.json"
    packed = fetch(url, path, accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["content-type"] == "application/json; charset=utf-8"
    assert gzip.decompress(packed.body) == b'{"from": "the twin"}'
    assert fetch(url, path, accept_encoding="gzip", if_none_match=packed.headers["etag"]).status == 304
    assert fetch(url, path).body == (site.statistics / "by-job/council.json").read_bytes()


def test_it_asks_for_a_password_where_the_chart_says_so(tmp_path: Path, site: Site, three_voices: Golden) -> None:
    """With the auth.conf of the chart, and a password file as `htpasswd -nB` and others write them."""
    site.publish(three_voices)
    server = tmp_path / "guarded/server"
    server.mkdir(parents=True)
    (tmp_path / "passwords").write_text(PASSWORDS, encoding="utf-8")
    template = (real_nginx.WEB.parent / "charts/debate-analyzer/templates/web.yaml").read_text(encoding="utf-8")
    lines = re.findall(r"^ +(auth_basic.*;)$", template, re.MULTILINE)
    assert len(lines) == 2
    conf = "\n".join(lines).replace("/etc/debate-web-auth/auth", str(tmp_path / "passwords"))
    (server / "auth.conf").write_text(conf, encoding="utf-8")
    with real_nginx.serve(tmp_path / "guarded", site.statistics) as url:
        assert fetch(url, "/healthz").status == 200
        for path in ("/", "/js/main.js", "/config.json", "/statistics/index.json"):
            asked = fetch(url, path)
            assert asked.status == 401
            assert asked.headers["www-authenticate"] == 'Basic realm="Debates"'
            assert asked.headers["content-security-policy"] == POLICY
            assert fetch(url, path, authorization=_basic("editor", "wrong")).status == 401
        for user in ("editor", "reader"):
            assert fetch(url, "/statistics/index.json", authorization=_basic(user, f"word of {user}")).status == 200


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
