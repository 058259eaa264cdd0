"""engines._coalescing: what vLLM's client makes of a request is the same when its tokens come in several steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest

pytest.importorskip("vllm")

from vllm import SamplingParams
from vllm.sampling_params import RequestOutputKind
from vllm.v1.engine import EngineCoreOutput, EngineCoreOutputs, EngineCoreRequest, FinishReason
from vllm.v1.engine.output_processor import OutputProcessor, RequestOutputCollector
from vllm.v1.outputs import LogprobsLists
from vllm.v1.serial_utils import MsgpackDecoder, MsgpackEncoder

from qwen_batch.engines._coalescing import STEPS_TOGETHER, Coalescing


class FakeRequest:
    """Of a request only its name."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id


class FakeScheduler:
    """Gives out the messages that it is given."""

    def update_from_output(self, message: EngineCoreOutputs) -> dict[int, EngineCoreOutputs]:
        return {0: message}

    def finish_requests(self, request_ids: Iterable[str]) -> list[FakeRequest]:
        return [FakeRequest(request_id) for request_id in request_ids]


class HoldingScheduler(Coalescing, FakeScheduler):
    pass


def message(step: int, last_steps: dict[str, int], with_logprobs: bool = True) -> EngineCoreOutputs:
    """One token of each request that has not ended, as vLLM's scheduler tells of it."""
    going = [request_id for request_id, last in last_steps.items() if step <= last]
    random = np.random.default_rng(step)
    arrays = LogprobsLists(
        random.integers(0, 9000, (len(going), 1), np.int32),
        random.random((len(going), 1), np.float32),
        random.integers(1, 50, len(going)),
        None,
    )
    return EngineCoreOutputs(
        outputs=[
            EngineCoreOutput(
                request_id=request_id,
                new_token_ids=[int(arrays.logprob_token_ids[place, 0])],
                new_logprobs=arrays.slice_request(place, 1) if with_logprobs else None,
                finish_reason=FinishReason.LENGTH if step == last_steps[request_id] else None,
            )
            for place, request_id in enumerate(going)
        ]
    )


def answers(scheduler: FakeScheduler, last_steps: dict[str, int], with_logprobs: bool = True) -> dict[str, Any]:
    """What vLLM's client has of each request in the end, over its wire format: ids, log-probabilities, ranks."""
    encoder, decoder = MsgpackEncoder(), MsgpackDecoder(EngineCoreOutputs)
    client = OutputProcessor(None, log_stats=False)
    queues = {}
    sampling = SamplingParams(
        max_tokens=200,
        logprobs=0 if with_logprobs else None,
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
    for step in range(max(last_steps.values()) + 1):
        for sent in scheduler.update_from_output(message(step, last_steps, with_logprobs)).values():
            client.process_outputs(decoder.decode(encoder.encode(sent)).outputs, 0.0, None)
    return {request_id: described(queue.get_nowait()) for request_id, queue in queues.items()}


def described(output: Any) -> tuple[object, ...]:
    best = output.outputs[0]
    logprobs = best.logprobs
    arrays = (list(logprobs.logprobs), list(logprobs.ranks), list(logprobs.start_indices)) if logprobs else None
    return list(best.token_ids), arrays, best.finish_reason


@pytest.mark.parametrize("with_logprobs", [True, False])
def test_answers_of_any_length_are_the_same_as_without_waiting(with_logprobs: bool) -> None:
    lengths = (1, 2, STEPS_TOGETHER - 1, STEPS_TOGETHER, STEPS_TOGETHER + 1, 2 * STEPS_TOGETHER, 100)
    last_steps = {f"q{length}": length - 1 for length in lengths}
    expected = answers(FakeScheduler(), last_steps, with_logprobs)
    assert [len(expected[f"q{length}"][0]) for length in lengths] == list(lengths)
    assert answers(HoldingScheduler(), last_steps, with_logprobs) == expected


def sent(scheduler: FakeScheduler, steps: int, last_steps: dict[str, int]) -> list[Sequence[tuple[str, int]]]:
    """By step the requests that the client is told of, with the number of their tokens."""
    messages = [scheduler.update_from_output(message(step, last_steps))[0] for step in range(steps)]
    return [[(one.request_id, len(one.new_token_ids)) for one in message.outputs] for message in messages]


def test_tokens_wait_for_sixteen_steps_and_an_end_waits_for_nothing() -> None:
    by_step = sent(HoldingScheduler(), 20, {"long": 19, "short": 4})
    told = {step: messages for step, messages in enumerate(by_step) if messages}
    assert told == {4: [("short", 5)], STEPS_TOGETHER - 1: [("long", STEPS_TOGETHER)], 19: [("long", 4)]}


def test_what_only_the_first_token_tells_arrives() -> None:
    scheduler = HoldingScheduler()
    first, second = message(0, {"q": 1}), message(1, {"q": 1})
    first.outputs[0].prefill_stats = told = object()  # only handed on
    scheduler.update_from_output(first)
    assert scheduler.update_from_output(second)[0].outputs[0].prefill_stats is told


def test_the_tokens_of_an_aborted_request_are_dropped() -> None:
    scheduler = HoldingScheduler()
    sent(scheduler, 3, {"gone": 99, "stays": 99})
    assert [one.request_id for one in scheduler.finish_requests(["gone"])] == ["gone"]
    again = sent(scheduler, STEPS_TOGETHER, {"gone": 99, "stays": 99})
    assert again[STEPS_TOGETHER - 4] == [("stays", STEPS_TOGETHER)]
    assert again[STEPS_TOGETHER - 1] == [("gone", STEPS_TOGETHER)]
