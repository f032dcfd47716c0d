"""kill -9 at any moment, and run again: finished, the same bytes, at most one window done twice.

Moments are counted (`fork_worker.Strike`): every change of the store has its kill. What the models say is remembered;
kills of the real program are in test_killed_for_real.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from forks import Forks, Strike, every_of, sweep
from worker_process import NAME, manifest, stable

from debate_core import keys
from debate_core.store import ObjectStore, open_store

NewStore = Callable[[], str]
DEBRIS = (".tmp-*", "run-*")


def left_behind(folder: Path) -> list[Path]:
    """Half-written files and scratch folders of processes that are gone."""
    return [path for pattern in DEBRIS for path in folder.rglob(pattern)]


def windows_in(store: str) -> set[int]:
    """The windows that have a document."""
    found = (keys.WINDOW.parse(info.key) for info in open_store(store).list(f"work/{NAME}/windows/"))
    return {int(fields["index"]) for fields in found if fields}


def test_killed_at_any_change_of_the_store(
    several: Sequence[Forks], job: Path, new_store: NewStore, quiet_run: ObjectStore
) -> None:
    expected = stable(quiet_run)

    def at_moment(forks: Forks, moment: int) -> bool:
        store = new_store()
        first = forks.run(job, store, strike=Strike("kill", moment))
        assert first.code == (-9 if first.struck else 0), first.said
        kept = windows_in(store) if first.struck else {0, 1, 2}
        again = forks.run(job, store)
        assert again.code == 0, (moment, again.said)
        assert stable(open_store(store)) == expected, moment
        assert again.asked == [window for window in (0, 1, 2) if window not in kept]
        assert len(first.asked + again.asked) <= 3 + 1, moment
        return first.struck

    assert sweep(several, at_moment, every=every_of(new_store)) > 20
    assert left_behind(job.parent) == []


def test_killed_while_it_replaces_the_documents_of_another_request(
    several: Sequence[Forks], short_media: Path, job: Path, tmp_path: Path, quiet_run: ObjectStore
) -> None:
    (tmp_path / "other").mkdir()
    other = manifest(tmp_path / "other", short_media, transcription={"model": "whisper-demo", "hotwords": ["budget"]})
    before = Path(quiet_run.uri.removeprefix("file://"))
    expected = stable(quiet_run)

    def at_moment(forks: Forks, moment: int) -> bool:
        store = shutil.copytree(before, tmp_path / f"store-{moment}")
        struck = forks.run(other, str(store), strike=Strike("kill", moment)).struck
        again = forks.run(job, str(store))
        assert (again.code, again.asked) == (0, []), (moment, again.said)
        found = stable(open_store(str(store)))  # the other request's windows are there, too
        assert {key: found[key] for key in expected} == expected, moment
        assert again.words is not None
        assert again.words.facts["windows"] == 3
        return struck

    assert sweep(several, at_moment) > 5
