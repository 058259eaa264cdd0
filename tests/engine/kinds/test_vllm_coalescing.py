"""engines._coalescing: what vLLM's client makes of a request is the same when it hears of it once, at its end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

pytest.importorskip("vllm")

from vllm import SamplingParams
from vllm.sampling_params import RequestOutputKind
from vllm.v1.engine import EngineCoreOutput, EngineCoreOutputs, EngineCoreRequest, FinishReason
from vllm.v1.engine.output_processor import OutputProcessor, RequestOutputCollector
from vllm.v1.metrics.stats import SchedulerStats
from vllm.v1.outputs import LogprobsLists
from vllm.v1.serial_utils import MsgpackDecoder, MsgpackEncoder

from qwen_batch.engine.kinds.vllm import LOGPROBS, output_to_logprobs
from qwen_batch.engine.kinds.vllm.coalescing import KEPT_STEPS, Coalescing


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


@pytest.mark.parametrize("logprobs", [True, False])
@pytest.mark.parametrize("several", [True, False])
def test_answers_of_any_length_are_the_same_as_without_waiting(logprobs: bool, several: bool) -> None:
    lengths = (1, 2, 31, 32, 33, 64, 100, KEPT_STEPS - 1, KEPT_STEPS, KEPT_STEPS + 1, 2 * KEPT_STEPS + 9)
    last_steps = {f"q{length}": length - 1 for length in lengths}
    expected = answers(FakeScheduler(last_steps), last_steps, logprobs=logprobs, several=several)
    if not several:
        assert [len(expected[f"q{length}"][0]) for length in lengths] == list(lengths)
    assert all(len(one[1]) == (len(one[0]) if logprobs else 0) for one in expected.values())
    assert answers(HoldingScheduler(last_steps), last_steps, logprobs=logprobs, several=several) == expected


def told(scheduler: FakeScheduler, steps: int, last_steps: dict[str, int]) -> list[Sequence[tuple[str, int]] | None]:
    """By step the requests that the client is told of, with the number of their tokens; None without a message."""
    messages = [scheduler.update_from_output(None, step_of(step, last_steps)).get(0) for step in range(steps)]
    return [message and [(one.request_id, len(one.new_token_ids)) for one in message.outputs] for message in messages]


def test_a_client_hears_of_a_request_once_and_of_nothing_else() -> None:
    last_steps = {"long": 39, "short": 0, "other": 7, "with": 39}
    by_step = told(HoldingScheduler(last_steps), 41, last_steps)
    assert {step: messages for step, messages in enumerate(by_step) if messages is not None} == {
        0: [("short", 1)],
        7: [("other", 8)],
        39: [("long", 40), ("with", 40)],
    }


def test_what_is_not_about_tokens_goes_on_at_once() -> None:
    class WithStats(FakeScheduler):
        def update_from_output(self, prefill_stats: Any, step: FakeStep) -> dict[int, EngineCoreOutputs]:
            (message,) = super().update_from_output(prefill_stats, step).values()
            stats = EngineCoreOutputs(outputs=message.outputs, scheduler_stats=SchedulerStats())
            return {0: stats, 1: EngineCoreOutputs(finished_requests={"gone"}), 2: EngineCoreOutputs()}

    class Holding(Coalescing, WithStats):
        pass

    messages = Holding(["q"]).update_from_output(None, step_of(0, {"q": 9}))
    assert {client: len(message.outputs) for client, message in messages.items()} == {0: 0, 1: 0}


def test_what_only_the_first_token_tells_arrives() -> None:
    last_steps, stats = {"other": 1, "q": 1}, object()
    scheduler = HoldingScheduler(last_steps)
    scheduler.update_from_output(stats, step_of(0, last_steps))
    ended = {one.request_id: one for one in scheduler.update_from_output(None, step_of(1, last_steps))[0].outputs}
    assert ended["q"].prefill_stats is stats


def test_an_aborted_request_is_forgotten() -> None:
    scheduler = HoldingScheduler(["stays", "gone"])
    assert told(scheduler, 3, {"stays": 99, "gone": 99}) == [None, None, None]
    assert [one.request_id for one in scheduler.finish_requests(["gone"])] == ["gone"]
    scheduler.requests["gone"] = FakeRequest("gone")  # another one of the same name
    ended = scheduler.update_from_output(None, step_of(0, {"gone": 0}))[0].outputs
    assert [(one.request_id, one.new_token_ids, len(one.kv_transfer_params[LOGPROBS])) for one in ended] == [
        ("gone", step_of(0, {"gone": 0}).token_ids["gone"], 1)
    ]


def test_a_step_without_a_token_of_a_request_leaves_no_gap() -> None:
    """As when it is preempted and computed anew: its row is there, but not its token."""
    with_pause, expected = HoldingScheduler(["q", "other"]), []
    for number in range(5):
        step = step_of(number, {"other": 9, "q": 9})
        if number in {1, 2}:
            del step.token_ids["q"]
        else:
            expected.append(float(step.logprobs.logprobs[1, 0]))
        step.ends = {"q"} if number == 4 else set()
        messages = with_pause.update_from_output(None, step)
    (ended,) = messages[0].outputs
    assert ended.kv_transfer_params == {LOGPROBS: expected}
    assert len(ended.new_token_ids) == len(expected) == 3
