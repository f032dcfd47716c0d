"""Disks that are full, stores that cannot be written, models that are not what they should be, and odd names."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import odd_media as odd
import pytest
from faulty_proxy import Fault, FaultyProxy
from media_site import Site, serving
from odd_run import MODELS, files_of, run_job
from versitygw import S3Server
from worker_process import WORKER, manifest

from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.transcript import Transcript
from debate_core.errors import Misconfigured
from debate_core.reasons import Reason
from debate_core.store import RetryPolicy, S3Settings, open_store
from debate_worker.ending import scratch_errors
from debate_worker.finish.audio import encode_m4a

STATS = Path(sys.executable).with_name("debate-stats")


@pytest.fixture(scope="session")
def minute(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of silence: some kB as FLAC, 1.9 MB as PCM."""
    path = tmp_path_factory.mktemp("minute") / "minute.flac"
    odd.ffmpeg("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", 60, path)
    return path


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Callable[[str], None]]:
    """A file system of its own at `folder`; what is yielded mounts it anew with other options."""
    folder.mkdir()

    def mount(options: str) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "small-disk", folder], check=True, capture_output=True)

    try:
        mount(f"size={megabytes}m")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a disk that is full needs the right to mount one: run as root")
    try:
        yield lambda options: mount(f"remount,{options}")
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without root's rights, which no permission stops."""
    if os.geteuid():
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that nobody may enter as well: pytest's own are the user's alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def worker(job: Path, *arguments: object, step: str | None = "prepare") -> subprocess.CompletedProcess[str]:
    only = ["--step", step] if step else []
    command = [str(WORKER), "run", "--job", str(job), *map(str, arguments), *only]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)


# Full disks


def test_scratch_is_full(minute: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "cache", 1):
        options = ("--store", tmp_path / "store", "--cache", tmp_path / "cache", "--models", MODELS)
        done = worker(manifest(tmp_path, minute), *options)
        assert done.returncode == 14
        assert "no room left for scratch files" in done.stderr
        assert "--cache" in done.stderr
        assert "Traceback" not in done.stderr
        assert list((tmp_path / "cache").iterdir()) == []
    assert files_of(tmp_path / "store") == {"jobs/debate/owner.json", "jobs/debate/videos/minute.flac"}


def test_scratch_has_no_room_for_media_from_a_bucket(tmp_path: Path, s3_store_uri: str) -> None:
    odd.write_wav(tmp_path / "minute.wav", odd.np.zeros(60 * odd.RATE))
    open_store(s3_store_uri).put_file("in/minute.wav", tmp_path / "minute.wav")
    with small_disk(tmp_path / "cache", 1):
        result = run_job({"object": f"{s3_store_uri}/in/minute.wav"}, tmp_path)
        assert (result.exit_code, result.reason) == (14, Reason.MISCONFIGURED)
        assert "no room left for scratch files" in result.message
        assert files_of(tmp_path / "cache") == set()
    assert files_of(tmp_path / "store") == {"jobs/odd/owner.json"}


