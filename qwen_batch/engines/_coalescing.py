"""vLLM's scheduler, but what it sends to the process of its client holds the tokens of several steps.

The scheduler tells the client of every token of every request, with arrays for its log-probability. With 512 requests
the client's one thread, which also feeds the engine, unpacks such a message in 10 ms and more of a step of 20 ms on an
H200 (docs/benchmarks.md). Nobody reads an answer here before it is whole, so tokens wait for each other. vLLM's own
`stream_interval` holds them back only behind that message. Spec decoding sends several tokens at once too, so that the
client knows such messages.

A helper of engines.vllm, not an engine. vLLM's engine process imports it by name. `engine.vllm: {scheduler_cls: null}`
does without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from vllm.v1.core.sched.async_scheduler import AsyncScheduler
from vllm.v1.core.sched.scheduler import Scheduler

STEPS_TOGETHER = 16
"""Their ranks take 128 bytes: from 256 on vLLM sends an array as a part of the message of its own, at a cost."""


class Coalescing:
    """What a scheduler does otherwise: to be named before it among the bases of a class."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._held: dict[str, list[Any]] = {}

    def update_from_output(self, *arguments: Any, **named: Any) -> dict[int, Any]:
        """The messages of a step, by client: requests that ended, and those whose tokens waited for long enough."""
        messages: dict[int, Any] = super().update_from_output(*arguments, **named)  # type: ignore[misc]
        for message in messages.values():
            message.outputs = self._due(message.outputs)
        return messages

    def finish_requests(self, *arguments: Any, **named: Any) -> list[Any]:
        """The requests that were aborted: nobody waits for their tokens."""
        finished: list[Any] = super().finish_requests(*arguments, **named)  # type: ignore[misc]
        for request in finished:
            self._held.pop(request.request_id, None)
        return finished

    def _due(self, outputs: Sequence[Any]) -> list[Any]:
        due = []
        for output in outputs:
            held = self._held.setdefault(output.request_id, [])
            held.append(output)
            if output.finish_reason is not None or len(held) >= STEPS_TOGETHER:
                due.append(_as_one(self._held.pop(output.request_id)))
        return due


def _as_one(outputs: Sequence[Any]) -> Any:
    """The last of a request's EngineCoreOutputs with the tokens of all, and what only the first one tells."""
    last = outputs[-1]
    last.new_token_ids = [token_id for output in outputs for token_id in output.new_token_ids]
    last.prefill_stats = outputs[0].prefill_stats
    logprobs = [output.new_logprobs for output in outputs if output.new_logprobs is not None]
    if logprobs:
        last.new_logprobs = logprobs[0]._replace(
            logprob_token_ids=np.concatenate([one.logprob_token_ids for one in logprobs]),
            logprobs=np.concatenate([one.logprobs for one in logprobs]),
            sampled_token_ranks=np.concatenate([one.sampled_token_ranks for one in logprobs]),
        )
    return last


class CoalescingScheduler(Coalescing, Scheduler):  # type: ignore[misc]
    """Where a step waits for the one before."""


class CoalescingAsyncScheduler(Coalescing, AsyncScheduler):  # type: ignore[misc]
    """Where a step is scheduled while the one before is computed."""


def coalescing_scheduler(**named: Any) -> Any:
    """The one of the two whose base vLLM itself would choose: it does so only where no scheduler is named."""
    is_async = named["vllm_config"].scheduler_config.async_scheduling
    return (CoalescingAsyncScheduler if is_async else CoalescingScheduler)(**named)
