"""vLLM's scheduler, but the process of its client hears of a request once: when it has ended, with all its tokens.

The scheduler tells the client of every token of every request, with arrays for its log-probability. With 512 requests
it takes the engine's process some milliseconds of a step of 20 ms to pack such a message, and the client's one thread,
which also feeds the engine, 10 ms and more to unpack it (docs/benchmarks.md). Nobody reads an answer here before it is
whole. vLLM's own `stream_interval` holds tokens back only behind that message. Spec decoding sends several tokens at
once too, so that the client knows such messages. Log-probabilities go with the answer as a plain list, in the only
field that vLLM's client hands on as it is: as arrays it would take them apart token by token.

It reaches into vLLM's internals, so it runs only with the versions in SCHEDULER_TESTED_WITH. vLLM's engine process
imports it by name. `engine.vllm: {scheduler_cls: null}` does without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from vllm.v1.core.sched.async_scheduler import AsyncScheduler
from vllm.v1.core.sched.scheduler import Scheduler
from vllm.v1.outputs import LogprobsLists

from qwen_batch.engine.kinds.vllm import LOGPROBS

KEPT_STEPS = 256
"""After so many the log-probabilities of all running requests are gathered: a long answer keeps no more steps."""


class _StepLogprobs:
    """Stands in for a step's LogprobsLists: it says where a request's rows are, and cuts no arrays for each token.

    Of a row only the first place is looked at, that of the token itself: no request here asks for others. What is kept
    is flat: objects that live for some steps by the thousand call Python's garbage collector in each.
    """

    def __init__(self, lists: LogprobsLists) -> None:
        self._starts = lists.cu_num_generated_tokens
        self.logprobs: list[float] = lists.logprobs[:, 0].tolist()
        self.rows: dict[str, int | slice] = {}
        """Of each request that has a token in this step: its row, or rows if it may have several."""

    def slice_request(self, req_idx: int, num_positions: int) -> int | slice:
        """See LogprobsLists: a request may have several tokens in a step."""
        if self._starts is None:
            return req_idx
        first = self._starts[req_idx]
        return slice(first, first + num_positions)


@dataclass(slots=True)
class _Held:
    """A running request with what only the message of its first token tells.

    Log-probabilities are those of the steps before `first_step` of the steps kept.
    """

    request: Any
    prefill_stats: Any
    first_step: int
    logprobs: list[float] = field(default_factory=list)

    def gather(self, steps: Sequence[_StepLogprobs]) -> None:
        """Takes what belongs to the request from the steps kept."""
        request_id = self.request.request_id
        for step in steps[self.first_step :]:
            row = step.rows.get(request_id)
            if isinstance(row, int):
                self.logprobs.append(step.logprobs[row])
            elif row is not None:
                self.logprobs += step.logprobs[row]

    def as_one(self, last: Any) -> Any:
        """The message of the last step with all tokens, which vLLM's own request keeps."""
        last.new_token_ids, last.prefill_stats = list(self.request.output_token_ids), self.prefill_stats
        last.new_logprobs = None
        if self.logprobs:
            last.kv_transfer_params = (last.kv_transfer_params or {}) | {LOGPROBS: self.logprobs}
        return last


class Coalescing:
    """What a scheduler does otherwise: to be named before it among the bases of a class.

    In most steps of most requests nothing is done for the single request but to note its row.
    """

    requests: dict[str, Any]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._held: dict[str, _Held] = {}
        self._steps: list[_StepLogprobs] = []

    def update_from_output(self, scheduler_output: Any, model_runner_output: Any) -> dict[int, Any]:
        """The messages of a step, by client: the requests that ended; none to a client that has nothing to hear."""
        step = None
        if model_runner_output.logprobs is not None:
            step = model_runner_output.logprobs = _StepLogprobs(model_runner_output.logprobs)
        going = dict(self.requests)
        messages: dict[int, Any] = super().update_from_output(scheduler_output, model_runner_output)  # type: ignore[misc]
        outputs = [output for message in messages.values() for output in message.outputs]
        for output in outputs:
            if output.request_id not in self._held:
                request = going[output.request_id]
                self._held[output.request_id] = _Held(request, output.prefill_stats, len(self._steps))
        if step is not None:
            step.rows = {one.request_id: one.new_logprobs for one in outputs if one.new_logprobs is not None}
            self._steps.append(step)
        for message in messages.values():
            message.outputs = [self._whole(output) for output in message.outputs if output.finish_reason is not None]
        if len(self._steps) >= KEPT_STEPS or not self._held:
            self._gather_all()
        return {client: message for client, message in messages.items() if _tells(message)}

    def finish_requests(self, *arguments: Any, **named: Any) -> list[Any]:
        """The requests that were aborted: nobody waits for their tokens."""
        finished: list[Any] = super().finish_requests(*arguments, **named)  # type: ignore[misc]
        for request in finished:
            self._held.pop(request.request_id, None)
        return finished

    def _whole(self, last: Any) -> Any:
        held = self._held.pop(last.request_id)
        held.gather(self._steps)
        return held.as_one(last)

    def _gather_all(self) -> None:
        for held in self._held.values():
            held.gather(self._steps)
            held.first_step = 0
        self._steps.clear()


def _tells(message: Any) -> bool:
    return bool(message.outputs or message.finished_requests or message.scheduler_stats)


class CoalescingScheduler(Coalescing, Scheduler):  # type: ignore[misc]
    """Where a step waits for the one before."""


class CoalescingAsyncScheduler(Coalescing, AsyncScheduler):  # type: ignore[misc]
    """Where a step is scheduled while the one before is computed."""


def coalescing_scheduler(**named: Any) -> Any:
    """The one of the two whose base vLLM itself would choose: it does so only where no scheduler is named."""
    is_async = named["vllm_config"].scheduler_config.async_scheduling
    return (CoalescingAsyncScheduler if is_async else CoalescingScheduler)(**named)
