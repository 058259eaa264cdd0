"""qwen_batch: a folder of documents in; a validated, cited, exactly-once table out.

A job file needs only what this module exports, and pydantic; a notebook runs jobs and reads an output by the functions
at the end. The names are loaded when they are first used (PEP 562), because pydantic takes longer to import than
`qwen-batch --help` may take to answer. None is the name of a package, which would hide it once that is loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qwen_batch.cli.notebook import run_jobs
    from qwen_batch.job.alternatives import Alternatives
    from qwen_batch.job.computed.grouped import GroupedBy, PerGroup
    from qwen_batch.job.computed.marks import Checks, Computed
    from qwen_batch.job.definition import (
        DRAFTING,
        EXTRACTION,
        MUST_BE_GROUNDED,
        Job,
        LogLine,
        Quote,
        Quoted,
        Reduce,
        Sampling,
    )
    from qwen_batch.job.drafting.limits import (
        REWORDED,
        SAME_SHAPE,
        STATED_NUMBERS,
        TYPED_PYTHON,
        Glossary,
        Keeps,
        Limits,
    )
    from qwen_batch.job.drafting.passages import Passages
    from qwen_batch.job.facts.kinds import Amount, Currency, Day, Party
    from qwen_batch.job.logs.marks import LogEvents
    from qwen_batch.job.looking import WHOLE_DOCUMENT, LooksFor, Mentions
    from qwen_batch.job.members import Compared, FromMembers, GroupBy, Said
    from qwen_batch.job.rows.marks import Rows
    from qwen_batch.job.workbook.asked import Aggregate
    from qwen_batch.output.export.document import read_document
    from qwen_batch.output.views.reading import latest_rows, read_evidence, read_failures, read_rows, read_skipped
    from qwen_batch.packages import __version__

_ELSEWHERE = {
    **dict.fromkeys(("Amount", "Currency", "Day", "Party"), "qwen_batch.job.facts.kinds"),
    "Alternatives": "qwen_batch.job.alternatives",
    **dict.fromkeys(("Checks", "Computed"), "qwen_batch.job.computed.marks"),
    **dict.fromkeys(("GroupedBy", "PerGroup"), "qwen_batch.job.computed.grouped"),
    "Aggregate": "qwen_batch.job.workbook.asked",
    **dict.fromkeys(
        ("REWORDED", "SAME_SHAPE", "STATED_NUMBERS", "TYPED_PYTHON", "Glossary", "Keeps", "Limits"),
        "qwen_batch.job.drafting.limits",
    ),
    **dict.fromkeys(("LooksFor", "Mentions", "WHOLE_DOCUMENT"), "qwen_batch.job.looking"),
    **dict.fromkeys(
        ("latest_rows", "read_evidence", "read_failures", "read_rows", "read_skipped"),
        "qwen_batch.output.views.reading",
    ),
    "LogEvents": "qwen_batch.job.logs.marks",
    "Rows": "qwen_batch.job.rows.marks",
    "read_document": "qwen_batch.output.export.document",
    "run_jobs": "qwen_batch.cli.notebook",
    "__version__": "qwen_batch.packages",
}

__all__ = [
    "DRAFTING",
    "EXTRACTION",
    "MUST_BE_GROUNDED",
    "REWORDED",
    "SAME_SHAPE",
    "STATED_NUMBERS",
    "TYPED_PYTHON",
    "WHOLE_DOCUMENT",
    "Aggregate",
    "Alternatives",
    "Amount",
    "Checks",
    "Compared",
    "Computed",
    "Currency",
    "Day",
    "FromMembers",
    "Glossary",
    "GroupBy",
    "GroupedBy",
    "Job",
    "Keeps",
    "Limits",
    "LogEvents",
    "LogLine",
    "LooksFor",
    "Mentions",
    "Party",
    "Passages",
    "PerGroup",
    "Quote",
    "Quoted",
    "Reduce",
    "Rows",
    "Said",
    "Sampling",
    "__version__",
    "latest_rows",
    "read_document",
    "read_evidence",
    "read_failures",
    "read_rows",
    "read_skipped",
    "run_jobs",
]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module(_ELSEWHERE.get(name, "qwen_batch.job.definition")), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
