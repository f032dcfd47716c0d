"""What is taken of what a link leads to, and what is refused before a byte of it is fetched."""

from __future__ import annotations

from typing import Any

import pytest

from debate_core.errors import InvalidJob, SourceBusy, SourceUnavailable, StepError
from debate_worker.prepare.links.deciding import LIVE_AGAIN_S, decide
from debate_worker.prepare.links.settings import LinkSettings

SETTINGS = LinkSettings(max_seconds=7200, max_bytes=1_000_000_000)
NOW = 1_800_000_000.0


def info(**changes: Any) -> dict[str, Any]:
    return {
        "_type": "video",
        "id": "Ab-1",
        "title": "Great debate",
        "webpage_url": "https://video.example/watch?v=Ab-1",
        "extractor_key": "Example",
        "duration": 5400,
        "live_status": "not_live",
        "url": "https://cdn.example/a.m4a",
        "vcodec": "none",
        "language": "cs",
        "subtitles": {"cs": [], "cs-CZ": [], "de": [], "live_chat": []},
    } | changes


def test_a_video_is_taken() -> None:
    found = decide(info(), "auto", SETTINGS, NOW)
    assert (found.id, found.title, found.duration_seconds, found.has_picture) == ("Ab-1", "Great debate", 5400, False)
    assert found.page == "https://video.example/watch?v=Ab-1"


@pytest.mark.parametrize(
    ("changes", "error", "advice"),
    [
        ({"_type": "playlist"}, InvalidJob, "several videos: give the link of one"),
        ({"_type": "multi_video"}, InvalidJob, "several videos"),
        ({"live_status": "is_live"}, SourceBusy, "is live"),
        ({"is_live": True, "live_status": None}, SourceBusy, "is live"),
        ({"live_status": "post_live"}, SourceBusy, "not whole on the site yet"),
        ({"live_status": "is_upcoming", "url": None}, SourceBusy, "has not begun"),
        ({"duration": 7201}, SourceUnavailable, "lasts 2.0 h, longer than the 2.0 h"),
        ({"filesize": 1_000_000_001}, SourceUnavailable, "larger than the 1.0 GB"),
        ({"filesize_approx": 2_000_000_000}, SourceUnavailable, "DEBATE_LINK_MAX_BYTES"),
        ({"url": None, "formats": []}, SourceUnavailable, "no file of it is offered: send the file instead"),
        ({"url": None, "formats": [{"has_drm": True}]}, SourceUnavailable, "DRM"),
    ],
)
def test_what_cannot_be_had_is_refused_with_the_reason(
    changes: dict[str, Any], error: type[StepError], advice: str
) -> None:
    with pytest.raises(error, match=advice):
        decide(info(**changes), "auto", SETTINGS, NOW)


@pytest.mark.parametrize(
    ("release", "seconds"),
    [(NOW + 3600, 3600), (NOW - 5, 60), (NOW + 10 * 86_400, 86_400), (None, LIVE_AGAIN_S)],
)
def test_an_announced_stream_is_waited_for_until_it_begins(release: float | None, seconds: float) -> None:
    with pytest.raises(SourceBusy) as raised:
        decide(info(live_status="is_upcoming", release_timestamp=release, url=None), "auto", SETTINGS, NOW)
    assert raised.value.retry_after_seconds == seconds


def test_a_stream_that_is_over_is_a_video_like_any_other() -> None:
    assert decide(info(live_status="was_live"), "auto", SETTINGS, NOW).id == "Ab-1"


@pytest.mark.parametrize(
    ("language", "changes", "subtitles"),
    [
        ("auto", {}, ("cs", "cs-CZ")),
        ("de", {}, ("de",)),
        ("en", {}, ()),
        ("auto", {"language": None}, ("cs", "cs-CZ", "de")),
        ("auto", {"subtitles": None}, ()),
    ],
)
def test_subtitles_are_those_of_the_spoken_language(
    language: str, changes: dict[str, Any], subtitles: tuple[str, ...]
) -> None:
    assert decide(info(**changes), language, SETTINGS, NOW).subtitles == subtitles


@pytest.mark.parametrize(
    ("changes", "has_picture"),
    [
        ({"vcodec": "avc1"}, True),
        ({"vcodec": None, "ext": "mp4"}, True),
        ({"vcodec": None, "ext": "mp3"}, False),
    ],
)
def test_it_is_known_whether_the_picture_comes_along(changes: dict[str, Any], has_picture: bool) -> None:
    assert decide(info(**changes), "auto", SETTINGS, NOW).has_picture == has_picture


@pytest.mark.parametrize(
    ("title", "shown"),
    [("two\nlines\x00 \u202eevil", "two lines evil"), ("", "Ab-1"), (None, "Ab-1"), ("x" * 1000, "x" * 300)],
)
def test_a_title_is_one_plain_line(title: str | None, shown: str) -> None:
    assert decide(info(title=title), "auto", SETTINGS, NOW).title == shown


@pytest.mark.parametrize("nonsense", ["long", [], -5, 0, None])
def test_a_length_that_is_none_is_not_known(nonsense: Any) -> None:
    assert decide(info(duration=nonsense), "auto", SETTINGS, NOW).duration_seconds is None
