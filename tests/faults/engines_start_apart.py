"""Of several engines the first is up at once, the others much later, and only then does it give its first answer.

Those of the model MODEL. QWEN_BATCH_ENGINES names an empty folder, in which each engine leaves a file when it is up.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

MODULE = "qwen_batch.engine.kinds.null"
MODEL = "apart"
LATER_S = 10
LOOK_EVERY_S = 0.1


def apply(module) -> None:
    folder = Path(os.environ["QWEN_BATCH_ENGINES"])
    original_start, original_generate = module.ENGINE.start, module.NullEngine.generate
    replicas = 1

    def start(plan):
        nonlocal replicas
        if plan.model == MODEL:
            replicas = plan.replicas
            try:
                (folder / "first").touch(exist_ok=False)
            except FileExistsError:
                time.sleep(LATER_S)
                (folder / str(os.getpid())).touch()
        return original_start(plan)

    def wait_for_all() -> None:
        while replicas > 1 and len(list(folder.iterdir())) < replicas:
            time.sleep(LOOK_EVERY_S)

    async def generate(self, shard):
        await asyncio.to_thread(wait_for_all)
        return await original_generate(self, shard)

    object.__setattr__(module.ENGINE, "start", start)
    module.NullEngine.generate = generate
