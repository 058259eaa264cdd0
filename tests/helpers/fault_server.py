"""A server that speaks as much of OpenAI's protocol as engine.kind http needs, with faults. For tests only."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FaultServer(ThreadingHTTPServer):
    """A fake. `faults` are taken one a request, then every request is answered.

    A fault is (status, message), seconds to hang, or the bytes of an answer that breaks off after them.
    `refuses` maps a word of the question, or a field of the request, to what such a request is always told.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults: list[tuple[int, str] | float | bytes] = []
        self.retry_after_s: int | None = None
        self.logprobs = [(token, list(token.encode())) for token in ('{"', "said", '":1}')]
        self.models = [{"id": "small", "object": "model", "max_model_len": 4321}]
        self.refuses: dict[str, tuple[int, str]] = {}
        self.requests: list[dict[str, object]] = []
        self.arrivals_s: list[float] = []
        self.lock = threading.Lock()
        self.inside = self.most_inside = 0
        self.delay_s = 0.0
        self.binds = True  # whether answers follow a schema that leaves no choice
        self.page: bytes | None = None  # every answer is this instead

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: FaultServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._say(200, {"object": "list", "data": self.server.models})

    def do_POST(self) -> None:
        server = self.server
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with server.lock:
            server.inside += 1
            server.most_inside = max(server.most_inside, server.inside)
            server.arrivals_s.append(time.monotonic())
            server.requests.append(asked | {"authorization": self.headers["authorization"]})
            fault = server.faults.pop(0) if server.faults else None
        time.sleep(fault if isinstance(fault, float) else server.delay_s)
        text = asked["messages"][-1]["content"]
        for part, refusal in server.refuses.items():
            if part in text or part in asked:
                fault = refusal
        with server.lock:
            server.inside -= 1
        if isinstance(fault, tuple):
            self._say(fault[0], {"error": {"message": fault[1]}})
        elif isinstance(fault, bytes):
            self._send(200, fault, missing=99)
        else:
            forced = _forced(asked) if server.binds else None
            self._say(200, _answer(forced or {"said": text}, server.logprobs if "logprobs" in asked else None))

    def _say(self, status: int, body: dict[str, object]) -> None:
        self._send(status, self.server.page or json.dumps(body).encode())

    def _send(self, status: int, data: bytes, missing: int = 0) -> None:
        """An answer that lacks its last `missing` bytes."""
        self.close_connection = missing > 0
        try:
            self.send_response(status)
            self.send_header("content-type", "text/html" if data.startswith(b"<") else "application/json")
            self.send_header("content-length", str(len(data) + missing))
            if status == 429 and self.server.retry_after_s is not None:
                self.send_header("retry-after", str(self.server.retry_after_s))
            self.end_headers()
            self.wfile.write(data)
        except OSError:  # the client has stopped to wait
            self.close_connection = True

    def log_message(self, *args: object) -> None:
        """Nothing."""


def _forced(asked: dict[str, Any]) -> dict[str, object] | None:
    """The only answer that the schema of a request allows, where it allows only one."""
    schema = asked.get("response_format", {}).get("json_schema", {}).get("schema", {})
    fields = schema.get("properties", {})
    if fields and all(len(field.get("enum", ())) == 1 for field in fields.values()):
        return {name: field["enum"][0] for name, field in fields.items()}
    return None


def _answer(answer: dict[str, object], logprobs: list[tuple[str, list[int]]] | None) -> dict[str, object]:
    tokens = [{"token": token, "logprob": -0.25, "bytes": of, "top_logprobs": []} for token, of in logprobs or ()]
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": json.dumps(answer)},
        "logprobs": {"content": tokens, "refusal": None} if tokens else None,
    }
    usage = {
        "prompt_tokens": 40,
        "completion_tokens": 3,
        "total_tokens": 43,
        "prompt_tokens_details": {"cached_tokens": 32},
    }
    return {"id": "a", "object": "chat.completion", "created": 0, "model": "small", "choices": [choice], "usage": usage}


@contextmanager
def fault_server() -> Iterator[FaultServer]:
    """A server on loopback, ended at the end."""
    with FaultServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
