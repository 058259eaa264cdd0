"""The driver killed while input and output lie on S3: moto's server, on loopback, in a process of its own."""

from __future__ import annotations

import os
import random
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyarrow.fs import LocalFileSystem, S3FileSystem, copy_files

from benchmarks.faults import kills
from benchmarks.faults.setting import MANY_MOMENTS, undisturbed
from benchmarks.faults.tables import Result
from benchmarks.letters import write_documents
from benchmarks.workplace import Command, workplace

HOST = "127.0.0.1"
BUCKET = "faults"
START_PATIENCE_S = 60


def measure(documents: int, tries: int, seed: int) -> Result:
    """All tries against one server."""
    with workplace("s3") as place:
        folder = place.root / "in"
        write_documents(folder, documents, seed)
        with server() as endpoint:
            source, outputs = f"s3://{BUCKET}/in", f"s3://{BUCKET}/out"
            filesystem = S3FileSystem(scheme="http", endpoint_override=endpoint, allow_bucket_creation=True)
            filesystem.create_dir(BUCKET)
            copy_files(str(folder), f"{BUCKET}/in", LocalFileSystem(), filesystem)
            command = Command(source, "", MANY_MOMENTS)
            setting = undisturbed(place, command, outputs)
            chance = random.Random(seed)  # noqa: S311  chance that can be repeated
            return kills.measure(setting, "s3", tries, kills.kill_driver, chance)


@contextmanager
def server() -> Iterator[str]:
    """A moto server as host:port, with the environment of this process, and so of all runs, set to it."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    endpoint = f"{HOST}:{port}"
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://{endpoint}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with workplace("moto") as place:
        program = str(Path(sys.executable).with_name("moto_server"))
        started = place.start_program([program, "-H", HOST, "-p", str(port)])
        deadline = time.monotonic() + START_PATIENCE_S
        while not _answers(port):
            if not started.running() or time.monotonic() > deadline:
                raise RuntimeError(f"moto did not start: {started.stderr.read_text()[-300:]}")
            time.sleep(0.1)
        yield endpoint


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), 1):
            return True
    except OSError:
        return False
