"""Parameters of a job: declared as a pydantic model, given as `--param name=value`, checked, and part of the job.

A job with other values is another question: they are in its fingerprint and its prompt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from qwen_batch.errors import JobError, UsageError
from qwen_batch.job.definition import Given, Job
from qwen_batch.schema_walk import definitions_of, may_be_null, resolved

LANGUAGE = "language"
"""The parameter of this name is the language that the job's values are written in."""
KINDS = {"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false"}


def parsed_params(written: Iterable[str]) -> dict[str, str]:
    """`name=value` pairs as given on the command line. Raises UsageError for what is none, or given twice."""
    found: dict[str, str] = {}
    for one in written:
        name, equals, value = one.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--param {one}: expected name=value", "for example --param region=North")
        if name.strip() in found:
            raise UsageError(f"--param {name.strip()} is given twice", "give each parameter once")
        found[name.strip()] = value.strip()
    return found


def bound(job: Job, params: Mapping[str, str]) -> Job:
    """The job with these values; without any those of its defaults, or none where a parameter has to be given.

    Raises JobError that names the job, the parameter and what is allowed.
    """
    if job.params is None:
        if params:
            raise JobError(
                f"job {job.name} has no parameter {min(params)!r}",
                "it declares none; a job file does with Job(params=...)",
            )
        return job
    known = job.params.model_fields
    for name in params:
        if name not in known:
            raise JobError(f"job {job.name} has no parameter {name!r}", f"it has {allowed(job.params)}")
    if not params and missing_params(job):
        return job
    given = _checked(job, job.params, params)
    written_in = dict(given).get(LANGUAGE, job.language)
    return replace(job, given=given, language=str(written_in or ""))


def missing_params(job: Job) -> tuple[str, ...]:
    """The parameters that have to be given and are not."""
    if job.params is None:
        return ()
    given = {name for name, _ in job.given}
    return tuple(name for name, field in job.params.model_fields.items() if field.is_required() and name not in given)


def allowed(params: type[BaseModel]) -> str:
    """What each parameter may be, as an error says it."""
    schema = params.model_json_schema()
    fields = schema.get("properties", {})
    return "; ".join(_described(name, field, definitions_of(schema)) for name, field in fields.items()) or "none"


def _checked(job: Job, model: type[BaseModel], params: Mapping[str, str]) -> tuple[tuple[str, Given], ...]:
    try:
        values = model.model_validate(dict(params)).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        said = f"--param {name}={params[name]}" if name in params else f"--param {name} is not given"
        raise JobError(f"job {job.name}: {said}: {first['msg']}", f"it takes {allowed(model)}") from None
    return tuple(values.items())


def _described(name: str, field: dict[str, Any], definitions: dict[str, Any]) -> str:
    body = resolved(field, definitions)
    options = body.get("enum") or ([body["const"]] if "const" in body else [])
    if options:
        kind = "one of " + ", ".join(map(str, options))
    elif body.get("format") == "date":
        kind = "a day such as 2026-09-30"
    else:
        kind = KINDS.get(body.get("type", ""), "text")
    words = f" ({field['description']})" if field.get("description") else ""
    return f"{name}: {kind}{words}{', may be left out' if may_be_null(field) or 'default' in field else ''}"
