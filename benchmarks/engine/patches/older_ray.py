"""Lets Ray Data before 2.60, take what 2.60 calls `max_concurrent_calls_per_actor`."""

from __future__ import annotations

import inspect
from typing import Any

MODULE = "ray.data"
NEW_NAME = "max_concurrent_calls_per_actor"


def apply(module: Any) -> None:
    """Moves the number from the strategy to the options of the actor, if the strategy does not know it."""
    if NEW_NAME in inspect.signature(module.ActorPoolStrategy).parameters:
        return
    original_map_batches = module.Dataset.map_batches

    class Strategy(module.ActorPoolStrategy):  # type: ignore[misc,name-defined]
        def __init__(self, **options: Any) -> None:
            self.calls = options.pop(NEW_NAME, None)
            super().__init__(**options)

    def map_batches(self: Any, *args: Any, compute: Any = None, **options: Any) -> Any:
        if getattr(compute, "calls", None):
            options["max_concurrency"] = compute.calls
        return original_map_batches(self, *args, compute=compute, **options)

    module.ActorPoolStrategy = Strategy
    module.Dataset.map_batches = map_batches
