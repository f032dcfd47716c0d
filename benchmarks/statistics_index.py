"""`debate-stats run` over 1,000 debates on a real S3 server: nothing changed, one debate taken down.

`make bench` prints it. Each debate is of 90 minutes, with all documents; the first one's statistics are computed, the
others' are made from them. The server (versitygw) shares this machine's cores with the run.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from debate_core import keys
from debate_core.documents.manifest import DocumentKeys, KnownPerson, ManifestEntry, People, Person, Speakers
from debate_core.documents.statistics import DebateStatistics, Input
from debate_core.documents.transcript import Transcript, Utterance, Word, Words
from debate_core.store import ObjectStore, open_store
from debate_stats.run import run

sys.path += [str(Path(__file__).parents[1] / "tests" / folder) for folder in ("support", "integration")]
from go_tools import VERSITYGW, NoTool  # type: ignore[import-not-found]
from versitygw import ACCESS_KEY, REGION, SECRET_KEY, S3Server  # type: ignore[import-not-found]

DEBATES = int(os.environ.get("DEBATES", "1000"))
GOAL_SECONDS = 10
MINUTES = 90
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
UNAVAILABLE = 69  # EX_UNAVAILABLE, as `make bench` understands it


def documents(job_id: str) -> dict[str, bytes]:
    """Key -> content of what finish leaves: six speakers, turns of some 9 s, a word every 0.4 s."""
    rng = random.Random(1)  # noqa: S311
    lines: list[Utterance] = []
    now = 0.0
    while now < MINUTES * 60 - 20:
        end = round(now + rng.uniform(3, 15), 3)
        speaker = f"SPEAKER_{rng.randrange(6):02d}"
        lines.append(Utterance(start=now, end=end, text="So it is. " * 6, speaker=speaker, confidence=0.9))
        now = round(end + rng.uniform(0, 1), 3)
    words = [
        Word(start=at, end=at + 0.3, text="word", probability=0.9, speaker=line.speaker)
        for line in lines
        for at in (line.start + 0.4 * number for number in range(int((line.end - line.start) / 0.4)))
    ]
    rttm = "".join(
        f"SPEAKER clip 1 {line.start:.3f} {line.end - line.start:.3f} <NA> <NA> {line.speaker} <NA> <NA>\n"
        for line in lines
    )
    name = {"job_id": job_id, "name": "clip"}
    transcript = Transcript(duration=MINUTES * 60, speakers_count=6, transcription=lines)
    return {
        keys.TRANSCRIPT.key(**name): transcript.to_json(),
        keys.WORDS.key(**name): Words(language="en", duration=MINUTES * 60, words=words).to_json(),
        keys.VTT.key(**name): b"WEBVTT\n",
        keys.SRT.key(**name): b"1\n",
        keys.TXT.key(**name): b"So it is.\n",
        keys.RTTM.key(**name): rttm.encode(),
        keys.AUDIO.key(**name): bytes(1000),
    }


def named(job_id: str, number: int) -> Speakers:
    return Speakers(speakers={"SPEAKER_00": Person(name=f"Person {number}", person=f"person-{number}")})


def finish(store: ObjectStore, job_id: str, contents: dict[str, bytes], number: int) -> list[Input]:
    """Write a finished debate; what its statistics come from."""
    name = {"job_id": job_id, "name": "clip"}
    found = DocumentKeys(
        transcript=keys.TRANSCRIPT.key(**name),
        words=keys.WORDS.key(**name),
        vtt=keys.VTT.key(**name),
        srt=keys.SRT.key(**name),
        txt=keys.TXT.key(**name),
        rttm=keys.RTTM.key(**name),
        audio=keys.AUDIO.key(**name),
    )
    entry = ManifestEntry(
        job_id=job_id, title=f"Debate {number}", source_url=None, publish=True, completed_at=NOW, documents=found
    )
    written = [store.put(keys.MANIFEST.key(job_id=job_id), entry.to_json())]
    written += [store.put(key, data) for key, data in contents.items()]
    written.append(store.put(keys.SPEAKERS.key(job_id=job_id), named(job_id, number).to_json()))
    return [Input(key=info.key, etag=info.etag) for info in written]


def publish_copy(store: ObjectStore, first: DebateStatistics, number: int, contents: dict[str, bytes]) -> None:
    """A debate as the first one, with statistics as a run would have written them."""
    job_id = f"debate-{number:04d}"
    of_job = {key.replace(first.job_id, job_id): data for key, data in contents.items()}
    inputs = finish(store, job_id, of_job, number)
    person = next(item for item in first.inputs if "#" in item.key)
    statistics = first.model_copy(update={"job_id": job_id, "inputs": [*inputs, person]})
    for key, data in of_job.items():
        store.put(keys.STAT_FILE.key(job_id=job_id, filename=key.rpartition("/")[2]), data)
    store.put(keys.STAT_BY_JOB.key(job_id=job_id), statistics.to_json())


def timed(store: ObjectStore) -> tuple[float, float, str]:
    """Seconds, of them on this process' CPU, and what was made of the debates."""
    began, began_cpu = time.perf_counter(), time.process_time()
    outcomes = run(store, store, job_ids=None, now=NOW)
    seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    counts = Counter(str(outcome.state) for outcome in outcomes)
    return seconds, cpu, ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))


def measure(store: ObjectStore) -> None:
    people = People(people={"person-0": KnownPerson(name="Person 0"), "person-1": KnownPerson(name="Person 1")})
    store.put(keys.PEOPLE.key(), people.to_json())
    contents = documents("debate-0000")
    finish(store, "debate-0000", contents, 0)
    run(store, store, job_ids=None, now=NOW)
    first = DebateStatistics.from_json(store.get(keys.STAT_BY_JOB.key(job_id="debate-0000")))
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: publish_copy(store, first, number, contents), range(1, DEBATES)))

    def withdraw() -> None:
        store.delete(keys.MANIFEST.key(job_id="debate-0001"))

    rows: list[tuple[str, Callable[[], object]]] = [
        ("the list for the first time", lambda: store.delete(keys.STAT_INDEX.key())),
        ("nothing changed", lambda: None),
        ("one debate taken down", withdraw),
    ]
    print("| of 90 minutes each | seconds | of it CPU | what was made of them |\n|---|---|---|---|")
    for what, change in rows:
        change()
        seconds, cpu, made = timed(store)
        print(f"| {DEBATES} debates, {what} | {seconds:.1f} | {cpu:.1f} | {made} |", flush=True)


def main() -> None:
    print(f"## index\n\nGoal: 1,000 debates of which nothing changed in < {GOAL_SECONDS} s.\n")
    try:
        binary = VERSITYGW.find_or_build()
    except NoTool as missing:
        print(f"Not measured: {missing}")
        raise SystemExit(UNAVAILABLE) from missing
    with tempfile.TemporaryDirectory() as folder:
        server = S3Server(binary, Path(folder))
        server.make_bucket("benchmark")
        server.start()
        access = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_REGION": REGION}
        os.environ.update(access, AWS_ENDPOINT_URL=server.endpoint_url, NO_PROXY="127.0.0.1")
        try:
            measure(open_store("s3://benchmark/store"))
        finally:
            server.kill()


if __name__ == "__main__":
    main()
