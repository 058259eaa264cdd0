"""The engines' stage as Ray Data calls it: one engine in its own actor, or several behind it in actors of theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from qwen_batch.engine.engine import ENGINES
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.on_ray.balance import Balance
from qwen_batch.run.on_ray.engine_host import EngineHost
from qwen_batch.run.on_ray.rows import ROW, unpacked
from qwen_batch.run.on_ray.watch import Watch


class EngineStage:
    """Batches of documents through an engine that is in this process."""

    def __init__(self, spec: RunSpec, watch: Watch) -> None:
        self._engine = EngineHost(spec, watch)

    async def __call__(self, batch: dict[str, Any]) -> AsyncIterator[dict[str, list[bytes]]]:
        """One batch, for Ray hands nothing on before a call has ended."""
        yield await self._engine.answer(batch)


class SeveralEnginesStage:
    """Batches of documents through one of several engines. They end with this process."""

    def __init__(self, spec: RunSpec, watch: Watch) -> None:
        plan = spec.plan
        self._engines = Balance(
            [EngineElsewhere(spec, watch) for _ in range(plan.replicas)],
            enough=plan.max_num_seqs,
            most=plan.in_flight * plan.batch_size,
        )

    async def __call__(self, batch: dict[str, Any]) -> AsyncIterator[dict[str, list[bytes]]]:
        """One batch; what has no prompts goes on at once."""
        prompts = sum(max(len(work.prompts), work.is_asked) for work in unpacked(batch) if isinstance(work, Work))
        rows = {ROW: list(batch[ROW])}
        yield await self._engines.answer(rows, prompts) if prompts else rows


class EngineElsewhere:
    """An engine in a Ray actor of its own, which has its GPUs. A lost one is started and asked again by Ray."""

    def __init__(self, spec: RunSpec, watch: Watch) -> None:
        import ray

        self._actor: Any = ray.remote(EngineHost).options(**host_options(spec)).remote(spec, watch)

    async def up(self) -> None:
        """See `EngineHost.up`."""
        await _own_error(self._actor.up.remote())

    async def answer(self, batch: Mapping[str, Any]) -> dict[str, list[bytes]]:
        """See `EngineHost.answer`."""
        answered: dict[str, list[bytes]] = await _own_error(self._actor.answer.remote(batch))
        return answered


def host_options(spec: RunSpec) -> dict[str, Any]:
    """Options of the actor of one of several engines. It takes no CPU from the stages, which Ray Data counts."""
    plan = spec.plan
    kind = ENGINES.load(plan.kind)
    return {
        "num_cpus": 0,
        "num_gpus": plan.tensor_parallel if plan.gpus else 0,
        "max_concurrency": plan.in_flight * plan.batch_size + 1,  # and the question whether it is up
        "max_restarts": -1,
        "max_task_retries": -1,
        "runtime_env": {"env_vars": kind.env(plan)},
    }


async def _own_error(reference: Any) -> Any:
    """The result; the error that was raised there without Ray's wrapping, which the stage's own call gets once more."""
    import ray

    try:
        return await reference
    except ray.exceptions.RayTaskError as error:
        if error.cause is None:
            raise
        raise error.cause from None
