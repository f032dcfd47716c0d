"""Links: a real yt-dlp in its own process, against a site on this machine. Nothing outside is called."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import av
import pytest
from deno import find_deno_bin
from media_site import LOOPBACK, LocalSiteIE, Site, SiteFetcher, load_site_fetcher, serving

from debate_core.documents.debatejob import DebateJobSpec
from debate_core.errors import InvalidJob, Misconfigured, SourceBusy, SourceUnavailable, StepError
from debate_worker.prepare.links import fetching
from debate_worker.prepare.links.bringing import Fetched, fetch_link, load_fetcher
from debate_worker.prepare.links.settings import LinkSettings
from debate_worker.prepare.links.tasks import Probe, Sound
from debate_worker.processes import ChildProcess, Progress

SETTINGS = LinkSettings(allowed_networks=(LOOPBACK,))
SOUND = {"format_id": "a", "url": "{base}/media/sound.m4a", "ext": "m4a", "vcodec": "none", "acodec": "mp4a.40.2"}
PICTURE = {"format_id": "v", "url": "{base}/media/picture.mp4", "ext": "mp4", "acodec": "none", "vcodec": "avc1"}

ENTRY = {"_type": "url", "url": "{base}/watch/b"}

Fetch = Callable[..., Fetched]


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """sound.m4a, picture.mp4, tall.mp4, both.mp4 and index.m3u8: three seconds each; subtitles.vtt."""
    folder = tmp_path_factory.mktemp("site")

    def ffmpeg(*arguments: str | Path) -> None:
        command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *map(str, arguments)]
        subprocess.run(command, check=True)

    def picture(size: str, name: str) -> None:
        source = f"testsrc=size={size}:duration=3"
        ffmpeg("-f", "lavfi", "-i", source, "-c:v", "libx264", "-pix_fmt", "yuv420p", folder / name)

    ffmpeg("-f", "lavfi", "-i", "sine=440:duration=3", "-c:a", "aac", folder / "sound.m4a")
    picture("320x180", "picture.mp4")
    picture("640x360", "tall.mp4")
    ffmpeg("-i", folder / "sound.m4a", "-i", folder / "picture.mp4", "-c", "copy", folder / "both.mp4")
    hls = ("-f", "hls", "-hls_time", "1", "-hls_playlist_type", "vod")
    ffmpeg("-i", folder / "both.mp4", "-c", "copy", *hls, folder / "index.m3u8")
    (folder / "subtitles.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nAhoj\n")
    return folder


@pytest.fixture
def site(files: Path) -> Iterator[Site]:
    with serving(Site(files)) as site:
        yield site


@pytest.fixture
def fetch(site: Site, tmp_path: Path) -> Fetch:
    """fetch_link of a path of the site (or of a whole URL), with the site's extractor."""

    def run(url: str, settings: LinkSettings = SETTINGS, progress: Any = None, **download: Any) -> Fetched:
        url = site.base + url if url.startswith("/") else url
        spec = DebateJobSpec.model_validate({"source": {"url": url}, "download": download})
        folder = tmp_path / "download"
        folder.mkdir()
        load = partial(load_site_fetcher, site.pages)
        return fetch_link(spec, settings, folder, progress or (lambda share, seconds: None), load)

    return run


