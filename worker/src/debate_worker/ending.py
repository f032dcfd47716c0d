"""How a run ends: every error as a StepResult, and the last words that Kubernetes keeps of a pod."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from debate_core.documents.base import InvalidDocument
from debate_core.documents.step_result import StepResult
from debate_core.errors import Interrupted, InvalidJob, Misconfigured, StepError, StoreNotReachable
from debate_core.ids import InvalidName
from debate_core.reasons import ExitCode, Reason
from debate_core.store import NoSuchStore, StoreAddressInvalid, StoreDenied, StoreUnreachable


@contextmanager
def typed_errors() -> Iterator[None]:
    """What the store and the documents raise, as the StepError that says how the step ends."""
    try:
        yield
    except StoreUnreachable as error:
        raise StoreNotReachable(str(error)) from error
    except (StoreAddressInvalid, InvalidName) as error:
        raise InvalidJob(str(error)) from error
    except (StoreDenied, NoSuchStore) as error:
        raise Misconfigured(str(error)) from error
    except InvalidDocument as error:
        raise Misconfigured(f"a document in the store cannot be read: {error}") from error


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def scratch_errors(cache: Path) -> Iterator[None]:
    """A full disk under the scratch files, as Misconfigured: a store's own disk has its own error, and is no bug."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise Misconfigured(
            f"there is no room left for scratch files in {cache} ({error.strerror}): free some (a debate takes 115 MB "
            "an hour, and the size of its media where they come from a bucket), or name another folder with --cache"
        ) from error


def one_line(text: str) -> str:
    """A message as one line of text: names of files may hold line breaks, terminal commands and bytes of no script."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def failure(error: StepError, step: str, shard: int = 0) -> StepResult:
    """The result of a step that raised."""
    return StepResult(
        step=step,
        shard=shard,
        exit_code=error.exit_code,
        reason=error.reason,
        message=one_line(error.message),
        retry_after_seconds=error.retry_after_seconds,
    )


def bug(step: str, shard: int = 0) -> StepResult:
    """The result of a step that raised what nobody expected."""
    return StepResult(
        step=step,
        shard=shard,
        exit_code=ExitCode.INTERNAL_ERROR,
        reason=Reason.INTERNAL_ERROR,
        message=f"{step} failed by a bug: see the log of this run",
    )


def interrupted(step: str, shard: int = 0) -> StepResult:
    """The result of a step that was stopped where it could not look at the stop flag."""
    return failure(Interrupted("stopped: run it again to go on from here"), step, shard)


def leave_last_words(result: StepResult) -> None:
    """Write the result where Kubernetes reads a pod's last words (DEBATE_TERMINATION_LOG), if that is set."""
    path = os.environ.get("DEBATE_TERMINATION_LOG")
    if not path:
        return
    try:
        Path(path).write_bytes(result.termination_message())
    except OSError as error:
        structlog.get_logger().warning(f"the result could not be written to {path} ({error.strerror})")
