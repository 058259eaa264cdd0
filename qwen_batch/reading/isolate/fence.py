"""What the child process may reach: the document it was given, a scratch folder, programs and libraries; no network.

The kernel holds it, as far as it can: Landlock for files, TCP and signals (https://landlock.io), a network namespace of
its own for all else that leaves the machine. Where it cannot, the limits on time and memory stay, and `doctor` says so.
Secrets of the environment are not handed on in any case.
"""

from __future__ import annotations

import ctypes
import os
import re
import socket
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from landlockpy import AccessFS, LandlockError, Ruleset, Scope, abi_version

SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/proc", "/sys"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf"),
    *("/etc/localtime", "/etc/timezone", "/etc/alternatives", "/etc/fonts", "/etc/libreoffice", "/etc/mime.types"),
    *("/etc/magic", "/etc/papersize", "/etc/catdocrc", "/var/lib/libreoffice", "/var/spool/libreoffice"),
    *("/etc/locale.alias", "/var/cache/fontconfig"),
)
"""What readers and the programs that they start need of a system; no folder of a person."""
SOCKETS = Path("/tmp")  # noqa: S108
"""LibreOffice makes its socket here whatever it is told; nothing else can be made, changed or removed in it."""
OFFICE_SOCKETS = "OSL_PIPE_*_SingleOfficeIPC_*"
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
MIN_ABI = 3
"""Landlock of Linux 6.2: from there on a file cannot be truncated past it either."""
SECRET = re.compile(r"(?i)^AWS_|KEY|TOKEN|SECRET|PASSW|CREDENTIAL|COOKIE")
MIN_SHARED_DEPTH = 2
"""Parts of a path that two documents must share for its folder to be opened whole: never `/home`."""
_READ = AccessFS.READ_FILE | AccessFS.READ_DIR | AccessFS.EXECUTE
_OF_FILES = AccessFS.READ_FILE | AccessFS.EXECUTE | AccessFS.WRITE_FILE | AccessFS.TRUNCATE | AccessFS.IOCTL_DEV
_IN_FOLDERS = AccessFS.MAKE_REG | AccessFS.MAKE_DIR | AccessFS.MAKE_SYM | AccessFS.MAKE_SOCK | AccessFS.MAKE_FIFO
_REMOVED = AccessFS.REMOVE_FILE | AccessFS.REMOVE_DIR | AccessFS.REFER
_WRITE = _READ | _OF_FILES | _IN_FOLDERS | _REMOVED
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_DUMPABLE = 4


@dataclass(frozen=True, slots=True)
class Held:
    """What the kernel holds of the fence."""

    files: bool = False
    network: bool = False


@dataclass(slots=True)
class Places:
    """Folders that a child may read, and those that it may write; both only grow."""

    read: set[Path] = field(default_factory=set)
    write: set[Path] = field(default_factory=set)

    def admit(self, reads: Iterable[Path], writes: Iterable[Path]) -> bool:
        """Adds the folders of some files; whether the places have become wider, which a running child cannot know."""
        wider = False
        for path in reads:
            folder = path.resolve().parent
            if not _lies_in(folder, (*self.read, *self.write)):
                self.read = _joined(self.read, folder)
                wider = True
        for path in writes:
            folder = path.resolve().parent
            if not _lies_in(folder, self.write):
                self.write.add(folder)
                wider = True
        return wider


def _lies_in(folder: Path, places: Iterable[Path]) -> bool:
    return any(folder.is_relative_to(place) for place in places)


def _joined(places: set[Path], folder: Path) -> set[Path]:
    """The places with another folder: with one that it shares a beginning with, that beginning stands for both.

    Else each folder of a deep tree would cost a new child. A beginning that holds the home folder is not opened.
    """
    home = Path.home()
    for place in places:
        shared = Path(os.path.commonpath([place, folder]))
        if len(shared.parts) > MIN_SHARED_DEPTH and not home.is_relative_to(shared):
            return _joined(places - {place}, shared)
    return places | {folder}


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for the child: what is named like a secret stays here."""
    return {name: value for name, value in environment.items() if not SECRET.search(name)}


def fence_in(read: Iterable[str], write: Iterable[str]) -> Held:
    """Shuts this process and all that it starts in, for ever; call it while there is one thread. Never raises."""
    network = _leave_the_network()
    try:
        if abi_version() < MIN_ABI:
            return Held(network=network)
        with Ruleset(scoped=Scope.SIGNAL | Scope.ABSTRACT_UNIX_SOCKET) as rules:
            for path in (*SYSTEM, *_pythons(), *read):
                _allow(rules, path, _READ)
            for path in (*DEVICES, *write):
                _allow(rules, path, _WRITE)
            _allow(rules, str(SOCKETS), AccessFS.MAKE_SOCK)
            rules.restrict()
    except (LandlockError, OSError, ValueError):
        return Held(network=network)
    return Held(files=True, network=network)


def remove_left_sockets() -> None:
    """Removes the sockets that a fenced LibreOffice could not: those of ours to which nobody listens."""
    for path in SOCKETS.glob(OFFICE_SOCKETS):
        with suppress(OSError), socket.socket(socket.AF_UNIX) as asking:
            if path.is_socket() and path.stat().st_uid == os.getuid() and asking.connect_ex(str(path)):
                path.unlink()


def _allow(rules: Ruleset, path: str, access: AccessFS) -> None:
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        rules.allow_path(path, access if Path(path).is_dir() else access & _OF_FILES)


def _pythons() -> set[str]:
    """Where this Python, its packages and our own code are; the language data of tesseract too."""
    package = Path(__file__).parents[2]  # in an editable installation no folder of sys.path holds it
    places = {str(package), sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path)}
    if data := os.environ.get("TESSDATA_PREFIX"):
        places.add(data)
    return places


def _leave_the_network() -> bool:
    """Whether this process is now in a network without an interface: that wants a user namespace, which some forbid."""
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET):
        return False
    with suppress(OSError):  # without a map files would belong to nobody; they could still be read
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    libc.prctl(_PR_SET_DUMPABLE, 1)  # else the parent could not see how much memory this process takes
    return True
