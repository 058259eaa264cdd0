"""What somebody may try who has taken over the process that reads documents, as functions for that child."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from qwen_batch.reading.isolate import fence


def tried(what: Callable[[], object]) -> str:
    """The name of the error that kept it from happening; empty if it happened."""
    try:
        what()
    except OSError as error:
        return type(error).__name__
    return ""


def read(document: Path) -> str:
    return document.read_text()


def read_another(document: Path, other: str) -> str:
    return tried(lambda: Path(other).read_text())


def list_folder(document: Path, other: str) -> str:
    return tried(lambda: os.listdir(other))  # noqa: PTH208


def write_another(document: Path, other: str) -> str:
    return tried(lambda: Path(other).write_text("taken"))


def change_it(document: Path) -> str:
    return tried(lambda: document.write_text("taken"))


def remove_it(document: Path) -> str:
    return tried(document.unlink)


def write_scratch() -> str:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a").write_text("mine")
    return tempfile.gettempdir()


def connect_tcp(port: int) -> str:
    return tried(lambda: socket.create_connection(("127.0.0.1", port), 2).close())


def connect_tcp_without_a_namespace(port: int) -> str:
    with patch.object(fence, "_leave_the_network", return_value=False):
        held = fence.fence_in((), ())
    return connect_tcp(port) if held == fence.Held(files=True) else f"held {held}"


def send_udp(port: int) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return tried(lambda: sender.sendto(b"secret", ("127.0.0.1", port)))


def signal_parent() -> str:
    return tried(lambda: os.kill(os.getppid(), signal.SIGCONT))


def environment() -> dict[str, str]:
    return dict(os.environ)


def environment_of_parent() -> str:
    return tried(lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes())


class Bomb:
    """Runs code wherever it is unpickled."""

    def __init__(self, target: str) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, (self.target,)


def answer_with_code(target: str) -> Bomb:
    return Bomb(target)


def run_program(document: Path) -> str:
    with contextlib.suppress(OSError):
        return os.popen(f"cat {document}").read()  # noqa: S605
    return ""
