"""A job without the lists that code takes from tables: the model is asked for the rest of its fields."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from pydantic import Field, create_model

from qwen_batch.job.definition import Job
from qwen_batch.job.rules import DERIVED_KEY, ROWS_KEY


@lru_cache(maxsize=64)
def job_without(job: Job, fields: tuple[str, ...]) -> Job:
    """The same job whose model fills these lists in no more; they are empty in its answers."""
    if not fields:
        return job
    lists: dict[str, Any] = {name: (job.schema.model_fields[name].annotation, _empty(job, name)) for name in fields}
    schema = create_model(job.schema.__name__, __base__=job.schema, __doc__=job.schema.__doc__, **lists)
    return replace(job, schema=schema)


def _empty(job: Job, name: str) -> Any:
    alias = job.schema.model_fields[name].alias
    return Field(default=[], alias=alias, max_length=1, json_schema_extra={DERIVED_KEY: True, ROWS_KEY: 1})
