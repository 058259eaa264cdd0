"""Works that nobody has begun, and which of them go together. Knows nothing of workers and threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from qwen_batch.run.document.work import Work


class Waiting:
    """First the suspects, one by one, then what was handed back, then the rest, which stays on disk until its turn."""

    def __init__(self, works: Sequence[Work]) -> None:
        self._works = works
        self._at = 0
        self._back: deque[Work] = deque()
        self._suspects: deque[Work] = deque()

    def __len__(self) -> int:
        return len(self._suspects) + len(self._back) + len(self._works) - self._at

    def take(self, most: int) -> list[Work]:
        """The next small ones, at most so many; or else the next one, of which there must be one."""
        if self._suspects:
            return [self._suspects.popleft()]
        works = [self._take()]
        while len(works) < most and len(self) and works[-1].is_small and self._first().is_small:
            works.append(self._take())
        return works

    def suspect(self, works: Sequence[Work]) -> None:
        """One of these ended the process that had them all."""
        self._suspects.extend(works)

    def put_back(self, works: Sequence[Work]) -> None:
        """These were taken and not begun: they come first."""
        self._back.extendleft(reversed(works))

    def clear(self) -> None:
        """None is waiting any more."""
        self._suspects.clear()
        self._back.clear()
        self._at = len(self._works)

    def _first(self) -> Work:
        return self._back[0] if self._back else self._works[self._at]

    def _take(self) -> Work:
        if self._back:
            return self._back.popleft()
        self._at += 1
        return self._works[self._at - 1]
