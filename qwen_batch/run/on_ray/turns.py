"""Turns in an engine: many documents together, or one alone. One event loop; nothing of Ray or documents."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Lets many in together or one alone; while one waits to be alone nobody else enters."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._inside = 0
        self._alone = False
        self._waiting_to_be_alone = 0

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """With any others that are not alone."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._alone and not self._waiting_to_be_alone)
            self._inside += 1
        try:
            yield
        finally:
            async with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """With nobody else."""
        async with self._changed:
            self._waiting_to_be_alone += 1
            try:
                await self._changed.wait_for(lambda: not self._alone and not self._inside)
            finally:
                self._waiting_to_be_alone -= 1
                self._changed.notify_all()
            self._alone = True
        try:
            yield
        finally:
            async with self._changed:
                self._alone = False
                self._changed.notify_all()
