"""Steps of vLLM's scheduler without a model, and what its client makes of them. Imports vLLM, which takes seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from vllm import SamplingParams
from vllm.sampling_params import RequestOutputKind
from vllm.v1.engine import EngineCoreOutput, EngineCoreOutputs, EngineCoreRequest, FinishReason
from vllm.v1.engine.output_processor import OutputProcessor, RequestOutputCollector
from vllm.v1.metrics.stats import SchedulerStats
from vllm.v1.outputs import LogprobsLists
from vllm.v1.serial_utils import MsgpackDecoder, MsgpackEncoder

from qwen_batch.engine.kinds.vllm import LOGPROBS, output_to_logprobs
from qwen_batch.engine.kinds.vllm.coalescing import KEPT_STEPS, Coalescing

__all__ = [
    "KEPT_STEPS",
    "LOGPROBS",
    "FakeRequest",
    "FakeScheduler",
    "HoldingScheduler",
    "HoldingWithStats",
    "answers",
    "step_of",
]


@dataclass
class FakeRequest:
    """Of a request its name and its tokens so far."""

    request_id: str
    output_token_ids: list[int] = field(default_factory=list)


@dataclass
class FakeStep:
    """What a model runner gives of a step: the tokens of each request by its name, with their probabilities or not."""

    token_ids: dict[str, list[int]]
    logprobs: LogprobsLists | None
    ends: set[str] = field(default_factory=set)


class FakeScheduler:
    """Tells of the step that it is given as vLLM's scheduler does, and forgets requests that end."""

    def __init__(self, request_ids: Iterable[str]) -> None:
        self.requests = {request_id: FakeRequest(request_id) for request_id in request_ids}

    def update_from_output(self, prefill_stats: Any, step: FakeStep) -> dict[int, EngineCoreOutputs]:
        for request_id, token_ids in step.token_ids.items():
            self.requests[request_id].output_token_ids += token_ids
        for request_id in step.ends:
            del self.requests[request_id]
        outputs = [
            EngineCoreOutput(
                request_id=request_id,
                new_token_ids=token_ids,
                new_logprobs=step.logprobs.slice_request(place, len(token_ids)) if step.logprobs else None,
                finish_reason=FinishReason.LENGTH if request_id in step.ends else None,
                prefill_stats=prefill_stats,
            )
            for place, (request_id, token_ids) in enumerate(step.token_ids.items())
        ]
        return {0: EngineCoreOutputs(outputs=outputs)}

    def finish_requests(self, request_ids: Iterable[str]) -> list[FakeRequest]:
        return [self.requests.pop(request_id) for request_id in request_ids]


class HoldingScheduler(Coalescing, FakeScheduler):
    pass


class WithStats(FakeScheduler):
    """Also tells one client of its statistics, one that a request ended, and one of nothing."""

    def update_from_output(self, prefill_stats: Any, step: FakeStep) -> dict[int, EngineCoreOutputs]:
        (message,) = super().update_from_output(prefill_stats, step).values()
        stats = EngineCoreOutputs(outputs=message.outputs, scheduler_stats=SchedulerStats())
        return {0: stats, 1: EngineCoreOutputs(finished_requests={"gone"}), 2: EngineCoreOutputs()}


class HoldingWithStats(Coalescing, WithStats):
    pass


def step_of(number: int, last_steps: dict[str, int], *, logprobs: bool = True, several: bool = False) -> FakeStep:
    """A step of all requests that have not ended; `several` as with spec decoding: one, two or three tokens each."""
    going = [request_id for request_id, last in last_steps.items() if number <= last]
    random = np.random.default_rng(number)
    counts = random.integers(1, 4, len(going)) if several else np.ones(len(going), int)
    starts = [0, *np.cumsum(counts).tolist()]
    width = 1 + number % 2  # a request beside these wants the second best token of every other step
    arrays = LogprobsLists(
        random.integers(0, 9000, (starts[-1], width), np.int32),
        random.random((starts[-1], width), np.float32),
        random.integers(1, 50, starts[-1]),
        starts if several else None,
    )
    token_ids = {
        request_id: arrays.logprob_token_ids[first:end, 0].tolist()
        for request_id, first, end in zip(going, starts, starts[1:], strict=False)
    }
    ends = {request_id for request_id in going if number == last_steps[request_id]}
    return FakeStep(token_ids, arrays if logprobs else None, ends)


def answers(scheduler: FakeScheduler, last_steps: dict[str, int], **kind: bool) -> dict[str, Any]:
    """What vLLM's client has of each request in the end, over its wire format: ids, log-probabilities, the end."""
    encoder, decoder = MsgpackEncoder(), MsgpackDecoder(EngineCoreOutputs)
    client = OutputProcessor(None, log_stats=False)
    queues = {}
    sampling = SamplingParams(
        max_tokens=5000,
        logprobs=0 if kind.get("logprobs", True) else None,
        flat_logprobs=True,
        detokenize=False,
        output_kind=RequestOutputKind.FINAL_ONLY,
    )
    for request_id in last_steps:
        request = EngineCoreRequest(
            request_id=request_id,
            external_req_id=request_id,
            prompt_token_ids=[1, 2, 3],
            mm_features=None,
            sampling_params=sampling,
            pooling_params=None,
            arrival_time=0.0,
            lora_request=None,
            cache_salt=None,
            data_parallel_rank=None,
        )
        queues[request_id] = RequestOutputCollector(RequestOutputKind.FINAL_ONLY, request_id)
        client.add_request(request, None, None, 0, queues[request_id])
    for number in range(max(last_steps.values()) + 1):
        for told in scheduler.update_from_output(None, step_of(number, last_steps, **kind)).values():
            client.process_outputs(decoder.decode(encoder.encode(told)).outputs, 0.0, None)
    return {request_id: described(queue.get_nowait()) for request_id, queue in queues.items()}


def described(output: Any) -> tuple[object, ...]:
    """The answer's ids, the log-probabilities of its tokens, and why it ended."""
    best = output.outputs[0]
    return list(best.token_ids), output_to_logprobs(output), best.finish_reason
