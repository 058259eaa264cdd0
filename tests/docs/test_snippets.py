"""Every snippet of README and docs, run as it is written: commands, Python, SQL, settings, jobs, paths of an output.

A reader follows the README first, so its blocks are run once, in a scratch folder with a few tiny documents. Every
other page begins with that folder as the README left it, at the same place. What is not run says why, in a comment
above it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from helpers.pages import GENERATED, Block, page, page_names
from helpers.places import ROOT

from qwen_batch.config_file import load_config
from qwen_batch.job.files import find_job, load_job

pytestmark = pytest.mark.ray

README = "README.md"
MEASUREMENTS = "docs/benchmarks.md"
"""Its commands take hours, and machines of their own: that they exist is what test_pages.py checks."""
OTHERS = [name for name in page_names() if name not in {README, MEASUREMENTS} and Path(name).name not in GENERATED]
DOCUMENTS = ("contracts/distribution_agreement_en.txt", "reports/market_note_zh.md", "bad/zero_bytes.pdf")
BLOCK_LIMIT_S = 120
RAY_START_LIMIT_S = 120
KNOWN_LANGUAGES = {"bash", "python", "sql", "yaml", "json", "text"}
SOME_FAILED = 3
"""The exit code that the page itself names: one of the documents is empty."""
QUOTES = "_evidence"
"""The null engine quotes nothing."""
ON_ERROR = f"trap 'code=$?; [ $code = {SOME_FAILED} ] || exit $code' ERR\n"
RAY_TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
"""Ray makes a token for an instance of its own and tells nobody; so the pages' commands and their Ray are given one."""
RAY = """
import sys, ray
from pathlib import Path
from qwen_batch.config_file import load_config
from qwen_batch.run.on_ray import ray_session
with ray_session(load_config(None, ())):
    Path(sys.argv[1]).write_text(ray.get_runtime_context().gcs_address)
    sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Scratch:
    """A folder to run a page in; `kept` is what it holds when the README has been followed."""

    folder: Path
    kept: Path
    env: dict[str, str] = field(repr=False)

    def reset(self) -> None:
        """Puts the folder back to what the README left. Views name absolute paths, so it keeps its place."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.kept, self.folder, symlinks=True)


