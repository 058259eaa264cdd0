"""The programs that read Office files of the old kind: which are installed, and how they are run.

Each runs within the child process, in a folder of its own that goes with it: LibreOffice has its profile there, without
macros, links and questions.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.files import PREFIX
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.parts.zip import DAMAGED

OFFICE = ("soffice", "libreoffice")
TARGETS = {"doc": ("docx", "MS Word 97"), "ppt": ("pptx", "MS PowerPoint 97")}
"""What LibreOffice makes of each kind, and its filter: without one it would take any bytes for text."""
TEXT_PROGRAMS = {
    "doc": (("antiword", "-m", "UTF-8.txt", "-w", "0"), ("catdoc", "-d", "utf-8", "-w")),
    "ppt": (("catppt", "-d", "utf-8"),),
}
MISSING = {
    "doc": "A Word file of the old kind (.doc) needs LibreOffice, antiword or catdoc, and none is installed: "
    "install libreoffice-writer-nogui, or save it as .docx or PDF.",
    "ppt": "A PowerPoint file of the old kind (.ppt) needs LibreOffice or catppt, and neither is installed: "
    "install libreoffice-impress-nogui, or save it as .pptx or PDF.",
}
TIME_SHARE = 0.9
"""Part of read.timeout_s that a program may take, so that the failure can say which it was."""
WORD_STREAM, ENCRYPTED_AT, ENCRYPTED_BIT = "WordDocument", 11, 0x01
PPT_ENCRYPTED_STREAM = "EncryptedSummary"
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


@dataclass(frozen=True, slots=True)
class Converted:
    """A file of today's kind with its suffix, or UTF-8 text with none; `program` made it."""

    data: bytes
    suffix: str
    program: str


def installed(kind: str) -> tuple[str, ...]:
    """The programs for a kind ("doc", "ppt") that are there, the best first."""
    programs = [next(filter(shutil.which, OFFICE), ""), *(command[0] for command in TEXT_PROGRAMS[kind])]
    return tuple(name for name in programs if name and shutil.which(name))


def old_to_new(path: Path, kind: str, settings: ReadSettings) -> Converted:
    """The file by the best program that can. Raises Unreadable, "unsupported" where there is none."""
    programs = installed(kind)
    if not programs:
        raise Unreadable("unsupported", MISSING[kind])
    timeout_s = settings.timeout_s * TIME_SHARE / len(programs)
    for program in programs:
        if program in OFFICE:
            found = _by_office(program, path, kind, timeout_s)
        else:
            command = next(one for one in TEXT_PROGRAMS[kind] if one[0] == program)
            found = _by_text_program(command, path, timeout_s)
        if found is not None:
            return found
    raise Unreadable("damaged", f"{DAMAGED} ({' and '.join(programs)} cannot read it)")


def is_encrypted(path: Path, kind: str) -> bool:
    """Whether a password protects the file ([MS-DOC] 2.5.2, [MS-PPT] 2.3.2)."""
    from olefile import OleFileIO

    try:
        with OleFileIO(str(path)) as file:
            if kind == "ppt":
                return bool(file.exists(PPT_ENCRYPTED_STREAM))
            with file.openstream(WORD_STREAM) as stream:
                head = stream.read(ENCRYPTED_AT + 1)
    except Exception:  # noqa: BLE001 - a broken file is the program's business
        return False
    return len(head) > ENCRYPTED_AT and bool(head[ENCRYPTED_AT] & ENCRYPTED_BIT)


def _by_office(program: str, path: Path, kind: str, timeout_s: float) -> Converted | None:
    """By LibreOffice, with a profile of its own.

    Its first start with a new profile ends in a second one, which wants to remove the socket of the first: behind the
    fence of the reading process it cannot, so the profile is started once more under another name.
    """
    suffix, source_filter = TARGETS[kind]
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as place:
        folder = Path(place)
        (folder / "profile" / "user").mkdir(parents=True)
        (folder / "profile" / "user" / "registrymodifications.xcu").write_text(PROFILE, "utf-8")
        (folder / "out").mkdir()
        source = folder / f"packed.{kind}"
        source.symlink_to(path.resolve())
        made = folder / "out" / f"packed.{suffix}"
        for profile in (folder / "profile", folder / "started"):
            command = (
                program,
                f"-env:UserInstallation={profile.as_uri()}",
                *("--headless", "--norestore", "--nolockcheck", "--nodefault", f"--infilter={source_filter}"),
                *("--convert-to", suffix, "--outdir", str(folder / "out"), str(source)),
            )
            _run(command, folder, timeout_s)
            if made.is_file() or profile.name == "started":
                break
            profile.rename(folder / "started")
        return Converted(made.read_bytes(), f".{suffix}", program) if made.is_file() else None


def _by_text_program(command: tuple[str, ...], path: Path, timeout_s: float) -> Converted | None:
    with tempfile.TemporaryDirectory(prefix=PREFIX) as place:
        source = Path(place, "packed")
        source.symlink_to(path.resolve())
        text = _run((*command, str(source)), Path(place), timeout_s)
    return Converted(text, "", command[0]) if text.strip() else None


def _run(command: tuple[str, ...], folder: Path, timeout_s: float) -> bytes:
    """What a program prints, nothing if it fails. Raises Unreadable: "timeout"."""
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = f"{command[0]} took longer than {timeout_s:g} s: raise read.timeout_s, or save it as .docx or PDF."
        raise Unreadable("timeout", message) from None
    except OSError:
        return b""
    return done.stdout if done.returncode == 0 else b""
