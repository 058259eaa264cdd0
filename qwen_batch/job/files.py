"""Finding and loading job files. Loaded classes never travel between processes: the source does.

A pydantic class that was loaded from a path cannot be unpickled elsewhere, so a worker gets a
`JobSource` and loads it there.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
import sys
import traceback
import types
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from qwen_batch.errors import JobError
from qwen_batch.job.definition import Job
from qwen_batch.job.json_schema import schema_to_job
from qwen_batch.job.params import bound

MAY_IMPORT = frozenset({"qwen_batch", "pydantic", "pydantic_core"}) | sys.stdlib_module_names
SCHEMA_SUFFIX = ".json"
SUFFIXES = (".py", SCHEMA_SUFFIX)
FOREIGN_REMEDY = (
    "a job may import only qwen_batch, pydantic and Python's standard library, for every process and machine is sent "
    "this one file: write what it needs into the file itself"
)


@dataclass(frozen=True, slots=True)
class JobSource:
    """A job file's path, for messages, and its text; `params` are the job's parameters as they were given."""

    path: str
    text: str
    params: tuple[tuple[str, str], ...] = ()


def find_job(name_or_path: str, jobs_dir: Path) -> JobSource:
    """The source of a job given by its name in `jobs_dir` or by the path of its file: Python, or a JSON Schema.

    Raises JobError that names what was looked for and which jobs there are.
    """
    is_path = name_or_path.endswith(SUFFIXES) or "/" in name_or_path
    path = Path(name_or_path) if is_path else jobs_dir / f"{name_or_path}.py"
    if not is_path and not path.exists() and path.with_suffix(SCHEMA_SUFFIX).exists():
        path = path.with_suffix(SCHEMA_SUFFIX)
    try:
        text = path.read_text("utf-8")
        if path.suffix == SCHEMA_SUFFIX:
            text = schema_to_job(path.stem, text, str(path))
        return JobSource(str(path), text)
    except OSError as error:
        known = ", ".join(job_names(jobs_dir)) or "none"
        raise JobError(
            f"no job {name_or_path!r}: {path}: {error.strerror}",
            f"jobs in {jobs_dir}: {known}; or give the path of a job file",
        ) from None
    except UnicodeDecodeError as error:
        raise JobError(f"{path}: not UTF-8 text: {error.reason}", "save the job file as UTF-8") from None


def job_names(jobs_dir: Path) -> list[str]:
    """Names of the job files in a folder, sorted; empty if there is no such folder."""
    files = (path for suffix in SUFFIXES for path in jobs_dir.glob(f"*{suffix}"))
    return sorted({path.stem for path in files if not path.name.startswith("_")})


def _compiled(source: JobSource) -> types.CodeType:
    try:
        tree = ast.parse(source.text, source.path)
        _check_imports(tree, source.path)
        return compile(tree, source.path, "exec", dont_inherit=True)  # not the __future__ of this module
    except SyntaxError as error:
        raise JobError(f"{error.filename}, line {error.lineno}: {error.msg}", "correct the job file") from None


def _check_imports(tree: ast.Module, path: str) -> None:
    """Refuses imports, also within functions, of what another process or machine may not have."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = ["." * node.level + (node.module or "")]
        else:
            continue
        for module in modules:
            if module.partition(".")[0] not in MAY_IMPORT:
                raise JobError(f"{path}, line {node.lineno}: it imports {module}", FOREIGN_REMEDY)


@lru_cache(maxsize=64)
def load_job(source: JobSource) -> Job:
    """The JOB of a job file, with its parameters. Raises JobError naming the file and the line, or the parameter."""
    return bound(_loaded(source), dict(source.params))


def _loaded(source: JobSource) -> Job:
    code = _compiled(source)
    module = types.ModuleType(f"qwen_batch_job_{hashlib.sha256(source.text.encode()).hexdigest()[:12]}")
    module.__file__ = source.path
    # pydantic looks annotations up in sys.modules while the classes are made
    sys.modules[module.__name__] = module
    linecache.cache[source.path] = (len(source.text), None, source.text.splitlines(keepends=True), source.path)
    try:
        exec(code, module.__dict__)  # noqa: S102  a job file is the user's own code
    except JobError as error:
        raise JobError(f"{source.path}: {error.message}", error.remedy) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever the user's file raises is reported with its line
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == source.path]
        where = f"{source.path}, line {lines[-1]}" if lines else source.path
        raise JobError(f"{where}: {type(error).__name__}: {error}", "correct the job file") from None
    job = module.__dict__.get("JOB")
    if not isinstance(job, Job):
        raise JobError(f"{source.path}: it defines no JOB", "end the file with JOB = Job(name=..., schema=..., ...)")
    if job.name != Path(source.path).stem:
        raise JobError(
            f"{source.path}: its job is called {job.name!r}", f"name the file {job.name}.py or the job like the file"
        )
    return job
