"""The run's Attempts in an actor on the driver's node, and how workers, which have only a handle to it, ask it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from qwen_batch.errors import QwenBatchError
from qwen_batch.outcomes import Stage
from qwen_batch.run.attempts import Attempts, Verdict
from qwen_batch.run.stopping import Stop


class Watch:
    """Asks the actor and waits for its answer; what is only told is not waited for.

    Calls of one worker arrive in their order, so an end is known before the next begin. Should the actor itself
    die it comes back empty: documents in work are then given their two deaths anew.
    """

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    def begin_reading(self, doc_id: str) -> Verdict:
        """See `Attempts.begin_reading`."""
        verdict: Verdict = self._wait(self._actor.begin_reading.remote(doc_id))
        return verdict

    def begin(self, stage: Stage, doc_id: str) -> Verdict:
        """See `Attempts.begin`."""
        verdict: Verdict = self._wait(self._actor.begin.remote(stage, doc_id))
        return verdict

    def end(self, stage: Stage, doc_id: str) -> None:
        """See `Attempts.end`."""
        self._actor.end.remote(stage, doc_id)

    async def ask(self, engine: str, doc_ids: Sequence[str]) -> dict[str, Verdict]:
        """See `Attempts.ask`."""
        verdicts: dict[str, Verdict] = await self._actor.ask.remote(engine, doc_ids)
        return verdicts

    async def is_alone(self, doc_id: str) -> None:
        """See `Attempts.is_alone`."""
        await self._actor.is_alone.remote(doc_id)

    def answered(self, doc_id: str) -> None:
        """See `Attempts.answered`."""
        self._actor.answered.remote(doc_id)

    def engine_starts(self, engine: str) -> None:
        """Raises the EngineError that ends the run if the engine died again and again."""
        error = self._wait(self._actor.engine_starts.remote(engine))
        if error is not None:
            raise error

    async def engine_fails(self, engine: str, words: str) -> None:
        """See `Attempts.engine_fails`."""
        await self._actor.engine_fails.remote(engine, words)

    def run_fails(self, error: QwenBatchError) -> None:
        """See `Attempts.run_fails`."""
        self._wait(self._actor.run_fails.remote(error))

    def taken(self) -> int:
        """See `Attempts.taken`."""
        return int(self._wait(self._actor.taken.remote()))

    def last_error(self) -> QwenBatchError | None:
        """See `Attempts.last_error`; None also if the actor cannot be asked."""
        import ray

        error: QwenBatchError | None = None
        with suppress(ray.exceptions.RayError):
            error = self._wait(self._actor.last_error.remote())
        return error

    def take_until(self, moment_s: float) -> None:
        """See `Attempts.take_until`; of no use, and no harm, when Ray has been shut down."""
        import ray

        with suppress(ray.exceptions.RayError):
            if ray.is_initialized():
                self._actor.take_until.remote(moment_s)

    def _wait(self, reference: Any) -> Any:
        import ray

        return ray.get(reference)


def start_watch(stop: Stop) -> Watch:
    """A new run's Attempts, told of every change of `stop`. It takes no CPU from the stages."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    options: dict[str, Any] = {"num_cpus": 0, "max_restarts": -1, "max_task_retries": -1, "scheduling_strategy": here}
    watch = Watch(ray.remote(Attempts).options(**options).remote(stop.taking_until_s))
    stop.on_change(watch.take_until)
    return watch
