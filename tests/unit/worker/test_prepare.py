"""prepare as a whole: the claim, the media's way into the store, the plan, ending early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from media import tone

from debate_core import keys
from debate_core.documents.manifest import Owner
from debate_core.documents.plan import Plan
from debate_core.errors import Interrupted, InvalidJob, JobIdTaken, MediaUndecodable, Misconfigured, SourceUnavailable
from debate_worker.context import Context
from debate_worker.prepare.step import prepare

MakeContext = Callable[..., Context]
FILE = {"source": {"file": "in.wav"}}


@pytest.fixture
def media(tmp_path: Path) -> Path:
    return tone(tmp_path / "in.wav", 2)


def everything(context: Context) -> dict[str, bytes]:
    return {info.key: context.store.get(info.key) for info in context.store.list("")}


def test_it_leaves_the_media_the_sound_and_the_plan(make_context: MakeContext, media: Path) -> None:
    context = make_context(FILE)
    result = prepare(context)
    plan = Plan.from_json(context.store.get("work/a-debate/plan.json"))
    assert context.store.get("jobs/a-debate/videos/in.wav") == media.read_bytes()
    assert len(context.store.get("work/a-debate/audio.s16")) == 2 * 32_000
    assert plan.audio.duration_seconds == 2
    assert (plan.windows[0].start, plan.windows[0].end) == (0, 2)
    assert result.facts["title"] == "in"
    assert result.facts["media_key"] == "jobs/a-debate/videos/in.wav"
    assert Owner.from_json(context.store.get(keys.OWNER.key(job_id="a-debate"))).name == "a-debate"


def test_a_second_run_ends_early(make_context: MakeContext, media: Path) -> None:
    first = make_context(FILE)
    result = prepare(first)
    before = {info.key: info.last_modified for info in first.store.list("")}
    again = make_context(FILE)
    assert prepare(again) == result
    assert {info.key: info.last_modified for info in again.store.list("")} == before


@pytest.mark.parametrize(
    "change",
    [{"language": "cs"}, {"diarization": {"enabled": False}}, {"diarization": {"maxSpeakers": 2}}],
    ids=["language", "no diarization", "speakers"],
)
def test_another_request_makes_another_plan(make_context: MakeContext, media: Path, change: dict[str, Any]) -> None:
    context = make_context(FILE)
    prepare(context)
    before = context.store.get("work/a-debate/plan.json")
    prepare(make_context(FILE | change))
    assert context.store.get("work/a-debate/plan.json") != before


def test_a_plan_is_byte_stable(make_context: MakeContext, media: Path) -> None:
    context = make_context(FILE)
    prepare(context)
    before = context.store.get("work/a-debate/plan.json")
    context.store.delete("work/a-debate/plan.json")
    prepare(make_context(FILE))
    assert context.store.get("work/a-debate/plan.json") == before


def test_the_id_of_another_source_is_taken(make_context: MakeContext, media: Path) -> None:
    prepare(make_context(FILE))
    tone(media, 1, frequency=500)
    with pytest.raises(JobIdTaken, match="debate-worker delete --job-id a-debate"):
        prepare(make_context(FILE))


def test_a_mended_file_may_follow_one_that_could_not_be_decoded(
    make_context: MakeContext, media: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.wav").write_bytes(b"x" * 1000)
    with pytest.raises(MediaUndecodable):
        prepare(make_context({"source": {"file": "broken.wav"}}))
    context = make_context(FILE)
    prepare(context)
    assert [i.key for i in context.store.list("jobs/a-debate/videos/")] == ["jobs/a-debate/videos/in.wav"]


def test_another_owner_may_not_even_then(make_context: MakeContext, media: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"x" * 1000)
    with pytest.raises(MediaUndecodable):
        prepare(make_context({"source": {"file": "broken.wav"}}))
    other = make_context(FILE, name="another")
    with pytest.raises(JobIdTaken):
        prepare(replace(other, job_id="a-debate"))


def test_the_same_source_under_another_name_may_go_on(make_context: MakeContext, media: Path) -> None:
    prepare(make_context(FILE))
    media.rename(media.with_name("moved.wav"))
    prepare(make_context({"source": {"file": "moved.wav"}}))


def test_an_object_that_is_in_the_store_already_stays_where_it_is(
    make_context: MakeContext, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = make_context(FILE)
    context.store.put_file("jobs/a-debate/videos/in.wav", media)
    monkeypatch.setattr("debate_worker.prepare.source.open_store", lambda uri: context.store)
    job = make_context({"source": {"object": "s3://bucket/jobs/a-debate/videos/in.wav"}, "mode": "TranscribeOnly"})
    monkeypatch.setattr(type(job.store), "uri", "s3://bucket")
    result = prepare(job)
    assert result.facts["media_key"] == "jobs/a-debate/videos/in.wav"
    assert [i.key for i in context.store.list("jobs/a-debate/videos/")] == ["jobs/a-debate/videos/in.wav"]


@pytest.mark.parametrize(
    ("source", "error", "advice"),
    [
        ({"file": "missing.mp4"}, SourceUnavailable, "missing.mp4 cannot be read"),
        ({"file": "."}, InvalidJob, "is a folder"),
        ({"url": "http://169.254.169.254/latest/meta-data"}, InvalidJob, "not a public address"),
    ],
)
def test_a_bad_source_is_refused_before_anything_is_written(
    make_context: MakeContext, source: dict[str, str], error: type[Exception], advice: str
) -> None:
    context = make_context({"source": source})
    with pytest.raises(error, match=advice):
        prepare(context)
    assert not Path(context.store.uri.removeprefix("file://")).exists()


def test_an_unknown_model_is_refused_before_the_media_is_read(make_context: MakeContext, media: Path) -> None:
    context = make_context(FILE | {"transcription": {"model": "large-v9"}})
    with pytest.raises(Misconfigured, match="whisper-demo"):
        prepare(context)
    assert not context.store.exists("jobs/a-debate/videos/in.wav")


def test_an_unknown_language_is_refused_before_the_media_is_read(make_context: MakeContext, media: Path) -> None:
    context = make_context(FILE | {"language": "xx"})
    with pytest.raises(InvalidJob, match="language xx"):
        prepare(context)
    assert not context.store.exists("jobs/a-debate/videos/in.wav")


def test_a_file_that_is_no_media_leaves_no_plan(make_context: MakeContext, tmp_path: Path) -> None:
    (tmp_path / "in.wav").write_bytes(b"x" * 1000)
    context = make_context(FILE)
    with pytest.raises(MediaUndecodable):
        prepare(context)
    assert not context.store.exists("work/a-debate/plan.json")
    assert not context.store.exists("work/a-debate/audio.s16")


def test_a_stop_leaves_nothing_half_done(make_context: MakeContext, media: Path) -> None:
    context = make_context(FILE)
    context.stop.set()
    with pytest.raises(Interrupted):
        prepare(context)
    assert set(everything(context)) == {"jobs/a-debate/owner.json"}


@pytest.mark.parametrize(
    "name", ["sp ace.wav", "quo'te\".wav", "Ünïcode-дебаты.wav", "new\nline.wav", ".hidden.wav", "a.WAV"]
)
def test_any_file_name_that_people_have(make_context: MakeContext, media: Path, name: str) -> None:
    media.rename(media.with_name(name))
    context = make_context({"source": {"file": name}})
    result = prepare(context)
    fields = keys.MEDIA.parse(str(result.facts["media_key"]))
    assert fields is not None
    assert fields["job_id"] == "a-debate"
    assert result.facts["title"] == Path(name).stem


def test_download_only_brings_the_media_and_needs_no_models(make_context: MakeContext, media: Path) -> None:
    context = replace(make_context(FILE | {"mode": "DownloadOnly"}), catalog=None)
    result = prepare(context)
    assert result.facts["duration_seconds"] == 2
    assert set(everything(context)) == {"jobs/a-debate/owner.json", "jobs/a-debate/videos/in.wav"}


def test_download_only_refuses_what_has_no_sound(make_context: MakeContext, tmp_path: Path) -> None:
    (tmp_path / "in.wav").write_bytes(b"x" * 1000)
    with pytest.raises(MediaUndecodable):
        prepare(replace(make_context(FILE | {"mode": "DownloadOnly"}), catalog=None))


def test_what_was_downloaded_can_be_prepared_after(make_context: MakeContext, media: Path) -> None:
    prepare(make_context(FILE | {"mode": "DownloadOnly"}))
    assert prepare(make_context(FILE)).facts["windows"] == 1
