"""The mirror of the statistics on a real S3 server, which goes away and comes back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from versitygw import S3Server

from debate_core.store import ObjectStore, open_store
from debate_stats.mirror import Changes, Mirror

STATS = Path(sys.executable).with_name("debate-stats")
SOUND = bytes(range(256)) * 40_000  # 10 MB: more than one part


def shown(folder: Path) -> dict[str, bytes]:
    """What a web server shows, but for the compressed twins."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    files = (path for path in files if path.suffix != ".gz")
    return {f"statistics/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in files}


def everything(store: ObjectStore) -> dict[str, bytes]:
    return {info.key: store.get(info.key) for info in store.list("statistics/")}


def publish(store: ObjectStore, *names: str) -> None:
    for name in names:
        store.put(f"statistics/files/{name}/a.audio.m4a", SOUND)
        store.put(f"statistics/by-job/{name}.json", b"{}")
    store.put("statistics/index.json", "".join(names).encode())


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not happen in 60 s"
        time.sleep(0.05)


def test_equal_after_every_sync(store: ObjectStore, tmp_path: Path) -> None:
    publish(store, "a", "b")
    store.put("jobs/a/private.json", b"{}")
    mirror = Mirror(store, tmp_path / "page")
    assert mirror.sync() == Changes(fetched=5)
    assert shown(tmp_path / "page") == everything(store)
    assert Mirror(store, tmp_path / "page").sync() == Changes()
    store.delete_prefix("statistics/files/b/")
    store.delete("statistics/by-job/b.json")
    publish(store, "a")
    mirror.sync()
    assert shown(tmp_path / "page") == everything(store)
    store.delete_prefix("statistics/")
    assert mirror.sync() == Changes(deleted=3)
    assert shown(tmp_path / "page") == {}


def test_it_outlives_the_store_and_follows_it_again(
    own_s3_server: S3Server, aws_environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    aws_environment.setenv("AWS_ENDPOINT_URL", own_s3_server.endpoint_url)
    page = tmp_path / "page"
    command = [STATS, "mirror", "--store", "s3://test-store/x", "--to", page, "--every", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as mirror:
        try:
            # It begins before there is a server.
            own_s3_server.start()
            store = open_store("s3://test-store/x")
            publish(store, "a")
            wait_for(lambda: shown(page) == everything(store))
            own_s3_server.kill()
            time.sleep(3)
            assert len(shown(page)) == 3
            own_s3_server.start()
            store.delete_prefix("statistics/files/a/")
            store.delete("statistics/by-job/a.json")
            publish(store, "b")
            wait_for(lambda: shown(page) == everything(store))
            # And it ends at once while there is none.
            own_s3_server.kill()
            time.sleep(2)
        finally:
            mirror.terminate()
            started = time.monotonic()
            mirror.communicate(timeout=30)
    assert mirror.returncode == 0
    assert time.monotonic() - started < 2
