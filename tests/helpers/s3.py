"""An S3 server of moto's on loopback, in a process of its own: pyarrow may hold the GIL while it waits for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@contextmanager
def s3_environment() -> Iterator[Mapping[str, str]]:
    """Starts the server; gives the variables that lead a process to it."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            yield {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.stdout.readline().strip()}",
                "AWS_ACCESS_KEY_ID": "somebody",
                "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true",
            }
        finally:
            server.kill()


def make_bucket(name: str) -> str:
    """A new bucket on the server that the environment names; gives its s3:// place."""
    from pyarrow.fs import S3FileSystem

    scheme, _, host = os.environ["AWS_ENDPOINT_URL"].partition("://")
    S3FileSystem(scheme=scheme, endpoint_override=host, allow_bucket_creation=True).create_dir(name)
    return f"s3://{name}"
