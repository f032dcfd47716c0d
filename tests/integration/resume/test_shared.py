"""Several processes on one job: whatever their order and number, all end well, and there is one result."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from forks import Forks, Strike, every_of, sweep
from worker_process import NAME, stable

from debate_core.documents.job import JobRecord
from debate_core.documents.manifest import ManifestEntry
from debate_core.store import ObjectStore, open_store

NewStore = Callable[[], str]


def assert_one_result(store: ObjectStore, quiet_run: ObjectStore, about: object) -> None:
    assert stable(store) == stable(quiet_run), about
    record = JobRecord.from_json(store.get(f"jobs/{NAME}/job.json"))
    entry = ManifestEntry.from_json(store.get(f"manifest/{NAME}.json"))
    assert entry.completed_at == record.completed_at, about
    assert [info.key for info in store.list(f"jobs/{NAME}/videos/")] == [record.media.key]


def test_one_overtakes_the_other_at_any_change_of_the_store(
    several: Sequence[Forks], job: Path, new_store: NewStore, quiet_run: ObjectStore
) -> None:
    def at_moment(forks: Forks, moment: int) -> bool:
        store = new_store()
        slow = forks.start(job, store, strike=Strike("pause", moment))
        paused = slow.wait()
        fast = forks.run(job, store)
        assert fast.code == 0, (moment, fast.said)
        if paused.struck:
            ended = slow.go_on()
            assert ended.code == 0, (moment, ended.said)
        assert_one_result(open_store(store), quiet_run, moment)
        return paused.struck

    assert sweep(several, at_moment, every=every_of(new_store)) > 20
    assert [left for pattern in (".tmp-*", "run-*") for left in job.parent.rglob(pattern)] == []


@pytest.mark.parametrize("moment", [18, 19, 20])
def test_two_that_overtake_each_other_in_finish(
    forks: Forks, job: Path, tmp_path: Path, quiet_run: ObjectStore, moment: int
) -> None:
    """The changes around job.json and the manifest entry, which alone differ between two runs."""
    for moment_of_other in (10, 11, 12, 13):  # it finds the windows done
        store = str(tmp_path / f"store-{moment_of_other}")
        one = forks.start(job, store, strike=Strike("pause", moment))
        assert one.wait().code is None
        other = forks.start(job, store, strike=Strike("pause", moment_of_other))
        paused = other.wait().code is None
        assert one.go_on().code == 0
        assert not paused or other.go_on().code == 0
        assert_one_result(open_store(store), quiet_run, moment_of_other)


def test_both_at_once(several: Sequence[Forks], job: Path, new_store: NewStore, quiet_run: ObjectStore) -> None:
    for attempt in range(4):
        store = new_store()
        for worker in [forks.start(job, store) for forks in several]:
            ended = worker.wait()
            assert ended.code == 0, ended.said
        assert_one_result(open_store(store), quiet_run, attempt)


@pytest.fixture
def prepared(forks: Forks, job: Path, tmp_path: Path) -> Path:
    store = tmp_path / "prepared"
    assert forks.run(job, str(store), "--step", "prepare").code == 0
    return store


@pytest.mark.parametrize("seed", range(8))
def test_shards_in_any_order_and_number_some_of_which_die(
    several: Sequence[Forks], job: Path, tmp_path: Path, prepared: Path, quiet_run: ObjectStore, seed: int
) -> None:
    store = shutil.copytree(prepared, tmp_path / "store")
    rng = random.Random(seed)
    count = rng.choice([1, 2, 3, 5])  # five are more than there are windows
    shards = rng.choices(range(count), k=rng.randint(2, 6))  # some twice, some never
    at_once = rng.randint(1, 2)
    deaths = 0
    while shards:
        pair, shards = shards[:at_once], shards[at_once:]
        workers = []
        for forks, shard in zip(several, pair, strict=False):
            strike = Strike("kill", rng.randint(1, 8)) if shards else None
            options = ("--step", "analyze", "--window-shard", f"{shard}/{count}")
            workers.append(forks.start(job, str(store), *options, strike=strike))
        for worker in workers:
            ended = worker.wait()
            deaths += ended.struck
            assert ended.code == (-9 if ended.struck else 0), ended.said
    assert several[0].run(job, str(store), "--step", "finish").code == 0
    assert_one_result(open_store(str(store)), quiet_run, (seed, deaths))


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_shards_one_after_the_other_do_each_window_once(
    forks: Forks, job: Path, prepared: Path, quiet_run: ObjectStore, count: int
) -> None:
    asked: list[int] = []
    for shard in reversed(range(count)):
        ended = forks.run(job, str(prepared), "--step", "analyze", "--window-shard", f"{shard}/{count}")
        assert ended.code == 0, ended.said
        asked += ended.asked
    assert sorted(asked) == [0, 1, 2]
    assert forks.run(job, str(prepared), "--step", "finish").code == 0
    assert_one_result(open_store(str(prepared)), quiet_run, count)
