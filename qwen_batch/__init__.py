"""qwen_batch: a folder of documents in; a validated, cited, exactly-once table out.

A job file needs only what this module exports, and pydantic; a notebook reads a table by `latest_rows`. The names are
loaded when they are first used (PEP 562), because pydantic takes longer to import than `qwen-batch --help` may take to
answer.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qwen_batch.job.definition import DRAFTING, EXTRACTION, MUST_BE_GROUNDED, Job, Quote, Quoted, Reduce, Sampling
    from qwen_batch.job.facts.kinds import Amount, Currency, Day, Party
    from qwen_batch.output.latest import latest_rows

__version__ = "0.1.0"

_ELSEWHERE = {
    **dict.fromkeys(("Amount", "Currency", "Day", "Party"), "qwen_batch.job.facts.kinds"),
    "latest_rows": "qwen_batch.output.latest",
}

__all__ = [
    "DRAFTING",
    "EXTRACTION",
    "MUST_BE_GROUNDED",
    "Amount",
    "Currency",
    "Day",
    "Job",
    "Party",
    "Quote",
    "Quoted",
    "Reduce",
    "Sampling",
    "__version__",
    "latest_rows",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module(_ELSEWHERE.get(name, "qwen_batch.job.definition")), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
