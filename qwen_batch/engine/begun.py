"""Tasks of an event loop that begin at once. Knows nothing of engines."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def begun(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task that has run up to its first wait, from Python 3.12 on; before that it begins at the loop's next turn.

    The loop gives each of a thousand new tasks one step before the first gets its second, so what takes five steps
    to the GPU would leave it idle until all have done four.
    """
    loop = asyncio.get_running_loop()
    if sys.version_info >= (3, 12):
        return asyncio.Task(work, loop=loop, eager_start=True)
    return loop.create_task(work)