@pytest.fixture
def fetch_here(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Probe and sound of a path of the site in this process: quick, for what its door and its clock have no part in."""
    monkeypatch.setattr(fetching, "LONGEST_SLEEP_S", 0.01)
    monkeypatch.setattr(LocalSiteIE, "pages", site.pages)

    def run(path: str) -> Path:
        fetcher = SiteFetcher(SETTINGS, tmp_path)
        fetcher(Probe(site.base + path, "auto", 1080), lambda share: None)
        found = fetcher(Sound(), lambda share: None)
        assert isinstance(found, Path)
        return found

    return run


def streams(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return sorted(stream.type for stream in container.streams)


def test_sound_picture_and_subtitles_come_and_the_sound_comes_first(fetch: Fetch, site: Site) -> None:
    subtitles = {"cs": [{"url": "{base}/media/subtitles.vtt", "ext": "vtt"}]}
    site.pages["a"] = {"formats": [PICTURE, SOUND], "duration": 3, "subtitles": subtitles, "title": "A debate"}
    fetched = fetch("/watch/a")
    assert streams(fetched.path) == ["audio", "video"]
    assert fetched.path.suffix == ".mp4"
    assert fetched.subtitles["cs"].read_text().startswith("WEBVTT")
    assert fetched.warnings == []
    assert (fetched.found.title, fetched.found.duration_seconds) == ("A debate", 3)
    assert site.media_paths() == ["/media/sound.m4a", "/media/subtitles.vtt", "/media/picture.mp4"]


def test_only_what_the_job_asks_for_is_fetched(fetch: Fetch, site: Site) -> None:
    subtitles = {"cs": [{"url": "{base}/media/subtitles.vtt", "ext": "vtt"}]}
    site.pages["a"] = {"formats": [PICTURE, SOUND], "duration": 3, "subtitles": subtitles}
    fetched = fetch("/watch/a", video=False, subtitles=False)
    assert streams(fetched.path) == ["audio"]
    assert site.media_paths() == ["/media/sound.m4a"]


def test_the_picture_is_no_taller_than_asked_for(fetch: Fetch, site: Site) -> None:
    tall = PICTURE | {"format_id": "t", "url": "{base}/media/tall.mp4", "height": 360}
    site.pages["a"] = {"formats": [SOUND, PICTURE | {"height": 180}, tall]}
    assert "/media/tall.mp4" not in [fetch("/watch/a", maxHeight=200), site.media_paths()][1]


def test_the_original_language_is_preferred(fetch: Fetch, site: Site) -> None:
    dubbed = SOUND | {"format_id": "en", "language": "en", "language_preference": -1, "abr": 320, "quality": 9}
    original = SOUND | {"format_id": "cs", "url": "{base}/media/sound.m4a?cs", "language": "cs", "abr": 64}
    site.pages["a"] = {"formats": [original | {"language_preference": 10}, dubbed]}
    assert fetch("/watch/a", video=False).found.language == "cs"
    assert site.media_paths() == ["/media/sound.m4a?cs"]


def test_the_original_language_is_preferred_to_a_better_picture(fetch: Fetch, site: Site) -> None:
    both = {"ext": "mp4", "vcodec": "avc1", "acodec": "mp4a.40.2"}
    dubbed = both | {"format_id": "en", "url": "{base}/media/tall.mp4", "height": 360, "language_preference": -1}
    original = both | {"format_id": "cs", "url": "{base}/media/both.mp4", "height": 180, "language_preference": 10}
    site.pages["a"] = {"formats": [original, dubbed]}
    fetch("/watch/a")
    assert site.media_paths() == ["/media/both.mp4"]


@pytest.mark.parametrize(
    ("what", "page", "warning"),
    [
        ("picture", {"formats": [SOUND, PICTURE | {"url": "{base}/status/404"}]}, "the video could not be downloaded"),
        (
            "picture that is none",
            {"formats": [SOUND, PICTURE | {"url": "{base}/media/sound.m4a"}]},
            "the video could not be joined with the sound",
        ),
        (
            "subtitles",
            {"formats": [SOUND], "subtitles": {"cs": [{"url": "{base}/status/429", "ext": "vtt"}]}},
            "the subtitles in cs could not be downloaded: the site wants fewer requests",
        ),
    ],
)
def test_a_failure_of_what_is_not_needed_is_reported_and_not_fatal(
    fetch: Fetch, site: Site, what: str, page: dict[str, Any], warning: str
) -> None:
    site.pages["a"] = page
    fetched = fetch("/watch/a")
    assert "audio" in streams(fetched.path)
    assert warning in "\n".join(fetched.warnings)


@pytest.mark.parametrize(
    ("page", "error", "reason"),
    [
        ({"formats": [SOUND], "live_status": "is_live"}, SourceBusy, "is live"),
        ({"formats": [], "live_status": "is_upcoming"}, SourceBusy, "not begun"),
        ({"formats": [SOUND], "live_status": "post_live"}, SourceBusy, "not whole"),
        ({"_type": "playlist", "entries": [ENTRY] * 3}, InvalidJob, "several videos"),
        ({"formats": [SOUND], "duration": 50_000}, SourceUnavailable, "longer than"),
        ({"formats": [SOUND | {"filesize": 10**10}]}, SourceUnavailable, "larger than"),
        ({"formats": [SOUND | {"has_drm": True}]}, SourceUnavailable, "DRM"),
        ({"formats": []}, SourceUnavailable, "no file of it is offered"),
        (
            {"formats": [SOUND | {"url": "rtmp://127.0.0.1/a", "protocol": "rtmp"}]},
            SourceUnavailable,
            "no file of it is offered",
        ),
        ({"error": "geo"}, SourceUnavailable, "where the worker runs"),
        ({"error": "Private video. Sign in if you've been granted access"}, SourceUnavailable, "private"),
        ({"error": "Sign in to confirm you're not a bot"}, SourceBusy, "send the file instead"),
        ({"error": "crash"}, SourceBusy, "could not be read"),
    ],
)
def test_what_cannot_be_had_is_refused_before_a_byte_of_it_is_fetched(
    fetch_here: Callable[[str], Path], site: Site, page: dict[str, Any], error: type[StepError], reason: str
) -> None:
    site.pages["a"] = page
    with pytest.raises(error, match=reason):
        fetch_here("/watch/a")
    assert site.media_paths() == []


def test_a_list_of_one_video_is_that_video(fetch: Fetch, site: Site) -> None:
    site.pages["a"] = {"_type": "playlist", "entries": [ENTRY]}
    site.pages["b"] = {"formats": [SOUND]}
    assert fetch("/watch/a").found.id == "b"


@pytest.mark.parametrize("path", ["/media/both.mp4", "/media/index.m3u8", "/page", "/to?/page", "/cut/media/both.mp4"])
def test_links_to_files_to_pages_with_one_and_to_broken_transfers(fetch: Fetch, site: Site, path: str) -> None:
    site.html = '<html><body><video src="{base}/media/both.mp4"></video></body></html>'
    fetched = fetch(path)
    assert streams(fetched.path) == ["audio", "video"]
    with av.open(str(fetched.path)) as container:
        assert container.format.name.startswith("mov")
        assert container.duration == pytest.approx(3e6, abs=2e5)
        assert container.start_time == 0


def test_a_transfer_that_broke_off_goes_on_where_it_was(fetch: Fetch, site: Site, files: Path) -> None:
    site.cuts = 3
    fetched = fetch("/cut/media/both.mp4")
    assert fetched.path.read_bytes() == (files / "both.mp4").read_bytes()
    assert any("Range" in headers and headers["Range"] != "bytes=0-" for _, headers in site.requests)


@pytest.mark.parametrize(
    ("path", "error", "reason"),
    [
        ("/status/404", SourceUnavailable, "HTTP 404"),
        ("/status/410", SourceUnavailable, "HTTP 410"),
        ("/status/403", SourceUnavailable, "HTTP 403"),
        ("/status/429", SourceBusy, "HTTP 429"),
        ("/status/503", SourceBusy, "HTTP 503"),
        ("/page", SourceUnavailable, "no video was found"),
        ("/to?/to?ftp://127.0.0.1/a", SourceUnavailable, "not http"),
    ],
)
def test_what_a_server_answers(
    fetch_here: Callable[[str], Path], site: Site, path: str, error: type[StepError], reason: str
) -> None:
    site.headers = {"Retry-After": "7"}
    site.html = "<html><body>nothing here</body></html>"
    with pytest.raises(error, match=reason) as raised:
        fetch_here(path)
    assert raised.value.retry_after_seconds == (7 if error is SourceBusy else None)


@pytest.mark.parametrize(
    ("way", "error", "reason"),
    [
        ("cut", SourceBusy, "could not be read"),
        ("short", SourceBusy, "could not be read"),
        ("refused", SourceBusy, "HTTP 403"),
    ],
)
def test_a_download_that_never_comes_whole_is_tried_again_later(
    fetch_here: Callable[[str], Path], site: Site, way: str, error: type[StepError], reason: str
) -> None:
    site.cuts = 1000
    site.pages["a"] = {"formats": [SOUND | {"url": f"{{base}}/{way}/media/sound.m4a"}]}
    with pytest.raises(error, match=reason):
        fetch_here("/watch/a")


def test_bytes_are_counted_while_they_come(fetch: Fetch, site: Site) -> None:
    site.pages["a"] = {"formats": [SOUND | {"url": "{base}/endless/media/both.mp4"}]}
    settings = LinkSettings(allowed_networks=(LOOPBACK,), max_bytes=3_000_000)
    with pytest.raises(SourceUnavailable, match="larger than"):
        fetch("/watch/a", settings)


def test_the_wall_clock_is_minded(fetch: Fetch, site: Site) -> None:
    site.pages["a"] = {"formats": [SOUND | {"url": "{base}/slow/media/both.mp4"}]}
    with pytest.raises(SourceBusy, match="took longer than 4 s"):
        fetch("/watch/a", LinkSettings(allowed_networks=(LOOPBACK,), timeout_seconds=4))


def test_a_slow_picture_does_not_cost_the_sound(fetch: Fetch, site: Site) -> None:
    site.pages["a"] = {"formats": [SOUND, PICTURE | {"url": "{base}/slow/media/both.mp4"}]}
    fetched = fetch("/watch/a", LinkSettings(allowed_networks=(LOOPBACK,), timeout_seconds=15))
    assert streams(fetched.path) == ["audio"]
    assert fetched.warnings == ["the video could not be downloaded in time"]


class _StopError(Exception):
    pass


def test_a_stop_ends_a_download_at_once(fetch: Fetch, site: Site) -> None:
    site.pages["a"] = {"formats": [SOUND | {"url": "{base}/slow/media/both.mp4"}]}

    def progress(share: float, seconds: float | None) -> None:
        if site.requests and "/slow/" in site.requests[-1][0]:
            raise _StopError

    with pytest.raises(_StopError):
        fetch("/watch/a", progress=progress)


def test_a_redirect_into_a_private_network_is_refused(fetch: Fetch, site: Site) -> None:
    other = site.base.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(SourceUnavailable, match=r"must not reach \(127.0.0.2 is not a public address\)"):
        fetch(f"/to?{other}/media/both.mp4")


def test_a_page_that_points_into_a_private_network_is_refused(fetch: Fetch, site: Site) -> None:
    site.pages["a"] = {"formats": [SOUND | {"url": "http://127.0.0.2:1/sound.m4a"}]}
    with pytest.raises(SourceUnavailable, match="must not reach"):
        fetch("/watch/a")


def test_a_name_that_leads_into_a_private_network_is_refused(fetch: Fetch, site: Site) -> None:
    port = site.base.rpartition(":")[2]
    with pytest.raises(SourceUnavailable, match="must not reach"):
        fetch(f"http://localhost:{port}/media/both.mp4", LinkSettings())
    assert site.requests == []


def test_an_allowed_host_may_not_lead_to_another(fetch: Fetch, site: Site) -> None:
    port = site.base.rpartition(":")[2]
    settings = LinkSettings(allowed_networks=(LOOPBACK, ip_network("::1/128")), allowed_hosts=("localhost",))
    with pytest.raises(InvalidJob, match=r"127\.0\.0\.1 is not among the hosts"):
        fetch(f"http://localhost:{port}/to?{site.base}/media/both.mp4", settings)


def test_a_proxy_is_used_and_its_password_not_told(fetch: Fetch, site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    proxy = site.base.replace("http://", "http://user:secret@")
    with pytest.raises(Misconfigured, match="DEBATE_PROXY_FILE") as raised:
        fetch("http://93.184.215.14/debate.mp4", LinkSettings(proxy=proxy))
    assert site.paths()[0] == "http://93.184.215.14/debate.mp4"
    assert "secret" not in raised.value.message + "".join(capfd.readouterr())


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_is_not_asked_for_private_addresses(fetch: Fetch, site: Site, scheme: str) -> None:
    with pytest.raises(SourceUnavailable, match="must not reach"):
        fetch(f"{scheme}://localhost/debate.mp4", LinkSettings(proxy=site.base))
    assert site.requests == []


def test_cookies_are_sent_and_their_file_is_left_alone(fetch: Fetch, site: Site, tmp_path: Path) -> None:
    cookies = tmp_path / "given.txt"
    text = "# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\tsecret-cookie\n"
    cookies.write_text(text)
    cookies.chmod(0o400)
    site.pages["a"] = {"formats": [SOUND]}
    fetch("/watch/a", LinkSettings(allowed_networks=(LOOPBACK,), cookies_file=cookies), video=False)
    assert all(headers.get("Cookie") == "session=secret-cookie" for _, headers in site.requests)
    assert cookies.read_text() == text
    assert stat.S_IMODE((tmp_path / "download" / "cookies.txt").stat().st_mode) == 0o600


@pytest.mark.parametrize(("text", "reason"), [(None, "cannot be read"), ("{}", "not in Netscape format")])
def test_cookies_that_cannot_be_used_are_told_of(fetch: Fetch, tmp_path: Path, text: str | None, reason: str) -> None:
    cookies = tmp_path / "given.txt"
    if text is not None:
        cookies.write_text(text)
    with pytest.raises(Misconfigured, match=reason):
        fetch("/watch/a", LinkSettings(allowed_networks=(LOOPBACK,), cookies_file=cookies))


def _behind_the_door(folder: Path) -> Callable[[str, Progress], str]:
    """In the child: what the downloading process may still do, as the name of the error or `done`."""
    load_fetcher(SETTINGS, folder)
    deeds: dict[str, Callable[[], object]] = {
        "deno": lambda: subprocess.run([find_deno_bin(), "--version"], check=True, capture_output=True),
        "ffmpeg": lambda: subprocess.run(["ffmpeg", "-version"], check=False),
        "shell": lambda: subprocess.run("true", shell=True, check=False),
        "system": lambda: os.system("true"),
        "exec": lambda: os.execv("/bin/true", ["true"]),
        "metadata": lambda: socket.create_connection(("169.254.169.254", 80), timeout=1),
        "name": lambda: socket.socket(socket.AF_INET).connect(("localhost", 1)),
        "unix": lambda: socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock"),
    }

    def handle(deed: str, _progress: Progress) -> str:
        try:
            deeds[deed]()
        except Exception as error:  # noqa: BLE001  # its name is the answer
            return type(error).__name__
        return "done"

    return handle


def test_the_downloading_process_can_do_little_else(tmp_path: Path) -> None:
    process = ChildProcess("door", partial(_behind_the_door, tmp_path))
    expected = {
        "deno": "done",
        "ffmpeg": "PermissionError",
        "shell": "PermissionError",
        "system": "PermissionError",
        "exec": "PermissionError",
        "metadata": "AddressRefused",
        "name": "AddressRefused",
        "unix": "AddressRefused",
    }
    found = {}
    for deed in expected:
        process.submit(deed)
        found[deed] = process.receive()[1]
    process.stop()
    assert found == expected
