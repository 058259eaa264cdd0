"""What executes a run, chosen when its documents are known: Ray, or worker processes of our own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qwen_batch.run.document.work import Work
    from qwen_batch.run.in_process.choice import Chosen
    from qwen_batch.run.request import Machinery


@dataclass(frozen=True, slots=True)
class ChosenLater:
    """Machinery that is chosen for the works of a run; `say` hears what was chosen."""

    say: Callable[[Chosen], None]

    def for_works(self, works: Sequence[Work], spec: Any) -> Machinery[Any]:
        """See `Machineries`."""
        from qwen_batch.engine.engine import ENGINES
        from qwen_batch.reading.extract import ExtractSpec
        from qwen_batch.run.in_process.choice import choose_execution
        from qwen_batch.run.request import Machinery

        is_extract = isinstance(spec, ExtractSpec)
        has_model = not is_extract and ENGINES.load(spec.plan.kind).has_model
        chosen = choose_execution(spec.config, [work.document for work in works], has_model=has_model)
        self.say(chosen)
        if chosen.execution == "in_process":
            from qwen_batch.run import in_process

            execute: Any = in_process.extract_documents if is_extract else in_process.run_documents
            return Machinery(lambda _config: nullcontext(), execute)
        from qwen_batch.run import on_ray

        execute = on_ray.extract_documents if is_extract else on_ray.run_documents
        return Machinery(on_ray.ray_session, execute)
