"""The whole play in each format, on a local folder and on S3: a line of the table each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from pyarrow.fs import S3FileSystem

from benchmarks.faults.analyst.plot import FOURTEEN
from benchmarks.faults.analyst.stage import Stage, play
from benchmarks.faults.s3 import server
from benchmarks.faults.tables import Result, say
from benchmarks.workplace import workplace

FORMATS = ("parquet", "jsonl")
BUCKET = "analyst"


def measure(nights: int) -> Iterator[Result]:
    """A line for each format and place, of the first so many nights."""
    for form in FORMATS:
        with workplace("analyst") as place:
            yield _played(str(place.root / "in"), str(place.root / "out"), form, place.root, nights)
    with server() as endpoint:
        filesystem = S3FileSystem(scheme="http", endpoint_override=endpoint, allow_bucket_creation=True)
        for form in FORMATS:
            bucket = f"{BUCKET}-{form}"
            filesystem.create_dir(bucket)
            with workplace("analyst") as place:
                yield _played(f"s3://{bucket}/in", f"s3://{bucket}/out", form, place.root, nights)


def _played(folder: str, output: str, form: str, scratch: Path, nights: int) -> Result:
    result = Result(f"analyst, {form}, {'S3' if folder.startswith('s3:') else 'local'}")
    stage = Stage(folder, output, form, scratch, result)
    began = time.monotonic()
    for night in FOURTEEN[:nights]:
        play(stage, night)
        result.tries += 1
        say(result.fault, f"{night.__name__} after {time.monotonic() - began:.0f} s")
    book = stage.book
    result.remarks.append(
        f"{stage.checks} checks of {stage.reads} views read, {len(book.rows)} rows, {len(book.failures)} failures, "
        f"{book.night} publications"
    )
    say(result.fault, result.remarks[-1])
    return result
