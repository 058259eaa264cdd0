"""The binding to worker processes of the command itself: the same stages, for what starts sooner without Ray."""

from __future__ import annotations

from qwen_batch.run.in_process.documents import extract_documents, run_documents

__all__ = ["extract_documents", "run_documents"]
