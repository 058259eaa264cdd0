"""fingerprints: what asks documents again, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from qwen_batch.config_file import load_config
from qwen_batch.job.files import find_job, load_job
from qwen_batch.run.fingerprints import job_fingerprints


def fingerprint(jobs_dir: Path, *settings: str) -> str:
    job = load_job(find_job("contract_summary", jobs_dir))
    return job_fingerprints({job.name: job}, load_config(None, settings), "a-model")[job.name]


@pytest.mark.parametrize("select", ["auto", "whole", "3"])
def test_asking_about_orders_asks_documents_again(select: str, jobs_dir: Path) -> None:
    usual = fingerprint(jobs_dir, f"prompt.select={select}")
    asks = fingerprint(jobs_dir, f"prompt.select={select}", "prompt.orders=ask")
    assert asks == fingerprint(jobs_dir, f"prompt.select={select}", "prompt.orders=ask")
    assert asks != usual
    assert fingerprint(jobs_dir, f"prompt.select={select}", "prompt.orders=fence") == usual
