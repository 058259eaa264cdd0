"""vllm.coalescing: what vLLM's client makes of a request is the same when it hears of it once, at its end."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.vllm


@pytest.fixture(scope="module")
def steps() -> ModuleType:
    """Schedulers and steps; not imported where these tests are not wanted, for vLLM takes seconds."""
    pytest.importorskip("vllm")
    from helpers import held_steps

    return held_steps


@pytest.mark.parametrize("logprobs", [True, False])
@pytest.mark.parametrize("several", [True, False])
def test_answers_of_any_length_are_the_same_as_without_waiting(
    steps: ModuleType, logprobs: bool, several: bool
) -> None:
    lengths = (
        1,
        2,
        31,
        32,
        33,
        64,
        100,
        steps.KEPT_STEPS - 1,
        steps.KEPT_STEPS,
        steps.KEPT_STEPS + 1,
        2 * steps.KEPT_STEPS + 9,
    )
    last_steps = {f"q{length}": length - 1 for length in lengths}
    expected = steps.answers(steps.FakeScheduler(last_steps), last_steps, logprobs=logprobs, several=several)
    if not several:
        assert [len(expected[f"q{length}"][0]) for length in lengths] == list(lengths)
    assert all(len(one[1]) == (len(one[0]) if logprobs else 0) for one in expected.values())
    assert steps.answers(steps.HoldingScheduler(last_steps), last_steps, logprobs=logprobs, several=several) == expected


def told(
    steps: ModuleType, scheduler: Any, count: int, last_steps: dict[str, int]
) -> list[Sequence[tuple[str, int]] | None]:
    """By step the requests that the client is told of, with the number of their tokens; None without a message."""
    messages = [scheduler.update_from_output(None, steps.step_of(step, last_steps)).get(0) for step in range(count)]
    return [message and [(one.request_id, len(one.new_token_ids)) for one in message.outputs] for message in messages]


def test_a_client_hears_of_a_request_once_and_of_nothing_else(steps: ModuleType) -> None:
    last_steps = {"long": 39, "short": 0, "other": 7, "with": 39}
    by_step = told(steps, steps.HoldingScheduler(last_steps), 41, last_steps)
    assert {step: messages for step, messages in enumerate(by_step) if messages is not None} == {
        0: [("short", 1)],
        7: [("other", 8)],
        39: [("long", 40), ("with", 40)],
    }


def test_what_is_not_about_tokens_goes_on_at_once(steps: ModuleType) -> None:
    messages = steps.HoldingWithStats(["q"]).update_from_output(None, steps.step_of(0, {"q": 9}))
    assert {client: len(message.outputs) for client, message in messages.items()} == {0: 0, 1: 0}


def test_what_only_the_first_token_tells_arrives(steps: ModuleType) -> None:
    last_steps, stats = {"other": 1, "q": 1}, object()
    scheduler = steps.HoldingScheduler(last_steps)
    scheduler.update_from_output(stats, steps.step_of(0, last_steps))
    ended = {one.request_id: one for one in scheduler.update_from_output(None, steps.step_of(1, last_steps))[0].outputs}
    assert ended["q"].prefill_stats is stats


def test_an_aborted_request_is_forgotten(steps: ModuleType) -> None:
    scheduler = steps.HoldingScheduler(["stays", "gone"])
    assert told(steps, scheduler, 3, {"stays": 99, "gone": 99}) == [None, None, None]
    assert [one.request_id for one in scheduler.finish_requests(["gone"])] == ["gone"]
    scheduler.requests["gone"] = steps.FakeRequest("gone")  # another one of the same name
    ended = scheduler.update_from_output(None, steps.step_of(0, {"gone": 0}))[0].outputs
    assert [(one.request_id, one.new_token_ids, len(one.kv_transfer_params[steps.LOGPROBS])) for one in ended] == [
        ("gone", steps.step_of(0, {"gone": 0}).token_ids["gone"], 1)
    ]


def test_a_step_without_a_token_of_a_request_leaves_no_gap(steps: ModuleType) -> None:
    """As when it is preempted and computed anew: its row is there, but not its token."""
    with_pause, expected = steps.HoldingScheduler(["q", "other"]), []
    for number in range(5):
        step = steps.step_of(number, {"other": 9, "q": 9})
        if number in {1, 2}:
            del step.token_ids["q"]
        else:
            expected.append(float(step.logprobs.logprobs[1, 0]))
        step.ends = {"q"} if number == 4 else set()
        messages = with_pause.update_from_output(None, step)
    (ended,) = messages[0].outputs
    assert ended.kv_transfer_params == {steps.LOGPROBS: expected}
    assert len(ended.new_token_ids) == len(expected) == 3
