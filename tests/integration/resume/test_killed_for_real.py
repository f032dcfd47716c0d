"""The real program with the real models, killed while they load and in finish.

Within a window it is killed in test_debate_worker.py.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path

from forks import arguments, processes_of_session
from worker_process import NAME, WORKER, read_until, running, stable

from debate_core.store import ObjectStore, open_store


def test_killed_in_two_steps_of_one_job(job: Path, tmp_path: Path, quiet_run: ObjectStore) -> None:
    store = open_store(str(tmp_path / "store"))
    store.put("models-are-elsewhere", b"")  # so that it can be looked at before the first run
    kept: dict[str, str] = {}
    for moment, windows in [("analyze ", 0), ("finish ", 3), (None, 3)]:
        with running([str(WORKER), *arguments(job, store.uri)]) as process:
            if moment is None:
                assert process.wait(timeout=500) == 0
            else:
                read_until(process, moment)
                process.send_signal(signal.SIGKILL)
                # finish takes a moment only, which may be over
                assert process.wait(timeout=60) in (-signal.SIGKILL, *([0] if moment == "finish " else []))
            end = time.monotonic() + 60
            while processes_of_session(process.pid):  # the models' processes would keep a GPU
                assert time.monotonic() < end
                time.sleep(0.01)
        found = {info.key: info.etag for info in store.list(f"work/{NAME}/windows/")}
        assert len(found) == windows, moment
        assert found.items() >= kept.items()  # what was done is not done again
        kept = found
    assert stable(store) == stable(quiet_run)
    assert list(tmp_path.rglob(".tmp-*")) == []
    assert list((job.parent / "cache").glob("run-*")) == []
