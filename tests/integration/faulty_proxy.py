"""A proxy before a real S3 server that answers some requests wrongly, as networks and busy servers do.

Faults wait in a queue for the requests they match; a request that none matches is passed on unchanged.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, cast


@dataclass(frozen=True, slots=True)
class Fault:
    """What to do to the next request with this method whose path and query contain `where`.

    answer: send `status` and the S3 error `code` instead of asking the server. lose: let the server do it, then hang
    up without an answer. cut: send only half of the answer's body, then hang up. stall: never answer.
    """

    method: str
    kind: Literal["answer", "lose", "cut", "stall"]
    where: str = ""
    status: int = 503
    code: str = "SlowDown"


class FaultyProxy(ThreadingHTTPServer):
    """`requests`: the method and path of all that came in, in order; `faults`: those that have not happened yet."""

    daemon_threads = True

    def __init__(self, upstream_port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream_port = upstream_port
        self.requests: list[tuple[str, str]] = []
        self.faults: list[Fault] = []
        self.ended = threading.Event()
        self._lock = threading.Lock()

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def count(self, method: str) -> int:
        """How many requests with this method came in."""
        with self._lock:
            return sum(seen == method for seen, _ in self.requests)

    @contextmanager
    def running(self) -> Iterator[FaultyProxy]:
        thread = threading.Thread(target=self.serve_forever, args=(0.01,), name="faulty-proxy")
        thread.start()
        try:
            yield self
        finally:
            self.ended.set()
            self.shutdown()
            thread.join()
            self.server_close()

    def next_fault(self, method: str, path: str) -> Fault | None:
        """Note the request, and take the fault it meets out of the queue."""
        with self._lock:
            self.requests.append((method, path))
            for fault in self.faults:
                if fault.method == method and fault.where in path:
                    self.faults.remove(fault)
                    return fault
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the tests' output is not an access log."""

    def answer(self) -> None:
        proxy = cast(FaultyProxy, self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = proxy.next_fault(self.command, self.path)
        if fault is not None and fault.kind == "answer":
            text = f"<Error><Code>{fault.code}</Code><Message>made up</Message></Error>".encode()
            self._send(fault.status, [("Content-Length", str(len(text)))], text)
            return
        if fault is not None and fault.kind == "stall":
            proxy.ended.wait()
            self.close_connection = True
            return
        status, headers, content = self._ask(proxy.upstream_port, body)
        if fault is None:
            self._send(status, headers, content)
            return
        self.close_connection = True
        if fault.kind == "cut":
            self._send(status, headers, content[: len(content) // 2])

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer

    def _send(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _ask(self, port: int, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("expect", "connection"):
                    connection.putheader(name, value)  # Host as it is: it is part of what the client signed
            connection.endheaders(body)
            answer = connection.getresponse()
            headers = [pair for pair in answer.getheaders() if pair[0].lower() != "connection"]
            return answer.status, headers, answer.read()
        finally:
            connection.close()
