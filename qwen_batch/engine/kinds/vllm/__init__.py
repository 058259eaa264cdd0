"""vLLM in process, on a GPU or on the CPU. With its scheduler (`coalescing`) the only importer of vllm.

An AsyncLLM takes every prompt as it comes and batches them itself; an answer is whole when it is handed on.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qwen_batch.config import Config
from qwen_batch.engine.begun import begun
from qwen_batch.engine.choice import choose_local
from qwen_batch.engine.engine import ChosenEngine, EngineKind, EnginePlan
from qwen_batch.engine.kinds.vllm.arguments import engine_env, engine_kwargs
from qwen_batch.engine.kinds.vllm.checks import PACKAGES, machine_checks
from qwen_batch.engine.tokens import model_tokenizer
from qwen_batch.errors import EngineError, ModelError, ToolMissingError
from qwen_batch.packages import check_package
from qwen_batch.records import Completion, Prompt

LOG_TAIL_BYTES = 65_536
_ERROR = re.compile(r"[\w.]*(?:Error|Exception): \S.*")
_POINT_TO_IT = ("EngineDeadError", "Engine core initialization failed")
_START_REMEDY = (
    "if it lacks memory, lower engine.max_model_len or engine.gpu_memory_utilization, or end what else is on the GPU; "
    "see `qwen-batch doctor`"
)
LOGPROBS = "qwen_batch.logprobs"
"""Where our scheduler puts the log-probabilities of an answer's tokens, among its `kv_transfer_params`."""


class VllmEngine:
    """An AsyncLLM: continuous batching over all shards in flight, answers bound to their schema."""

    def __init__(self, plan: EnginePlan) -> None:
        from vllm import AsyncEngineArgs
        from vllm.v1.engine.async_llm import AsyncLLM

        try:
            self._llm: Any = AsyncLLM.from_engine_args(AsyncEngineArgs(**engine_kwargs(plan)))
        except (ValueError, OSError) as error:
            raise ModelError(f"{plan.model}: vLLM cannot load it: {error}", "see `qwen-batch doctor`") from error
        except RuntimeError as error:  # the engine's own process says in the log why it ended
            raise EngineError(
                f"the vLLM engine did not start: {last_logged_error() or error}", _START_REMEDY
            ) from error
        self._tokenizer = model_tokenizer(Path(plan.model))
        self._with_logprobs = plan.settings.logprobs
        self._ids = itertools.count()

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        """Completions in the order of the shard; the engine batches them with all others in flight."""
        return list(await asyncio.gather(*(begun(self._complete(prompt)) for prompt in shard)))

    async def _complete(self, prompt: Prompt) -> Completion:
        from vllm.inputs import tokens_input
        from vllm.v1.engine.exceptions import EngineDeadError

        outputs = []
        try:
            requests = self._llm.generate(
                tokens_input(list(prompt.token_ids)),  # ready: a raw prompt would go through a thread
                _sampling_params(prompt, self._with_logprobs),
                f"q{next(self._ids)}",
            )
            outputs = [output async for output in requests]
        except EngineDeadError as error:
            raise EngineError(
                f"the vLLM engine died: {last_logged_error() or error}", "run the same command again"
            ) from error
        except Exception as error:  # noqa: BLE001  one refused prompt must not hurt its shard
            return _refused(prompt, f"{type(error).__name__}: {error}")
        return self._completion(outputs[-1]) if outputs else _refused(prompt, "no output")

    def _completion(self, output: Any) -> Completion:
        best = output.outputs[0]
        token_texts = self._tokenizer.token_texts(best.token_ids)
        return Completion(
            text="".join(token_texts),
            finish_reason=best.finish_reason or "abort",
            prompt_tokens=len(output.prompt_token_ids or ()),
            output_tokens=len(best.token_ids),
            cached_tokens=output.num_cached_tokens or 0,
            token_texts=token_texts,
            logprobs=output_to_logprobs(output),
        )

    def close(self) -> None:
        """Ends the engine's processes."""
        self._llm.shutdown()


def output_to_logprobs(output: Any) -> tuple[float, ...]:
    """Of each token of vLLM's RequestOutput, from our scheduler or from vLLM's own; nothing if they were not asked."""
    beside = (output.kv_transfer_params or {}).get(LOGPROBS)
    if beside is not None:
        return tuple(beside)
    sampled = output.outputs[0].logprobs  # flat: at each start stands the sampled token's
    return tuple(map(sampled.logprobs.__getitem__, sampled.start_indices)) if sampled else ()


def last_logged_error(log: str = "/proc/self/fd/2") -> str | None:
    """The last line of a log that names an error, by default of this process's stderr, if that is a file.

    The engine's own processes write there what they died of; the exception says only that they did.
    """
    try:
        path = Path(log).resolve(strict=True)
        if not path.is_file():
            return None
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return None
    errors = (_ERROR.search(line) for line in reversed(lines) if not any(one in line for one in _POINT_TO_IT))
    return next((error[0] for error in errors if error), None)


def _sampling_params(prompt: Prompt, with_logprobs: bool) -> Any:
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams

    schema = prompt.json_schema
    return SamplingParams(
        temperature=prompt.temperature,
        top_p=prompt.top_p,
        max_tokens=prompt.max_tokens,
        ignore_eos=schema is None,
        logprobs=0 if with_logprobs else None,  # the sampled token's own
        # vLLM makes objects and text of each token, in one thread for all requests: 91 us a token against 15 so
        flat_logprobs=True,
        detokenize=False,
        structured_outputs=None if schema is None else StructuredOutputsParams(json=schema),
        output_kind=RequestOutputKind.FINAL_ONLY,
    )


def _refused(prompt: Prompt, error: str) -> Completion:
    return Completion(text="", finish_reason="error", prompt_tokens=len(prompt.token_ids), output_tokens=0, error=error)


def _choose(config: Config) -> ChosenEngine:
    installed = check_package("vLLM", PACKAGES)
    if not installed.ok:
        raise ToolMissingError(f"vLLM: {installed.detail}", installed.remedy)
    return choose_local(config)


ENGINE = EngineKind(
    name="vllm",
    choose=_choose,
    tokenizer=lambda plan: model_tokenizer(Path(plan.model)),
    start=VllmEngine,
    env=engine_env,
    loads_a_model=True,
    packages=(*PACKAGES, "torch"),
    checks=machine_checks,
)
