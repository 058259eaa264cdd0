"""For measuring: each step of vLLM's engine is a line in QB_STEPS, a folder: what was scheduled, and where time went.

Applied by tests/faults/sitecustomize.py in the engine's own process, on both sides (the option --steps).
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from functools import partial, partialmethod
from pathlib import Path
from typing import Any

MODULE = "vllm.v1.engine.core"


def apply(module: Any) -> None:
    """A line a step.

    When it began, in seconds; the seconds from there until the next batch was launched, from there until the last one's
    result was there, from there until the scheduler had seen it; the tokens of that last batch.
    """
    file = (Path(os.environ["QB_STEPS"]) / f"{os.getpid()}.txt").open("w")
    seen: dict[str, Any] = {}

    def watched(self: Any) -> None:
        scheduler, executor = self.scheduler, self.model_executor
        update, sample = scheduler.update_from_output, executor.sample_tokens

        def update_from_output(scheduled: Any, output: Any) -> Any:
            seen.update(result_s=time.monotonic(), tokens=scheduled.total_num_scheduled_tokens)
            return update(scheduled, output)

        def sample_tokens(*arguments: Any, **named: Any) -> Any:
            future = sample(*arguments, **named)
            seen["launched_s"] = time.monotonic()
            return future

        scheduler.update_from_output, executor.sample_tokens = update_from_output, sample_tokens

    def recorded(original: Callable[[Any], Any], core: Any) -> Any:
        if not seen:
            watched(core)
        began_s = time.monotonic()
        seen.update(launched_s=began_s, result_s=None, tokens=0)
        result = original(core)
        ended_s = time.monotonic()
        if seen["result_s"] is not None:
            moments = (began_s, seen["launched_s"], seen["result_s"], ended_s)
            spans = (f"{later - earlier:.6f}" for earlier, later in itertools.pairwise(moments))
            file.write(f"{began_s:.6f} {' '.join(spans)} {seen['tokens']}\n")
            file.flush()
        return result

    for name in ("step", "step_with_batch_queue"):  # the second where a step is computed while the next is scheduled
        setattr(module.EngineCore, name, partialmethod(partial(recorded, getattr(module.EngineCore, name))))
