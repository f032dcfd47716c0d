"""Typed errors of a step: each knows its exit code, its reason, and tells the person what to do."""

from __future__ import annotations

from typing import ClassVar

from debate_core.reasons import ExitCode, Reason


class StepError(Exception):
    """A step cannot go on. The message is one sentence for a person: what is wrong and what to do.

    `retry_after_seconds`: when trying again makes sense, where the other side said so.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL_ERROR
    reason: Reason | None = Reason.INTERNAL_ERROR

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_seconds = retry_after_seconds


class InvalidJob(StepError):
    """The manifest or the command line is wrong."""

    exit_code = ExitCode.INVALID_JOB
    reason = Reason.INVALID_SPEC


class JobIdTaken(InvalidJob):
    """Another owner already uses this job id for another source."""

    reason = Reason.JOB_ID_TAKEN


class SourceUnavailable(StepError):
    """The source is gone, private or refused."""

    exit_code = ExitCode.SOURCE_UNAVAILABLE
    reason = Reason.SOURCE_UNAVAILABLE


class SourceBusy(StepError):
    """The source will answer later (rate limit, stream not over yet)."""

    exit_code = ExitCode.SOURCE_BUSY
    reason = Reason.SOURCE_BUSY


class MediaUndecodable(StepError):
    """There is no sound that can be decoded."""

    exit_code = ExitCode.MEDIA_UNDECODABLE
    reason = Reason.MEDIA_UNDECODABLE


class Misconfigured(StepError):
    """Models missing or not matching, a token rejected, access denied to a known identity."""

    exit_code = ExitCode.MISCONFIGURED
    reason = Reason.MISCONFIGURED


class GpuOutOfMemory(StepError):
    """Out of GPU memory at the smallest batch size."""

    exit_code = ExitCode.GPU_OUT_OF_MEMORY
    reason = Reason.GPU_OUT_OF_MEMORY


class StoreNotReachable(StepError):
    """The store, or the credentials for it, cannot be reached (yet)."""

    exit_code = ExitCode.STORE_UNREACHABLE
    reason = Reason.STORE_UNREACHABLE


class Interrupted(StepError):
    """SIGTERM or Ctrl-C: what is done stays done, the next run goes on from there."""

    exit_code = ExitCode.INTERRUPTED
    reason = None
