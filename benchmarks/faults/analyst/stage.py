"""Where a play takes place: a folder of leases, jobs, an output, the book, and what is checked after each night."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from benchmarks.faults.analyst import night
from benchmarks.faults.analyst.book import Book, Content
from benchmarks.faults.analyst.leases import JOBS, LEASE, Lease, job_source
from benchmarks.faults.analyst.readers import expected, readers
from benchmarks.faults.tables import Result
from qwen_batch import read_rows
from qwen_batch.output.layout import FAILURES, run_manifests
from qwen_batch.storage.lock import hold
from qwen_batch.storage.places import is_s3, open_store

FILES = {"empty_file": b"", "damaged": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog"}
"""Contents that fail, by their code."""
ODD = {"two\nlines.txt": "two%0Alines.txt", os.fsdecode(b"caf\xe9.txt"): "caf%E9.txt"}
"""Local names that are no text of one line, and how they must be called."""


@dataclass(slots=True)
class Stage:
    """`folder` holds the documents, `scratch` is local; both may be the same place's children."""

    folder: str
    output: str
    form: str
    scratch: Path
    result: Result
    book: Book = field(default_factory=Book)
    name: str = ""
    seen_until: datetime | None = None
    checks: int = 0
    reads: int = 0

    @property
    def is_local(self) -> bool:
        """Whether there are links, and names of any bytes."""
        return not is_s3(self.folder)

    def must(self, holds: object, what: str) -> None:
        """Notes what must not be, with the night."""
        self.checks += 1
        self.result.must(holds, f"{self.name}: {what}")

    def put(self, name: str, content: Content) -> None:
        """Writes a document, or changes it."""
        data = content.text().encode() if isinstance(content, Lease) else FILES[content]
        if self.is_local:
            path = Path(self.folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            moment = time.time_ns() - 10**10  # else the file is hashed at each look: its clock is not believed yet
            os.utime(path, ns=(moment, moment))
        else:
            open_store(self.folder).put(name, partial(_write, data))
        self.book.folder[name] = content

    def delete(self, name: str) -> None:
        """Removes a document."""
        if self.is_local:
            Path(self.folder, name).unlink()
        else:
            open_store(self.folder).delete(name)
        del self.book.folder[name]

    def rename(self, before: str, after: str) -> None:
        """Gives a document another name."""
        self.copy(before, after)
        self.delete(before)

    def copy(self, name: str, other: str) -> None:
        """Writes the same content under another name."""
        self.put(other, self.book.folder[name])

    def link(self, name: str, target: str) -> None:
        """Another path to a document; S3 has none."""
        if self.is_local:
            Path(self.folder, name).symlink_to(target)
            self.book.links[name] = target

    def unlink(self, name: str) -> None:
        """Takes another path away."""
        if self.is_local:
            Path(self.folder, name).unlink()
            del self.book.links[name]

    def job(self, version: int) -> None:
        """The job of tonight."""
        jobs = self.scratch / "jobs"
        jobs.mkdir(exist_ok=True)
        for name in JOBS:
            (jobs / f"{name}.py").write_text(job_source(name, version if name == LEASE else 1))
        self.book.versions[LEASE] = version

    def arguments(self, *options: str, form: str | None = None) -> list[str]:
        """The command of every night."""
        settings = ("engine.kind=null", f"jobs_dir={self.scratch / 'jobs'}", "sink.flush_seconds=0.000001")
        settings += (f"cache.directory={self.scratch / 'cache'}",)
        return [
            *("run", *JOBS, self.folder, "--output", self.output, "--format", form or self.form, "--no-progress"),
            *(word for one in settings for word in ("--set", one)),
            *options,
        ]

    def run(self, code: int, *, trouble: bool = False) -> None:
        """A night that comes to its end."""
        runs = self._run_ids()
        done = night.command(self.arguments(), trouble=trouble)
        self._ended(done, code)
        new = self.book.run(trouble=trouble)
        self.check("complete" if self._run_ids() - runs else "nothing_new", new)

    def retry(self, code: int, *, trouble: bool = False) -> None:
        """The failures once more."""
        done = night.command(["retry", self.output, "--no-progress"], trouble=trouble)
        self._ended(done, code)
        self.check("complete", self.book.retry(trouble=trouble))

    def refused(self, code: int, *options: str, form: str | None = None) -> None:
        """A night with wrong settings: nothing is looked at."""
        self._ended(night.command(self.arguments(*options, form=form)), code)
        self.check("refused", [])

    def held(self, code: int) -> None:
        """A night while another one holds the output."""
        with hold(open_store(self.output), "another"):
            self._ended(night.command(self.arguments()), code)
        self.check("refused", [])

    def without_ray(self, code: int) -> None:
        """A night whose Ray does not start: the folder was looked at, and that is all."""
        self._ended(night.command(self.arguments(), ray_starts=False), code)
        self.book.look()
        self.check("failed", [])

    def killed(self, place: str) -> None:
        """A night that gets a kill -9 there."""
        done = night.killed(self.arguments(), place, self.scratch)
        self._ended(done, night.KILLED)
        if place == night.AFTER_DECIDED:
            self.book.decide()
        self.book.look()
        self.check("died", [])

    def extract_into_the_input(self) -> None:
        """An output of clean text in the middle of the documents, which is no document."""
        place = f"{self.folder}/text of all"
        self._ended(night.command(["extract", self.folder, "--output", place, "--no-progress"]), 3)

    def _ended(self, done: night.Done, code: int) -> None:
        self.must(done.code == code, f"exit {done.code}, not {code}: {' '.join(done.err.split())[-400:]}")

    def _run_ids(self) -> set[str]:
        return {run.run_id for run in run_manifests(open_store(self.output))}

    def uris(self) -> dict[str, str]:
        """Each document that ever was, and each link, as it must be called."""
        names = {*self.book.known, *self.book.folder, *self.book.links}
        return {name: f"file://{self.folder}/{ODD[name]}" if name in ODD else f"{self.folder}/{name}" for name in names}

    def names(self) -> dict[str, str]:
        """Each document that ever was, as people call it."""
        return {name: ODD.get(name, name.rpartition("/")[2]) for name in self.book.known}

    def check(self, state: str, new: Sequence[Any]) -> None:
        """All readers, the watermark and `status` against the book."""
        wanted = expected(self.book, self.uris(), self.names())
        for who, read in readers(self.output, self.form).items():
            try:
                seen = read(self.book)
            except Exception as error:  # noqa: BLE001  a reader that stops is what is looked for
                self.must(holds=False, what=f"{who} stopped: {type(error).__name__}: {error}")
                continue
            for view, rows in seen.rows.items():
                self.reads += 1
                missing, more = wanted.rows[view] - rows, rows - wanted.rows[view]
                self.result.lost += missing.total()
                self.result.twice += more.total()
                self.must(
                    not missing and not more, f"{who}, {view}: missing {list(missing)[:2]}, more {list(more)[:2]}"
                )
            for view, figures in seen.figures.items():
                self.must(figures == wanted.figures[view], f"{who}, {view}: {figures}, not {wanted.figures[view]}")
        self._check_watermark(new)
        self._check_status(state)

    def _check_watermark(self, new: Sequence[Any]) -> None:
        """What is newer than the newest row of the night before is what this night published."""
        since, found, wanted = self.seen_until, [], []
        for job in JOBS:
            rows = read_rows(self.output, job, "all").select(["source_uri", "published_at"]).to_pylist()
            found += [(job, row["source_uri"]) for row in rows if since is None or row["published_at"] > since]
            self.seen_until = max([*(row["published_at"] for row in rows), *filter(None, [self.seen_until])])
        uris = self.uris()
        wanted = [(one.asked.job, uris[one.asked.source]) for one in new if one.code is None]
        self.must(sorted(found) == sorted(wanted), f"the watermark gives {sorted(found)}, not {sorted(wanted)}")

    def _check_status(self, state: str) -> None:
        done = night.command(["status", self.output, "--json"])
        self._ended(done, 0)
        told = json.loads(done.out)
        newest = told["nights"][0]
        self.must(newest["state"] == state, f"status says {newest['state']}, not {state}: {newest['error']}")
        uris = self.uris()
        standing = sorted((uris[one.asked.source], one.asked.job, one.code) for one in self.book.standing())
        found = sorted((one["source_uri"], one["job"], one["code"]) for one in told["unresolved"])
        if state == "died":  # it also tells what is staged
            found = [one for one in found if one in standing]
        self.must(found == standing, f"status has the failures {found}, not {standing}")
        files = {name: count for name, count in told["sources"].items() if count}
        self.must(files == self.book.files(), f"status has the files {files}, not {self.book.files()}")
        rows = sum(count for run in told["runs"] for name, count in run["rows"].items() if name != FAILURES)
        self.must(rows == len(self.book.rows), f"status has {rows} rows, not {len(self.book.rows)}")
        self.must(len(told["runs"]) == self.book.night, f"status has {len(told['runs'])} runs, not {self.book.night}")


def play(stage: Stage, night: Callable[[Stage], None]) -> None:
    """One night; one that breaks off itself is trouble."""
    stage.name = night.__name__
    try:
        night(stage)
    except Exception as error:  # noqa: BLE001  the other nights are still worth their figures
        stage.must(holds=False, what=f"{type(error).__name__}: {error}")


def _write(data: bytes, file: BinaryIO) -> None:
    file.write(data)
