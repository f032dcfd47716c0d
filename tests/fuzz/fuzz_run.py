"""`make fuzz`: odd inputs for every reader, for FUZZ_MINUTES in all (10), a line each; exit 1 where one crashed.

An input may take 20 s and the process 6 GB: more is a crash too. Crashes are told apart by the line of ours that they
come from; of each the shortest input is kept in test-results/fuzz/.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from fuzz_readers import READERS, Reader

RESULTS = Path("test-results") / "fuzz"
SECONDS_AN_INPUT = 20
MEMORY_BYTES = 6 << 30


class TooSlow(Exception):
    """An input took too long."""


@dataclass
class Tally:
    """What came of one reader. crashes: where from -> (what it said, the shortest input)."""

    inputs: int = 0
    accepted: int = 0
    slowest_s: float = 0.0
    crashes: dict[tuple[str, str], tuple[str, bytes]] = field(default_factory=dict)


def fuzz(reader: Reader, seconds: float, seed: int) -> Tally:
    """Inputs of this seed until the time is over."""
    tally, rng, until = Tally(), Random(f"{seed} {reader.name}"), time.monotonic() + seconds
    while (begin := time.monotonic()) < until:
        data = reader.input(rng)
        signal.setitimer(signal.ITIMER_REAL, SECONDS_AN_INPUT)
        try:
            tally.accepted += reader.check(data)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what we look for
            ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "debate_" in frame.filename]
            place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "the reader"
            known = tally.crashes.get((type(error).__name__, place))
            if known is None or len(data) < len(known[1]):
                tally.crashes[type(error).__name__, place] = (str(error)[:200], data)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        tally.inputs += 1
        tally.slowest_s = max(tally.slowest_s, time.monotonic() - begin)
    return tally


def main() -> int:
    minutes = float(os.environ.get("FUZZ_MINUTES") or 10)
    seed = int(os.environ.get("FUZZ_SEED") or time.time())
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.RLIM_INFINITY))
    signal.signal(signal.SIGALRM, _too_slow)
    warnings.simplefilter("ignore")  # numpy's, of numbers that are refused after
    print(f"{len(READERS)} readers, {minutes:g} minutes, FUZZ_SEED={seed}\n")
    print(f"{'reader':<30} {'inputs':>8} {'accepted':>8} {'slowest':>9}  crashes")
    whole = Tally()
    for reader in READERS:
        tally = fuzz(reader, minutes * 60 / len(READERS), seed)
        print(
            f"{reader.name:<30} {tally.inputs:>8,} {tally.accepted / max(1, tally.inputs):>8.0%} "
            f"{tally.slowest_s * 1000:>6.0f} ms  {len(tally.crashes) or ''}",
            flush=True,
        )
        for number, ((kind, place), (said, data)) in enumerate(tally.crashes.items(), start=1):
            path = RESULTS / f"{reader.name.replace('/', '-').replace(' ', '-')}-{number}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            print(f"  {kind} at {place}: {said}\n  {len(data)} bytes in {path}: {data[:200]!r}", flush=True)
        whole.inputs += tally.inputs
        whole.crashes |= {(reader.name, str(where)): crash for where, crash in tally.crashes.items()}
    print(f"\n{whole.inputs:,} inputs, {len(whole.crashes)} crashes")
    return 1 if whole.crashes else 0


def _too_slow(*_: object) -> None:
    raise TooSlow(f"more than {SECONDS_AN_INPUT} s")


if __name__ == "__main__":
    sys.exit(main())
