"""jobs show --document: what a job would be shown of a document, with scores, or why all of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.places import ROOT

from qwen_batch.cli.shown import shown_lines
from qwen_batch.config import Config
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.errors import UsageError
from qwen_batch.job.files import find_job, load_job

CLAUSES = "\n\n".join(
    [
        "LEASE between Alpha Ltd and Beta Ltd, dated as of 1 March 2024.",
        *(
            f"{n}. Matter {n}. The tenant keeps the premises in good order and pays what is due. " * 8
            for n in range(2, 27)
        ),
        "27. Term. The initial term of this agreement is five years from the effective date and expires then. " * 4,
        "28. Renewal. It is renewed for successive terms unless written notice is given 60 days before. " * 4,
        "29. Liability. In no event shall a party be liable for lost profits or consequential damages. " * 4,
        "30. Governing Law. This lease is governed by and construed in accordance with the laws of Ontario. " * 4,
        "Signed by both.",
    ]
)


def lines(file: Path, job: str = "contract_terms") -> list[str]:
    loaded = load_job(find_job(job, ROOT / "jobs"))
    return list(shown_lines(loaded, file, Config(), ApproximateTokenizer()))


@pytest.mark.subprocess
def test_a_passage_is_told_with_its_page_and_the_fields_that_it_was_chosen_for(tmp_path: Path) -> None:
    file = tmp_path / "lease.txt"
    file.write_text(CLAUSES)
    told = lines(file)
    assert any(line.startswith("page 1") and "governing_law" in line for line in told)
    assert any("laws of Ontario" in line for line in told)
    assert sum("Matter 17" in line for line in told) == 0


@pytest.mark.subprocess
def test_why_all_of_a_document_is_shown_is_said(tmp_path: Path) -> None:
    file = tmp_path / "lease.txt"
    file.write_text(CLAUSES)
    assert "about the whole document: summary" in lines(file, "contract_summary")[1]
    file.write_text("A short lease.")
    assert "at most 1,500 tokens" in lines(file)[1]


@pytest.mark.subprocess
def test_a_job_about_the_whole_document_is_shown_its_headings_with_their_openings(tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    body = "The office compared the figures with those of the year before. " * 60
    file.write_text("\n\n".join(["# Report", *(f"## Part {n}\n\nIt begins with {n}. {body}" for n in range(1, 9))]))
    told = lines(file, "report_outline")
    assert any(line.startswith("page 1 | Part 8") and "sections" in line for line in told)
    assert any("It begins with 8." in line for line in told)
    assert sum(line.count("The office compared") for line in told) < 8 * 30


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file"):
        lines(tmp_path)
