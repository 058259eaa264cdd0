"""Documents that give orders: the committed set is what its program writes, and no order leaves the fence."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from helpers.places import ROOT

from qwen_batch.asking.prompts import REMINDER, chunk_messages
from qwen_batch.engine.model.resolve import embedded_directory, embedded_is_present
from qwen_batch.engine.tokens import ModelTokenizer
from qwen_batch.job.definition import Job
from qwen_batch.job.files import find_job, load_job
from qwen_batch.records import Chunk

DATA = ROOT / "data"
PROGRAM: dict[str, Any] = runpy.run_path(str(DATA / "gen_orders.py"))
DOCUMENTS = list(PROGRAM["ordering_documents"]())


@pytest.fixture(scope="module")
def job() -> Job:
    return load_job(find_job("contract_summary", DATA.parent / "jobs"))


def user_message(text: str, job: Job, language: str) -> str:
    return chunk_messages(Chunk(text, 0, len(text)), language, job)[1][1]


def test_the_committed_documents_are_those_of_the_program(tmp_path: Path) -> None:
    PROGRAM["write_orders"](tmp_path / "orders")
    written = {path.name: path.read_bytes() for path in (tmp_path / "orders").iterdir()}
    assert written == {path.name: path.read_bytes() for path in (DATA / "orders").iterdir()}
    assert len(written) > 20


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_an_order_is_all_that_a_document_adds_and_wants_what_no_contract_says(document: Any) -> None:
    assert document.poisoned.replace(f"\n\n{document.order}", "", 1) == document.clean
    for word in document.wanted:
        assert word not in document.clean


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_an_order_stays_inside_of_the_fence_and_ours_comes_last(document: Any, job: Job) -> None:
    message = user_message(document.poisoned, job, document.language)
    assert (message.count("<document"), message.count("</document")) == (1, 1)
    inside, _, after = message.partition("\n</document>\n\n")
    assert after == user_message(document.clean, job, document.language).partition("\n</document>\n\n")[2]
    assert after.startswith(REMINDER)
    assert "<|" not in inside
    assert "[INST]" not in inside


def test_an_order_adds_no_control_token_of_the_real_model(job: Job) -> None:
    if not embedded_is_present():
        pytest.skip("no embedded model: qwen-batch model pull")
    tokenizer = ModelTokenizer(embedded_directory())
    added = json.loads((embedded_directory() / "tokenizer.json").read_text("utf-8"))["added_tokens"]
    control = {token["id"] for token in added}
    for document in DOCUMENTS:
        clean, poisoned = (
            tokenizer.render((("user", user_message(text, job, document.language)),))
            for text in (document.clean, document.poisoned)
        )
        assert [one for one in poisoned if one in control] == [one for one in clean if one in control]
