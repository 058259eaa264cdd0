"""The binding to Ray, and the only importer of it: a session, the stages as datasets, OCR spread over workers."""

from __future__ import annotations

from qwen_batch.run.on_ray.datasets import extract_documents, run_documents
from qwen_batch.run.on_ray.session import ray_session

__all__ = ["extract_documents", "ray_session", "run_documents"]
