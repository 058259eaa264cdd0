"""The loop that a user would write: read every PDF with pdfplumber, then LLM.chat in fours.

Called by setting.helper. `files` are PDFs, `tokens` what each answer takes; the engine has vLLM's own defaults but for
the context.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from pathlib import Path
from typing import Any

from qwen_batch.config_file import load_config
from qwen_batch.engine.choice import choose_engine

QUESTION = "Summarise the contract above as JSON."


def main() -> None:
    """Prints JSON lines: reading, the engine's start, answering."""
    asked = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301  our own file
    plan = choose_engine(load_config(None, tuple(asked["settings"]))).plan
    import pdfplumber
    from vllm import LLM, SamplingParams

    began = time.monotonic()
    llm = LLM(plan.model, max_model_len=plan.max_model_len, **plan.settings.vllm)
    _say("start", seconds=time.monotonic() - began)
    began = time.monotonic()
    texts = []
    for file in asked["files"]:
        with pdfplumber.open(file) as pdf:
            texts.append("\n".join(page.extract_text() or "" for page in pdf.pages))
    _say("reading", seconds=time.monotonic() - began, documents=len(texts))
    room = (plan.max_model_len - asked["tokens"]) * 2  # characters; a token has more than two
    messages: list[Any] = [[{"role": "user", "content": f"{text[:room]}\n\n{QUESTION}"}] for text in texts]
    sampling = SamplingParams(temperature=0.0, max_tokens=asked["tokens"], ignore_eos=True)
    began = time.monotonic()
    for first in range(0, len(messages), 4):
        llm.chat(messages[first : first + 4], sampling, use_tqdm=False)
    _say("answering in fours", seconds=time.monotonic() - began, documents=len(texts))


def _say(name: str, **figures: Any) -> None:
    print(json.dumps({"name": name, **figures}), flush=True)


if __name__ == "__main__":
    main()
