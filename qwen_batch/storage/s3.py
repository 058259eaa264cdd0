"""A store below a prefix of an S3 bucket, through pyarrow.

Region and credentials come from the usual AWS_* variables and files, the endpoint from AWS_ENDPOINT_URL_S3 or
AWS_ENDPOINT_URL: pyarrow 26 does not follow these well enough by itself (it takes the bucket for a host's name).
pyarrow leaves empty objects that stand for folders; they are never listed here.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any, BinaryIO

from qwen_batch.storage.store import Entry, explained

S3_SCHEME = "s3://"


class S3Store:
    """A prefix of a bucket. One object is written whole or not at all; there are no folders, only names."""

    def __init__(self, place: str) -> None:
        self.root = place.rstrip("/")
        self._prefix = self.root.removeprefix(S3_SCHEME)

    @property
    def _filesystem(self) -> Any:
        return _filesystem()

    def uri(self, path: str) -> str:
        """The object's s3:// name."""
        return f"{self.root}/{path}"

    def put(self, path: str, write: Callable[[BinaryIO], None]) -> None:
        """One upload, begun when the content is complete, so that a fault in writing leaves nothing."""
        content = io.BytesIO()
        write(content)
        with explained(self.uri(path)), ThreadPoolExecutor(1, "s3-upload") as pool:
            pool.submit(self._upload, self._name(path), content.getbuffer()).result()

    def _upload(self, name: str, content: memoryview) -> None:
        """Runs in a thread of its own: pyarrow completes the object when its stream is closed, for whatever reason.

        Ctrl-C and signal handlers raise in the main thread, which would leave a beginning under the name.
        """
        with self._filesystem.open_output_stream(name) as stream:
            stream.write(content)

    def read(self, path: str) -> bytes:
        """An object's content."""
        with self.open(path) as file, explained(self.uri(path)):
            return file.read()

    def open(self, path: str) -> BinaryIO:
        """An object for reading; what is read of it is fetched."""
        with explained(self.uri(path)):
            return io.BufferedReader(self._filesystem.open_input_file(self._name(path)))

    def exists(self, path: str) -> bool:
        """Whether there is such an object or any below that name."""
        from pyarrow.fs import FileType

        with explained(self.uri(path)):
            (info,) = self._filesystem.get_file_info([self._name(path)])
        return bool(info.type == FileType.File or (info.type == FileType.Directory and self.files(path)))

    def files(self, folder: str = "") -> list[Entry]:
        """All objects below a name, or the object of that name."""
        from pyarrow.fs import FileSelector, FileType

        selector = FileSelector(self._name(folder), recursive=True, allow_not_found=True)
        with explained(self.uri(folder)):
            infos = self._filesystem.get_file_info(selector)
            if not infos and folder:
                infos = self._filesystem.get_file_info([self._name(folder)])
        found = [
            Entry(info.path.removeprefix(f"{self._prefix}/"), info.size, info.mtime_ns or 0)
            for info in infos
            if info.type == FileType.File
        ]
        return sorted(found, key=lambda entry: entry.path)

    def move(self, source: str, target: str) -> None:
        """Copies object by object within S3, and removes each when its copy stands."""
        below = [entry.path.removeprefix(source) for entry in self.files(source)]
        if not below and not self.exists(target):
            raise FileNotFoundError(self.uri(source))
        for rest in below:
            before = self._name(source + rest)
            with explained(self.uri(target)):
                self._filesystem.copy_file(before, self._name(target + rest))
                self._filesystem.delete_file(before)

    def delete(self, path: str) -> None:
        """Removes an object and all below its name."""
        for entry in self.files(path):
            with explained(self.uri(entry.path)), suppress(FileNotFoundError):
                self._filesystem.delete_file(self._name(entry.path))

    def _name(self, path: str) -> str:
        return f"{self._prefix}/{path}" if path else self._prefix


@cache
def _filesystem() -> Any:
    """The S3 file system of this process; small objects are written by a single request."""
    from pyarrow.fs import S3FileSystem

    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return S3FileSystem(allow_delayed_open=True)
    scheme, _, host = endpoint.rpartition("://")
    return S3FileSystem(scheme=scheme or "https", endpoint_override=host.rstrip("/"), allow_delayed_open=True)
