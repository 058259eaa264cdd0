"""How a file is called in tables and messages: by a text that is unique, printable and leads back to its bytes.

On S3 that is the s3:// name, on a local disk the absolute path. A path that is no UTF-8 or holds control characters or
line breaks is written as a file:// URI (RFC 8089): those bytes, and "%", as "%" and two hexadecimal digits. So no
surrogate ever leaves this module's callers for Arrow, JSON or Ray.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

FILE_SCHEME = "file://"
GROUP_SCHEME = "group:"
"""Begins the name of what is no file: a group of documents that are answered as one."""
MEMBER_MARK = "!/"
"""Between an archive's name and that of a member in it: `a.zip!/b/c.pdf`."""
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def path_to_uri(path: str) -> str:
    """The name of a local file by its absolute path, as the operating system's functions give it."""
    return f"{FILE_SCHEME}{_escaped(path.replace('%', '%25'))}" if _ODD.search(path) else path


def uri_to_path(uri: str) -> str:
    """The local path that a name stands for, for the operating system's functions; any other text as it is."""
    return os.fsdecode(unquote_to_bytes(uri.removeprefix(FILE_SCHEME))) if uri.startswith(FILE_SCHEME) else uri


def document_name(source_uri: str) -> str:
    """The file's own name, for people and for joins: always UTF-8 on one line.

    A member of an archive (`a.zip!/b/c.pdf`) is called by its own name. A byte that is no text stands as "%E9".
    """
    return _escaped(uri_to_path(source_uri).rstrip("/").rpartition("/")[2])


def group_uri(job: str, name: str) -> str:
    """The name of a job's group: `group:compare_documents/data/papers` for the folder /data/papers."""
    return f"{GROUP_SCHEME}{job}/{_escaped(name).removeprefix('/')}"


def is_group(uri: str) -> bool:
    """Whether a name is that of a group."""
    return uri.startswith(GROUP_SCHEME)


def member_uri(archive_uri: str, name: str) -> str:
    """The name of an archive's member; `name` is its path in the archive as text."""
    if archive_uri.startswith(FILE_SCHEME):
        name = name.replace("%", "%25")
    return f"{archive_uri}{MEMBER_MARK}{_escaped(name)}"


def archives_in(uri: str) -> Iterator[str]:
    """What may be the archive that a name leads into, the outermost first; a folder's name may end in "!" too."""
    at = uri.find(MEMBER_MARK)
    while at > 0:
        yield uri[:at]
        at = uri.find(MEMBER_MARK, at + 1)


def printable(text: str) -> str:
    """Some text as a part of a name: its odd characters as "%" and two hexadecimal digits a byte."""
    return _escaped(text)


def _escaped(text: str) -> str:
    return _ODD.sub(lambda found: "".join(f"%{byte:02X}" for byte in os.fsencode(found[0])), text)