@pytest.fixture(scope="module")
def ray_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Ray for all pages: to start one for each command takes longer than all that they do."""
    told = tmp_path_factory.mktemp("ray") / "address"
    with subprocess.Popen([sys.executable, "-c", RAY, str(told)], stdin=subprocess.PIPE, env=environment()) as program:
        try:
            yield wait_for(told, program)
        finally:
            program.communicate(timeout=RAY_START_LIMIT_S)


def wait_for(told: Path, program: subprocess.Popen[bytes]) -> str:
    for _ in range(RAY_START_LIMIT_S * 10):
        if told.is_file() and (address := told.read_text()):
            return address
        assert program.poll() is None, "Ray did not start"
        time.sleep(0.1)
    raise AssertionError("Ray took too long to start")


def environment(*programs: Path) -> dict[str, str]:
    path = os.pathsep.join([*map(str, programs), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "RAY_USAGE_STATS_ENABLED": "0", **RAY_TOKEN}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory, ray_address: str) -> Scratch:
    """The scratch folder, after every block of the README."""
    base = tmp_path_factory.mktemp("pages")
    folder, programs = base / "work", base / "bin"
    (folder / "contracts").mkdir(parents=True)
    programs.mkdir()
    for name in DOCUMENTS:
        shutil.copy(ROOT / "data" / "samples" / name, folder / "contracts")
    shutil.copytree(ROOT / "jobs", folder / "jobs", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("data", "benchmarks"):
        (folder / name).symlink_to(ROOT / name)
    settings = {
        "engine": {"kind": "null"},
        "resources": {"ray_address": ray_address},
        "cache": {"directory": str(base / "cache")},
    }
    (folder / "pipeline.yaml").write_text(yaml.safe_dump(settings))
    write_program(programs / "python", '"$@"')
    write_program(programs / "qwen-batch", '-c "from qwen_batch.cli import main; main()" "$@"')
    (programs / "duckdb").symlink_to(Path(sys.executable).parent / "duckdb")
    made = Scratch(folder, base / "kept", environment(programs))
    run_page(README, made)
    shutil.copytree(folder, made.kept, symlinks=True)
    return made


def write_program(path: Path, arguments: str) -> None:
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}\n')
    path.chmod(0o755)


def run_page(name: str, scratch: Scratch) -> None:
    """Runs the blocks of a page in their order. Python's names and DuckDB's views live as long as the page."""
    names: dict[str, Any] = {}
    with duckdb.connect() as database, pytest.MonkeyPatch.context() as patch:
        patch.chdir(scratch.folder)
        for key, value in RAY_TOKEN.items():  # Python's blocks run in this process
            patch.setenv(key, value)
        for block in page(name).blocks:
            assert block.language in KNOWN_LANGUAGES, f"{block.place}: {block.language} is not run by this test"
            if block.not_run is None:
                try:
                    run_block(block, scratch, names, database)
                except Exception as error:
                    raise AssertionError(f"{block.place}: {error}\n{block.text}") from error


def run_block(block: Block, scratch: Scratch, names: dict[str, Any], database: duckdb.DuckDBPyConnection) -> None:
    match block.language:
        case "bash":
            run_commands(block, scratch)
        case "python" if "JOB = Job(" in block.text:
            load_written_job(block)
        case "python":
            exec(compile(block.text, block.place, "exec"), names)  # noqa: S102  the project's own page
        case "sql":
            run_sql(block, database)
        case "yaml":
            path = Path("snippet.yaml")
            path.write_text(block.text)
            load_config(path, ())
        case "json":
            json.loads(block.text)
        case "text":
            check_paths(block)


def run_commands(block: Block, scratch: Scratch) -> None:
    done = subprocess.run(
        ["bash", "-c", ON_ERROR + block.text],
        cwd=scratch.folder,
        env=scratch.env,
        capture_output=True,
        text=True,
        timeout=BLOCK_LIMIT_S,
        check=False,
    )
    assert done.returncode in {0, SOME_FAILED}, f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr


def load_written_job(block: Block) -> None:
    """Where a reader would put it, so that commands below find it."""
    (name,) = re.findall(r'JOB = Job\(name="(\w+)"', block.text)
    Path("jobs", f"{name}.py").write_text(block.text)
    load_job(find_job(name, Path("jobs")))


def run_sql(block: Block, database: duckdb.DuckDBPyConnection) -> None:
    """As DuckDB's shell does it, which knows `.read`. The last query has to find something, but for quotes."""
    text = re.sub(r"^\.read (\S+)$", lambda match: Path(match[1]).read_text(), block.text, flags=re.MULTILINE)
    assert database.execute(text).fetchall() or QUOTES in block.text, "no row"


def check_paths(block: Block) -> None:
    """A picture of an output: each line begins with a path that is there, `<...>` being any name."""
    for line in block.text.splitlines():
        pattern = re.sub(r"<[^>]*>", "*", re.split(r" {2,}", line)[0]).rstrip("/")
        assert pattern.startswith("out/"), f"{line!r} is no path of an output: say above it why it is not run"
        assert any(Path().glob(pattern)), f"there is no {pattern}"


def test_the_readme_is_true(scratch: Scratch) -> None:
    assert list(scratch.kept.glob("out/contract_summary/run=*/*.parquet"))


@pytest.mark.parametrize("name", OTHERS)
def test_the_page_is_true(name: str, scratch: Scratch) -> None:
    scratch.reset()
    run_page(name, scratch)


def test_most_is_run() -> None:
    blocks = [block for name in [README, *OTHERS] for block in page(name).blocks if block.language != "text"]
    assert sum(block.not_run is not None for block in blocks) * 3 <= len(blocks)