def test_scratch_has_no_room_for_media_from_a_link(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    odd.write_wav(tmp_path / "site" / "minute.wav", odd.np.zeros(60 * odd.RATE))
    with small_disk(tmp_path / "cache", 1), serving(Site(tmp_path / "site")) as site:
        job = manifest(tmp_path, tmp_path, source={"url": f"{site.base}/media/minute.wav"})
        options = ("--store", tmp_path / "store", "--cache", tmp_path / "cache", "--models", MODELS)
        done = worker(job, *options, "--link-networks", "127.0.0.1/32")
        assert done.returncode == 14, done.stderr
        assert "no room left for scratch files" in done.stderr
        assert files_of(tmp_path / "cache") == set()
    assert files_of(tmp_path / "store") == {"jobs/debate/owner.json"}


def test_scratch_is_full_without_any_right_to_mount(minute: Path, tmp_path: Path) -> None:
    (tmp_path / "cache" / "scratch").mkdir(parents=True)
    (tmp_path / "cache" / "scratch" / "audio.s16").symlink_to("/dev/full")
    result = run_job({"file": str(minute)}, tmp_path)
    assert (result.exit_code, result.reason) == (14, Reason.MISCONFIGURED)
    assert not (tmp_path / "store" / "work").exists()


def test_scratch_is_full_when_finish_encodes_the_sound(tmp_path: Path) -> None:
    (tmp_path / "audio.m4a").symlink_to("/dev/full")
    sound = (bytes(32_000) for _ in range(100))
    with pytest.raises(Misconfigured, match="no room left"), scratch_errors(tmp_path):
        encode_m4a(sound, tmp_path / "audio.m4a", progress=lambda seconds: None)


def test_the_store_is_full_until_somebody_makes_room(minute: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "store", 1) as mount:
        result = run_job({"file": str(minute)}, tmp_path)
        assert (result.exit_code, result.reason) == (16, Reason.STORE_UNREACHABLE)
        assert "No space left on device): check disk and mount" in result.message
        assert files_of(tmp_path / "store") == {"jobs/odd/owner.json", "jobs/odd/videos/minute.flac"}
        mount("size=8m")
        assert run_job({"file": str(minute)}, tmp_path).exit_code == 0


def test_the_store_is_full_from_the_start(minute: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "store", 1):
        (tmp_path / "store" / "of somebody else").write_bytes(bytes(1 << 20))
        result = run_job({"file": str(minute)}, tmp_path)
        assert (result.exit_code, result.reason) == (16, Reason.STORE_UNREACHABLE)
        assert files_of(tmp_path / "store") == {"of somebody else"}


# Read-only stores


def test_the_store_is_on_a_disk_that_is_mounted_to_read(minute: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "store", 8) as mount:
        mount("ro")
        result = run_job({"file": str(minute)}, tmp_path)
        assert (result.exit_code, result.reason) == (14, Reason.MISCONFIGURED)
        assert "(Read-only file system): check its permissions" in result.message
        assert files_of(tmp_path / "store") == set()


def test_the_store_is_somebody_elses_folder(minute: Path, reachable: Path) -> None:
    media = shutil.copy(minute, reachable)
    (reachable / "cache" / "scratch").mkdir(parents=True)
    (reachable / "store").mkdir()
    (reachable / "store").chmod(0o555)
    with as_nobody():
        result = run_job({"file": media}, reachable)
    assert (result.exit_code, result.reason) == (14, Reason.MISCONFIGURED)
    assert "does not let this user use jobs/odd/owner.json (Permission denied): check its permissions" in result.message
    assert files_of(reachable / "store") == set()


def test_the_source_may_not_be_read(minute: Path, reachable: Path) -> None:
    media = Path(shutil.copy(minute, reachable))
    media.chmod(0)
    locked = reachable / "locked"
    locked.mkdir(mode=0)
    (reachable / "cache" / "scratch").mkdir(parents=True)
    with as_nobody():
        results = [run_job({"file": str(path)}, reachable) for path in (media, locked / "x.mp4")]
    for result in results:
        assert (result.exit_code, result.reason) == (11, Reason.SOURCE_UNAVAILABLE)
        assert "cannot be read (Permission denied): check source.file" in result.message
    assert not (reachable / "store").exists()


@pytest.mark.parametrize(
    ("denied", "left"),
    [
        ("owner.json", set()),
        # Of analyze and finish, which come later.
        ("/windows/", {"jobs/odd/owner.json"}),
        ("/transcripts/", {"jobs/odd/owner.json"}),
        ("/manifest/", {"jobs/odd/owner.json"}),
        ("/videos/", {"jobs/odd/owner.json"}),
        ("audio.s16", {"jobs/odd/owner.json", "jobs/odd/videos/minute.flac"}),
        (
            "plan.json",
            {
                "jobs/odd/owner.json",
                "jobs/odd/videos/minute.flac",
                "work/odd/audio.s16",
                "work/odd/results/prepare-0.json",
            },
        ),
    ],
)
def test_the_bucket_denies_writing(
    denied: str, left: set[str], minute: Path, tmp_path: Path, s3_server: S3Server, s3_store_uri: str
) -> None:
    real = open_store(s3_store_uri)
    with FaultyProxy(s3_server.port).running() as proxy:
        faults = [Fault(method, "answer", denied, 403, "AccessDenied") for method in ("PUT", "POST")]
        proxy.faults = faults * 10
        settings = S3Settings(endpoint_url=proxy.endpoint_url, retry=RetryPolicy(first_wait_s=0.01))
        result = run_job({"file": str(minute)}, tmp_path, store=open_store(s3_store_uri, settings=settings))
    assert (result.exit_code, result.reason) == (14, Reason.MISCONFIGURED)
    assert denied.strip("/") in result.message
    assert {info.key for info in real.list("")} == left


# Models


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MODELS, tmp_path / "models"))


