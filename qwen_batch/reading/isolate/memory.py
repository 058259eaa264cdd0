"""How much memory a child process had in use when it ended: by that, an end by a signal is judged.

A dead process says no more how large it was, except for its peak resident size. So its address space is sampled
while a call runs, and a peak between two samples is estimated as the peak resident size plus what was reserved but not
resident when the call began. A library that was refused one single huge block leaves no trace in either.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path

KIB = 1 << 10
SAMPLE_INTERVAL_S = 0.05
FULL_SHARE = 0.8
"""A process with more than this part of its address space in use is likely to be refused the next block."""
REFUSAL_SIGNALS = frozenset({signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGTRAP, signal.SIGILL})
"""How a C library ends that was refused memory: by an assertion, a trap, or a write to address 0."""


@dataclass(slots=True)
class ChildMemory:
    """Watches one process during one call; sizes are in bytes."""

    pid: int
    limit: int
    peak: int = 0
    _reserved: int = 0
    _resident_peak: int = 0

    def start(self, inherited_peak: int) -> None:
        """Notes how large the process is before a call.

        `inherited_peak` is what `ru_maxrss` said when the process began, the size of the one that started it:
        up to there it says nothing.
        """
        sizes = _sizes(self.pid)
        self.peak = sizes.get("VmSize", 0)
        self._reserved = self.peak - sizes.get("VmRSS", 0)
        self._resident_peak = max(sizes.get("VmHWM", 0), inherited_peak)

    def sample(self) -> None:
        """Notes how large the process is now."""
        self.peak = max(self.peak, _sizes(self.pid).get("VmSize", 0))

    def ran_out(self, exit_status: int, resident_peak: int) -> bool:
        """Whether the process, now dead, was ended by a refused allocation.

        `exit_status` is as subprocess gives it, `resident_peak` what the kernel kept (`ru_maxrss`); a peak that
        an earlier call had reached says nothing of this one.
        """
        if resident_peak > self._resident_peak:
            self.peak = max(self.peak, self._reserved + resident_peak)
        return -exit_status in REFUSAL_SIGNALS and self.peak > FULL_SHARE * self.limit


def _sizes(pid: int) -> dict[str, int]:
    """The lines of /proc/PID/status on virtual memory, in bytes; nothing once the process has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return {}
    words = (line.split() for line in lines if line.startswith("Vm"))
    return {name.rstrip(":"): int(size) * KIB for name, size, _ in words}
