"""files: finding, loading, and errors that name the file and the line."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.places import ROOT

from qwen_batch.errors import JobError
from qwen_batch.job.definition import job_fingerprint
from qwen_batch.job.files import JobSource, find_job, job_names, load_job

NOTE = """\
from pydantic import BaseModel, Field

from qwen_batch import Job, Quoted


class Fact(Quoted):
    value: str = Field(max_length=20)


class Note(BaseModel):
    facts: list[Fact] = Field(max_length=2)
    later: "Later | None" = None


class Later(BaseModel):
    n: int


JOB = Job(name="note", schema=Note, instruction="Read.")
"""

WORKER = """\
import pickle, sys
from qwen_batch.job.definition import job_fingerprint
from qwen_batch.job.files import load_job
job = load_job(pickle.load(sys.stdin.buffer))
result = job.schema.model_validate({"facts": [{"quote": "a", "value": "b"}], "later": {"n": 3}})
print(job_fingerprint(job), result.model_dump_json())
"""


def note_file(folder: Path, text: str = NOTE, name: str = "note.py") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def load_error(text: str, path: str = "jobs/note.py") -> JobError:
    with pytest.raises(JobError) as caught:
        load_job(JobSource(path, text))
    return caught.value


def test_a_job_is_found_by_its_name(tmp_path: Path) -> None:
    path = note_file(tmp_path)
    assert find_job("note", tmp_path) == JobSource(str(path), NOTE)


def test_a_job_is_found_by_its_path_wherever_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = note_file(tmp_path)
    assert find_job(str(path), Path("elsewhere")).text == NOTE
    monkeypatch.chdir(tmp_path)
    assert find_job("note.py", Path("elsewhere")) == JobSource("note.py", NOTE)


def test_an_unknown_job_names_what_was_looked_for_and_what_there_is(tmp_path: Path) -> None:
    note_file(tmp_path)
    note_file(tmp_path, name="memo.py")
    with pytest.raises(JobError) as caught:
        find_job("nota", tmp_path)
    assert caught.value.message == f"no job 'nota': {tmp_path}/nota.py: No such file or directory"
    assert caught.value.remedy == f"jobs in {tmp_path}: memo, note; or give the path of a job file"


def test_an_unknown_job_without_any_jobs_says_none(tmp_path: Path) -> None:
    with pytest.raises(JobError) as caught:
        find_job("note", tmp_path / "jobs")
    assert f"jobs in {tmp_path}/jobs: none" in caught.value.remedy


def test_a_folder_that_ends_like_a_job_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.py").mkdir()
    with pytest.raises(JobError, match="Is a directory"):
        find_job("note", tmp_path)


def test_a_job_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "note.py"
    path.write_bytes(b"# Vertr\xe4ge\n")
    with pytest.raises(JobError, match=r"note\.py: not UTF-8"):
        find_job("note", tmp_path)


def test_job_names_are_sorted_and_leave_helpers_out(tmp_path: Path) -> None:
    for name in ("b.py", "a.py", "_shared.py", "notes.txt"):
        (tmp_path / name).touch()
    assert job_names(tmp_path) == ["a", "b"]
    assert job_names(tmp_path / "none") == []


def test_loading_gives_a_job_whose_schema_works() -> None:
    job = load_job(JobSource("jobs/note.py", NOTE))
    result = job.schema.model_validate({"facts": [{"quote": "a", "value": "b"}], "later": {"n": "3"}})
    assert result.model_dump() == {"facts": [{"quote": "a", "value": "b"}], "later": {"n": 3}}


def test_the_same_source_is_loaded_once() -> None:
    assert load_job(JobSource("jobs/note.py", NOTE)) is load_job(JobSource("jobs/note.py", NOTE))


def test_an_edited_source_is_another_job() -> None:
    edited = NOTE.replace('"Read."', '"Read well."')
    assert load_job(JobSource("jobs/note.py", edited)).instruction == "Read well."
    assert load_job(JobSource("jobs/note.py", NOTE)).instruction == "Read."


@pytest.mark.subprocess
def test_a_job_loads_in_a_fresh_process_from_its_source_alone(tmp_path: Path) -> None:
    source = find_job(str(note_file(tmp_path)), tmp_path)
    (tmp_path / "note.py").unlink()
    done = subprocess.run(
        [sys.executable, "-c", WORKER], input=pickle.dumps(source), capture_output=True, check=True, cwd=Path.cwd()
    )
    fingerprint, result = done.stdout.decode().split(maxsplit=1)
    assert fingerprint == job_fingerprint(load_job(source))
    assert result.strip() == '{"facts":[{"quote":"a","value":"b"}],"later":{"n":3}}'


@pytest.mark.parametrize("name", job_names(ROOT / "jobs"))
def test_the_jobs_of_the_project_load(name: str, jobs_dir: Path) -> None:
    assert load_job(find_job(name, jobs_dir)).name == name


def test_the_source_of_a_loaded_job_can_be_shown_without_its_file() -> None:
    job = load_job(JobSource("nowhere/note.py", NOTE))
    assert inspect.getsource(job.schema).startswith("class Note(BaseModel):\n    facts: list[Fact]")


def test_job_files_do_not_inherit_the_future_imports_of_the_loader() -> None:
    text = NOTE + '\ndef f(x: int): ...\nassert f.__annotations__ == {"x": int}\n'
    assert load_job(JobSource("jobs/note.py", text)).name == "note"


def test_a_syntax_error_names_file_and_line() -> None:
    error = load_error(NOTE.replace("class Later(BaseModel):", "class Later(BaseModel"))
    assert error.message.startswith("jobs/note.py, line 15: ")
    assert error.remedy == "correct the job file"


def test_an_exception_at_import_names_file_line_and_kind() -> None:
    error = load_error(NOTE + "\n\nRATE = 1 / 0\n")
    assert error.message == f"jobs/note.py, line {len(NOTE.splitlines()) + 3}: ZeroDivisionError: division by zero"


def test_an_exception_inside_a_function_names_the_innermost_line_of_the_job_file() -> None:
    text = "import json\n\ndef parse():\n    return json.loads('{')\n\nparse()\n"
    assert load_error(text).message.startswith("jobs/note.py, line 4: JSONDecodeError: ")


def test_a_missing_import_names_file_and_line() -> None:
    error = load_error("import os\nimport qwen_batch.no_such_module_here\n")
    assert error.message.startswith("jobs/note.py, line 2: ModuleNotFoundError: ")


@pytest.mark.parametrize(
    ("line", "module"),
    [
        ("import pandas as pd", "pandas"),
        ("import os, numpy.linalg", "numpy.linalg"),
        ("from requests.auth import AuthBase", "requests.auth"),
        ("from . import _shared", "."),
        ("from ._shared import Fact", "._shared"),
        ("import _shared", "_shared"),
        ("def later() -> None:\n    import pandas", "pandas"),
        ("try:\n    import pandas\nexcept ImportError:\n    pandas = None", "pandas"),
    ],
)
def test_a_job_could_import_what_another_machine_may_not_have(line: str, module: str) -> None:
    error = load_error(f"import os\n{line}\n{NOTE}")
    number = 1 + next(number for number, text in enumerate(line.splitlines(), 1) if "import " in text)
    assert error.message == f"jobs/note.py, line {number}: it imports {module}"
    assert "only qwen_batch, pydantic and Python's standard library" in error.remedy


def test_a_job_may_import_the_standard_library_and_pydantic() -> None:
    """Among it what pydantic's documentation has validators raise."""
    allowed = (
        "from __future__ import annotations\nimport re, datetime, collections.abc\nfrom pydantic.types import date"
    )
    own = "from qwen_batch.job.facts.dates import re as other\nfrom pydantic_core import PydanticCustomError"
    assert load_job(JobSource("jobs/note.py", f"{allowed}\n{own}\n{NOTE}")).name == "note"


@pytest.mark.parametrize("text", ["", "JOBS = []\n", "JOB = 'note'\n"])
def test_a_file_without_a_job_says_how_it_ends(text: str) -> None:
    error = load_error(text)
    assert error.message == "jobs/note.py: it defines no JOB"
    assert "JOB = Job(" in error.remedy


def test_a_job_named_unlike_its_file_says_both_names() -> None:
    error = load_error(NOTE, "jobs/memo.py")
    assert error.message == "jobs/memo.py: its job is called 'note'"
    assert "note.py" in error.remedy


def test_a_schema_that_cannot_be_enforced_names_the_file() -> None:
    error = load_error(NOTE.replace("value: str = Field(max_length=20)", "value: str"))
    assert error.message == "jobs/note.py: job note: the string Fact.value has no max_length"
    assert "max_length" in error.remedy


def test_an_error_is_not_remembered_once_the_file_is_corrected() -> None:
    load_error(NOTE + "\n1 / 0\n", "jobs/note.py")
    assert load_job(JobSource("jobs/note.py", NOTE)).name == "note"
