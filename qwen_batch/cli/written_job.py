"""A new job file: seen to load before it is written, and never over another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qwen_batch.errors import UsageError

if TYPE_CHECKING:
    from qwen_batch.job.drafts import Draft

ENOUGH_TOKENS = 1_000_000
"""Until the longest answer is known."""


def check_new(name: str, path: Path) -> None:
    """Raises UsageError if a job may not be called so, or if the file is there."""
    from qwen_batch.job.definition import JOB_NAME
    from qwen_batch.run.prepare import RESERVED_TABLES

    if not JOB_NAME.fullmatch(name) or name in RESERVED_TABLES:
        raise UsageError(
            f"{name}: not the name of a job",
            f"small letters, digits and underscores, and not {', '.join(sorted(RESERVED_TABLES))}",
        )
    if path.exists():
        raise UsageError(f"{path}: it is there", "give another name, or remove the file")


def written_job(draft: Draft, path: Path) -> str:
    """The text of a job's file with room for its longest answer. Raises UsageError and JobError."""
    from qwen_batch.asking.cost import longest_answer_tokens
    from qwen_batch.job.drafts import job_text, rounded
    from qwen_batch.job.files import JobSource, load_job

    check_new(draft.name, path)
    if not draft.documents:
        raise UsageError("what a document is was not said", 'say it in a few words: "an invoice"')
    room = longest_answer_tokens(load_job(JobSource(str(path), job_text(draft, ENOUGH_TOKENS))))
    text = job_text(draft, rounded(room))
    load_job(JobSource(str(path), text))
    return text


def write_new(path: Path, text: str) -> None:
    """Writes a file that is not there. Raises UsageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "name a folder that you may write to") from None
