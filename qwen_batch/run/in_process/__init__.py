"""The binding to worker processes of the command itself, for what starts sooner without Ray: the same stages on them."""

from __future__ import annotations

from qwen_batch.run.in_process.documents import extract_documents, run_documents

__all__ = ["extract_documents", "run_documents"]
