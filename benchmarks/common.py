"""What several themes share: where things are, label files, a file as a document, a program that starts itself again.

Knows no theme.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from qwen_batch.reading.discover import inputs_to_sources, sources_to_documents
from qwen_batch.records import Document

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "data" / "samples"
"""The project's own documents."""
SHARED_DATA = ROOT.parent / "shared" / "data"
"""Documents of others, which are not part of the repository."""
FAULTS = ROOT / "tests" / "faults"
"""On PYTHONPATH it applies the changes that QWEN_BATCH_FAULTS names to modules as they are imported."""


def test_helper(name: str) -> Mapping[str, Any]:
    """What `tests/helpers/NAME.py` defines, such as makers of tiny files: tests are no package of ours."""
    return runpy.run_path(str(ROOT / "tests" / "helpers" / f"{name}.py"))


def path_to_document(path: Path) -> Document:
    """The document that a run makes of a file, with the hash of its bytes."""
    (document,) = sources_to_documents(inputs_to_sources([str(path)]), {}).documents
    return document


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)


def python_path(*first: Path) -> str:
    """A PYTHONPATH with these folders, then this checkout, then what it holds already."""
    return os.pathsep.join(filter(None, [*map(str, first), str(ROOT), os.environ.get("PYTHONPATH")]))


def ensure_environment(needed: Mapping[str, str]) -> None:
    """Starts this program again if its environment lacks any of these: LD_PRELOAD needs a new process."""
    if any(os.environ.get(name) != value for name, value in needed.items()):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | needed)  # noqa: S606
