"""stages: what nobody who looks at a document sees stands in no prompt, whatever the format."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.children import warm
from helpers.documents import documents_at
from helpers.unseen_files import HIDDEN_WORD, SEEN, UNSEEN_FILES

from qwen_batch.config import Config
from qwen_batch.reading.document_to_text import make_tools
from qwen_batch.run.document.spec import load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts
from qwen_batch.run.document.work import Work
from qwen_batch.run.prepare import Place, prepare_run


@pytest.mark.subprocess
@pytest.mark.parametrize("name", UNSEEN_FILES)
def test_what_nobody_sees_is_in_no_prompt(name: str, null_config: Config, jobs_dir: Path, tmp_path: Path) -> None:
    path = UNSEEN_FILES[name](tmp_path)
    spec = prepare_run(
        ["contract_summary", str(path)], null_config, jobs_dir, Place(str(tmp_path / "out"))
    ).request.spec
    (document,) = documents_at(path)
    tools = warm(make_tools(spec.config))
    work = document_to_prompts(
        Work(document, ("contract_summary",)), spec, tools, make_tokenizer(spec), load_jobs(spec)
    )
    assert work.failure is None
    (prompt,) = work.prompts
    said = " ".join(content for _, content in prompt.messages)
    assert " ".join(SEEN.split()) in " ".join(said.split())
    assert HIDDEN_WORD not in said
    assert not [letter for letter in said if 0xE0000 <= ord(letter) <= 0xE01EF]
