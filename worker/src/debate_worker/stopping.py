"""Stop when asked (SIGTERM, Ctrl-C): where nothing is lost if that comes soon, and in any case in a few seconds."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

from debate_core.reasons import ExitCode
from debate_worker.context import StopFlag

STOP_WITHIN_S = 10.0
"""Then the process ends wherever it is. A lost spot node gives two minutes, a pod's grace period less."""

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def stop_on_signals(stop: StopFlag, last_words: Callable[[], None]) -> None:
    """Set `stop` on SIGTERM and Ctrl-C; after STOP_WITHIN_S call `last_words` and end with exit code 75.

    A big upload, or a store that does not answer, does not look at the flag. Ending in the middle is safe: a result
    is complete or absent, so it costs what was at hand. A second Ctrl-C raises KeyboardInterrupt at once.
    """

    def surely() -> None:
        try:
            last_words()
        finally:
            os._exit(ExitCode.INTERRUPTED)

    def ask(number: int, _frame: object) -> None:
        if not stop.is_set:
            stop.set()
            timer = threading.Timer(STOP_WITHIN_S, surely)
            timer.daemon = True
            timer.start()
        elif number == signal.SIGINT:
            raise KeyboardInterrupt

    for number in SIGNALS:
        signal.signal(number, ask)
    let_signals_in()


def let_signals_in() -> None:
    """Let in the signals that wait since the program began to load (`__main__`), for what handles them by now."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
