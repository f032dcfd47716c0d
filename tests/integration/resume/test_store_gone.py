"""The store is gone in the middle: a short outage is ridden out, a long one ends in 16, and the next run goes on."""

from __future__ import annotations

import itertools
import socket
from pathlib import Path

import pytest
from forks import Ended, Forks, Strike
from versitygw import S3Server
from worker_process import stable

from debate_core.reasons import Reason
from debate_core.store import ObjectStore, open_store

MOMENTS = (1, 2, 3, 5, 8, 11, 18, 20)
"""Changes of the store: claim, media, sound, plan, a window, a document, the encoded sound, the manifest entry."""


@pytest.fixture
def server(own_s3_server: S3Server, aws_environment: pytest.MonkeyPatch) -> S3Server:
    aws_environment.setenv("AWS_ENDPOINT_URL", own_s3_server.endpoint_url)
    own_s3_server.start()
    return own_s3_server


def assert_unreachable(ended: Ended) -> None:
    assert ended.words is not None
    assert (ended.code, ended.words.exit_code, ended.words.reason) == (16, 16, Reason.STORE_UNREACHABLE), ended.said
    assert "try again later" in ended.words.message
    assert "Traceback" not in ended.said


def test_gone_from_any_request_on(forks: Forks, job: Path, s3_store_uri: str, quiet_run: ObjectStore) -> None:
    asked: list[int] = []
    for moment in itertools.count(1):  # each run goes on where the one before had to stop
        ended = forks.run(job, s3_store_uri, strike=Strike("down", moment, "touch"))
        asked += ended.asked
        if not ended.struck:
            break
        assert_unreachable(ended)
    assert ended.code == 0, ended.said
    assert moment > 15
    assert stable(open_store(s3_store_uri)) == stable(quiet_run)
    assert len(asked) <= 3 + 2  # a window is lost where its document could not be written: once its head, once its body


def test_a_long_outage(forks: Forks, job: Path, server: S3Server, quiet_run: ObjectStore) -> None:
    for moment in MOMENTS:
        store = f"s3://test-store/long-{moment}"
        worker = forks.start(job, store, strike=Strike("pause", moment))
        assert worker.wait().code is None
        server.kill()
        assert_unreachable(worker.go_on())
        server.start()
        again = forks.run(job, store)
        assert again.code == 0, again.said
        assert stable(open_store(store)) == stable(quiet_run), moment


def test_a_short_outage_is_ridden_out(forks: Forks, job: Path, server: S3Server, quiet_run: ObjectStore) -> None:
    for moment in MOMENTS[2::4]:
        store = f"s3://test-store/short-{moment}"
        worker = forks.start(job, store, strike=Strike("pause", moment), patient=True)
        assert worker.wait().code is None
        server.kill()
        worker.let_go()
        hang_up_on_everybody(server.port, times=2)
        server.start()
        ended = worker.wait()
        assert ended.code == 0, ended.said
        assert ended.asked == [0, 1, 2]
        assert stable(open_store(store)) == stable(quiet_run), moment


def hang_up_on_everybody(port: int, *, times: int) -> None:
    """Stand where the server was until so many requests have failed."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen()
        for _ in range(times):
            listening.accept()[0].close()