def _weights(models: Path) -> Path:
    return max((path for path in models.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)


def _flip_a_byte(models: Path) -> None:
    path = _weights(models)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _cut(models: Path) -> None:
    path = _weights(models)
    path.write_bytes(path.read_bytes()[:-1])


def _outside(models: Path) -> None:
    index = models / "index.json"
    index.write_text(index.read_text().replace('"model.bin"', '"../../model.bin"'))


FETCH = "debate-worker fetch-models --to"
WRONG_MODELS: list[tuple[str, Callable[[Path], object], str]] = [
    ("missing", shutil.rmtree, rf"There are no models in .* \(no index.json\): give another --models, .*{FETCH}"),
    ("another folder", lambda models: (models / "index.json").unlink(), f"There are no models in .*{FETCH}"),
    ("a file", lambda models: (shutil.rmtree(models), models.write_text("x")), f"There are no models in .*{FETCH}"),
    (
        "empty index",
        lambda models: (models / "index.json").write_bytes(b""),
        f"index.json .* cannot be used: .*{FETCH}",
    ),
    ("broken index", lambda models: (models / "index.json").write_text('{"models": [{'), f"cannot be used: .*{FETCH}"),
    ("index of another kind", lambda models: (models / "index.json").write_text("[]"), f"cannot be used: .*{FETCH}"),
    ("index that leads outside", _outside, f"cannot be used: .*{FETCH}"),
    ("weights missing", lambda models: _weights(models).unlink(), f"is missing: delete .*{FETCH}"),
    ("weights cut", _cut, rf"has \d+ bytes, not \d+: delete .*{FETCH}"),
]


@pytest.mark.parametrize(("name", "damage", "says"), WRONG_MODELS, ids=[row[0] for row in WRONG_MODELS])
def test_wrong_models_are_found_before_the_media_are_brought(
    name: str, damage: Callable[[Path], object], says: str, minute: Path, models: Path, tmp_path: Path
) -> None:
    damage(models)
    result = run_job({"file": str(minute)}, tmp_path, models=str(models))
    assert (result.exit_code, result.reason) == (14, Reason.MISCONFIGURED)
    assert re.search(says, result.message), result.message
    assert not (tmp_path / "store" / "work").exists()
    assert not (tmp_path / "store" / "jobs" / "odd" / "videos").exists()


def test_a_flipped_bit_in_the_weights_is_found_before_they_are_loaded(
    minute: Path, models: Path, tmp_path: Path
) -> None:
    _flip_a_byte(models)
    assert run_job({"file": str(minute)}, tmp_path, models=str(models)).exit_code == 0  # reads none of it
    result = run_job({"file": str(minute)}, tmp_path, models=str(models), step="analyze")
    assert (result.exit_code, result.reason) == (14, Reason.MISCONFIGURED)
    assert "does not have the sha256 that index.json names: delete" in result.message
    assert not (tmp_path / "store" / "work" / "odd" / "windows").exists()


def test_the_command_ends_with_the_code_and_a_sentence(minute: Path, tmp_path: Path) -> None:
    options = ("--store", tmp_path / "store", "--cache", tmp_path / "cache", "--models", tmp_path / "nowhere")
    done = worker(manifest(tmp_path, minute), *options)
    assert (done.returncode, done.stderr.count("\n")) == (14, 1)
    assert "There are no models in" in done.stderr


# Names


def test_everything_has_an_odd_name(tmp_path: Path) -> None:
    name = 'a "debate", 100% o\'clock #1?\n\tün\u0308ï дебат 討論 🎤 $(x) : &;'
    folder = tmp_path / f"folder {name}"
    folder.mkdir()
    media = folder / f"media {name}.mp4"
    odd.speech("-f", "mp4")(media)
    job = manifest(folder, Path(media.name)).rename(folder / f"job {name}.json")
    job.write_text(json.dumps(json.loads(job.read_text()), ensure_ascii=False))
    store, models = folder / f"store {name}", shutil.copytree(MODELS, folder / f"models {name}")
    done = worker(job, "--store", store, "--models", models, "--cache", folder / f"cache {name}", step=None)
    assert done.returncode == 0, done.stderr
    found = open_store(str(store))
    entry = ManifestEntry.from_json(found.get("manifest/debate.json"))
    assert entry.title == f"media {name}"
    assert "good evening" in Transcript.from_json(found.get(entry.documents.transcript)).transcription[0].text.lower()
    assert files_of(store) == {info.key for info in found.list("")}
    assert all(re.fullmatch(r"[a-zA-Z0-9._/-]+", key) for key in files_of(store))
    counted = subprocess.run([STATS, "run", "--store", store], capture_output=True, text=True, check=False)
    assert counted.returncode == 0, counted.stderr
    assert json.loads(found.get("statistics/index.json"))["jobs"][0]["title"] == f"media {name}"
