"""The raw side: vLLM's LLM.generate over recorded token ids. Called by setting.helper with a pickle.

`sets` maps a name to (token ids of each prompt, tokens to write, how many prompts a call, 0 for all at once).
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.common import ensure_environment
from qwen_batch.config_file import load_config
from qwen_batch.engine.choice import choose_engine
from qwen_batch.engine.kinds.vllm import ENGINE
from qwen_batch.engine.kinds.vllm.arguments import engine_kwargs


def main() -> None:
    """Prints a JSON line for the start and each set."""
    asked = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301  our own file
    plan = choose_engine(load_config(None, tuple(asked["settings"]))).plan
    ensure_environment(ENGINE.env(plan))
    from vllm import LLM, SamplingParams

    kwargs: dict[str, Any] = engine_kwargs(plan)
    for name in ("enable_log_requests", "generation_config", "scheduler_cls"):
        kwargs.pop(name, None)
    began = time.monotonic()
    llm = LLM(**kwargs)
    print(json.dumps({"name": "start", "seconds": time.monotonic() - began}), flush=True)
    llm.generate([{"prompt_token_ids": [1] * 32}], SamplingParams(max_tokens=8, ignore_eos=True), use_tqdm=False)
    for name, (ids, tokens, at_once) in asked["sets"].items():
        prompts = [{"prompt_token_ids": list(one)} for one in ids]
        sampling = SamplingParams(temperature=0.0, max_tokens=tokens, ignore_eos=True)
        llm.reset_prefix_cache()
        step = at_once or len(prompts)
        began = time.monotonic()
        for first in range(0, len(prompts), step):
            llm.generate(prompts[first : first + step], sampling, use_tqdm=False)
        seconds = time.monotonic() - began
        print(json.dumps({"name": name, "seconds": seconds, "rate": len(prompts) / seconds}), flush=True)


if __name__ == "__main__":
    main()
