"""The Machinery of a run, chosen when its documents are known: that of Ray, or ours. Loads the chosen one alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from qwen_batch.engine.engine import ENGINES
from qwen_batch.reading.extract import ExtractSpec
from qwen_batch.run.document.spec import RunSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.in_process.choice import Chosen, choose_execution
from qwen_batch.run.request import Machinery


@dataclass(frozen=True, slots=True)
class ChosenLater:
    """Machineries of which one is chosen for the works of a run; `say` hears which, and why."""

    say: Callable[[Chosen], None]

    def for_works(
        self, works: Sequence[Work], spec: RunSpec | ExtractSpec
    ) -> Machinery[RunSpec] | Machinery[ExtractSpec]:
        """See `Machineries`."""
        has_model = isinstance(spec, RunSpec) and ENGINES.load(spec.plan.kind).has_model
        chosen = choose_execution(spec.config, (work.document for work in works), has_model=has_model)
        self.say(chosen)
        if chosen.execution == "in_process":
            from qwen_batch.run.in_process.documents import extract_documents, run_documents

            if isinstance(spec, ExtractSpec):
                return Machinery(lambda _config: nullcontext(), extract_documents, chosen.execution)
            return Machinery(lambda _config: nullcontext(), run_documents, chosen.execution)
        from qwen_batch.run import on_ray

        if isinstance(spec, ExtractSpec):
            return Machinery(on_ray.ray_session, on_ray.extract_documents, chosen.execution)
        return Machinery(on_ray.ray_session, on_ray.run_documents, chosen.execution)
