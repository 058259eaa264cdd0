"""The environment of the other tools: made once in the user's cache folder, from pinned versions, without their data.

Their processes reach no network: what they would fetch while they read is not to be had everywhere, and not pinned.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from qwen_batch.folders import cache_directory

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
PROGRAM = Path(__file__).with_name("theirs.py")
DISTRIBUTIONS = {"markitdown": "markitdown", "docling": "docling-slim", "unstructured": "unstructured"}
"""The tools, and the package whose version counts."""
NOWHERE = "http://127.0.0.1:9"
LIMIT_S = 60
"""A tool may take so long for one file."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One file as one side read it: `failure` is a code and a message, `ocr` says that pages were recognised."""

    text: str
    warnings: tuple[str, ...]
    failure: tuple[str, str] | None
    seconds: float
    ocr: bool = False


def environment_python() -> Path:
    """The python of the environment, which is made where it is missing or pinned otherwise."""
    pinned = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    folder = cache_directory() / "benchmarks" / "others"
    python, marker = folder / "bin" / "python", folder / "pinned"
    if marker.is_file() and marker.read_text("ascii") == pinned:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    uv = shutil.which("uv")
    if uv is None:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)
    else:
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
        command = [uv, "pip", "install", "--quiet", "--python", python, "-r", REQUIREMENTS]
        subprocess.run(command, check=True, env=os.environ | _find_links())
    marker.write_text(pinned, "ascii")
    return python


def _find_links() -> dict[str, str]:
    """The folders of wheels that pip is told of; uv looks at its own settings alone."""
    pip = shutil.which("pip")
    told = subprocess.run([pip, "config", "get", "global.find-links"], capture_output=True, text=True) if pip else None  # noqa: PLW1510 - 1 says that nothing is set
    return {"UV_FIND_LINKS": ",".join(told.stdout.split())} if told and told.returncode == 0 else {}


def pinned_version(tool: str) -> str:
    """The version of a tool in the list of pinned packages."""
    found = re.search(rf"(?m)^{re.escape(DISTRIBUTIONS[tool])}==(\S+)", REQUIREMENTS.read_text("utf-8"))
    if found is None:
        raise SystemExit(f"{REQUIREMENTS}: {tool} is not pinned")
    return found[1]


class Tool:
    """One of the other tools as a process that reads a file at a time; `import_s` is what starting it took."""

    def __init__(self, name: str, python: Path) -> None:
        self.name = name
        closed = {"HF_HUB_OFFLINE": "1", "http_proxy": NOWHERE, "https_proxy": NOWHERE, "HTTPS_PROXY": NOWHERE}
        self._process = subprocess.Popen(
            [python, PROGRAM, name, str(LIMIT_S)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | closed,
        )
        self.import_s = float(self._line()["ready"])

    def read(self, path: Path) -> Reading:
        """One file; an exception of the tool is a failure."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        self._process.stdin.write(json.dumps(str(path)) + "\n")
        self._process.stdin.flush()
        line = self._line()
        failure = ("error", str(line["error"])) if "error" in line else None
        return Reading(str(line.get("text", "")), (), failure, float(line["seconds"]))

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        self._process.stdin.close()
        self._process.wait()

    def _line(self) -> dict[str, str | float]:
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with exit code {self._process.wait()}")
        return dict(json.loads(line))
