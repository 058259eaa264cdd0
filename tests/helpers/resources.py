"""What a test may use follows from its marks: no child process, no S3 server and no tesseract where none is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from qwen_batch.reading.isolate.isolator import Isolator

STARTS_PROCESSES = {"subprocess", "s3", "ray", "vllm"}
"""Marks of tests that have processes of their own."""
ALONE = {"ray", "vllm"}
"""Marks of tests that want the whole machine: with pytest-xdist one worker has them all, one after the other."""
TESSERACT = """#!/bin/sh
case "$*" in
  *--version*) echo "tesseract 5.3.0" ;;
  *--list-langs*) printf 'List of available languages in "/nowhere/" (3):\\nchi_sim\\neng\\nosd\\n' ;;
  *) echo "a test that recognises text is marked ocr" >&2; exit 1 ;;
esac
"""
"""Is there, has the languages of the settings, and recognises nothing."""


def marks_of(item: pytest.Item) -> set[str]:
    return {mark.name for mark in item.iter_markers()}


def mark_resources(item: pytest.Item) -> None:
    """Adds what can be seen from a test's fixtures and parameters."""
    parameters = getattr(item, "callspec", None)
    if "s3_server" in item.fixturenames or (parameters and "s3" in parameters.params.values()):
        item.add_marker(pytest.mark.s3)
    if marks_of(item) & ALONE:
        item.add_marker(pytest.mark.xdist_group("alone"))


def forbid_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading child, or another Python, fails the test that starts it."""
    started = subprocess.Popen.__init__

    def start(self: Any, args: Any, *others: Any, **named: Any) -> None:
        if not isinstance(args, str) and str(args[0]) == sys.executable:
            _fail()
        started(self, args, *others, **named)

    monkeypatch.setattr(subprocess.Popen, "__init__", start)
    monkeypatch.setattr(Isolator, "call", _fail)


def _fail(*_: Any, **__: Any) -> NoReturn:
    pytest.fail("a test that starts a process is marked subprocess")


def hide_tesseract(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The fake TESSERACT stands before the real one, if there is one."""
    program = folder / "tesseract"
    if not program.exists():
        program.write_text(TESSERACT)
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
