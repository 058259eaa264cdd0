"""qwen_batch: a folder of documents in; a validated, cited, exactly-once table out.

A job file needs only what this module exports, and pydantic.
"""

from qwen_batch.job import DRAFTING, EXTRACTION, Job, Quoted, Sampling

__version__ = "0.1.0"

__all__ = ["DRAFTING", "EXTRACTION", "Job", "Quoted", "Sampling", "__version__"]
