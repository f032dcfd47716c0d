"""Reasons and exit codes: the one list of ways in which a step or a job can end."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Reason(StrEnum):
    """Why a job or a step is where it is; CamelCase, as in Kubernetes conditions."""

    INVALID_SPEC = "InvalidSpec"
    SOURCE_UNAVAILABLE = "SourceUnavailable"
    SOURCE_BUSY = "SourceBusy"
    MEDIA_UNDECODABLE = "MediaUndecodable"
    MISCONFIGURED = "Misconfigured"
    GPU_OUT_OF_MEMORY = "GpuOutOfMemory"
    OUT_OF_MEMORY = "OutOfMemory"
    STORE_UNREACHABLE = "StoreUnreachable"
    NO_CAPACITY = "NoCapacity"
    DEADLINE_EXCEEDED = "DeadlineExceeded"
    ATTEMPTS_EXHAUSTED = "AttemptsExhausted"
    INTERRUPTIONS_EXHAUSTED = "InterruptionsExhausted"
    JOB_ID_TAKEN = "JobIdTaken"
    NAME_CONFLICT = "NameConflict"
    INTERNAL_ERROR = "InternalError"


class ExitCode(IntEnum):
    """Exit codes of a step (DESIGN 6). `is_final`: running it again cannot help. `is_waiting`: costs no attempt."""

    DONE = 0
    INVALID_JOB = 10
    SOURCE_UNAVAILABLE = 11
    SOURCE_BUSY = 12
    MEDIA_UNDECODABLE = 13
    MISCONFIGURED = 14
    GPU_OUT_OF_MEMORY = 15
    STORE_UNREACHABLE = 16
    INTERNAL_ERROR = 70
    INTERRUPTED = 75

    @property
    def is_final(self) -> bool:
        return self in {
            ExitCode.INVALID_JOB,
            ExitCode.SOURCE_UNAVAILABLE,
            ExitCode.MEDIA_UNDECODABLE,
            ExitCode.MISCONFIGURED,
        }

    @property
    def is_waiting(self) -> bool:
        return self in {ExitCode.SOURCE_BUSY, ExitCode.STORE_UNREACHABLE}
