"""When and how long to try again: exponential backoff with full jitter, bounded.

The one place of retries of the S3 store: botocore's own are switched off. Botocore can retry a request, but not a
body that breaks off while it is read, nor 409 ConditionalRequestConflict; two mechanisms on top of each other would
multiply the attempts, and the time until a step can say that the store is not there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """attempts: calls in total. The wait before call n+1 is random in 0 .. min(max_wait_s, first_wait_s * 2^(n-1)),
    seconds ("full jitter": clients that failed together do not come back together).

    The defaults wait 23 s on average and 46 s at most: longer than a gateway's restart, shorter than anything that
    should rather be a new attempt of the step. sleep: the clock, for tests.
    """

    attempts: int = 7
    first_wait_s: float = 1.0
    max_wait_s: float = 15.0
    sleep: Callable[[float], None] = time.sleep

    def run(self, call: Callable[[], T], *, again_if: Callable[[BaseException], bool]) -> T:
        """`call()`, again while it raises what `again_if` accepts; the last exception is raised as it is."""
        return Retrying(
            stop=stop_after_attempt(self.attempts),
            wait=wait_random_exponential(multiplier=self.first_wait_s, max=self.max_wait_s),
            retry=retry_if_exception(again_if),
            sleep=self.sleep,
            reraise=True,
        )(call)
