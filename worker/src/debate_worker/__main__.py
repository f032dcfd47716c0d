"""The command `debate-worker`. Signals wait while the program loads, which takes seconds.

A SIGTERM in that time would end it without a word; and the first process of a container, which a worker is in its
pod, would never hear of it at all: for that one the kernel drops a signal that nobody handles, but not one that is
blocked. Whatever command runs then decides what they do (`stopping`).
"""

from __future__ import annotations

import signal
from typing import NoReturn


def main() -> NoReturn:
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT))
    from debate_worker import cli

    cli.main()


if __name__ == "__main__":
    main()
