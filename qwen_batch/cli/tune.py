"""qwen-batch tune: which changes to a job help, chosen on one half of the gold and reported on the other."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from qwen_batch.cli.completing import job_or_path
from qwen_batch.cli.options import config_options, jobs_folder, read_config
from qwen_batch.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from qwen_batch.config import Config
    from qwen_batch.evaluate.measures import Counts
    from qwen_batch.evaluate.tuning.choosing import Tried
    from qwen_batch.evaluate.tuning.halves import Half, Halves
    from qwen_batch.evaluate.tuning.variants import Variant
    from qwen_batch.job.files import JobSource

MIN_GAIN = 0.01


@click.command("tune")
@click.argument("job", shell_complete=job_or_path)
@click.argument("gold", type=click.Path(path_type=Path))
@click.argument("inputs", nargs=-1, required=True)
@click.option("--min-gain", type=float, default=MIN_GAIN, show_default=True, help="F1 that a change must bring.")
@click.option("--write", type=click.Path(path_type=Path), metavar="FILE", help="Write the changed job file here.")
@click.option("--only", multiple=True, metavar="FACTOR", help="Try only factors that begin so, such as description.")
@config_options
def tune(
    job: str,
    gold: Path,
    inputs: tuple[str, ...],
    min_gain: float,
    write: Path | None,
    only: tuple[str, ...],
    config_path: Path | None,
    overrides: tuple[str, ...],
) -> int:
    """Tries changes to a job on half of its gold, one at a time, and reports what they bring on the other half.

    Tried are descriptions (those that the job gives by Alternatives, else made by rule), words to look for, the order
    of fields, passages a field and the confidence below which a value is left out. INPUTS hold the documents of GOLD.
    Which half a document is in goes by its content, and no document is in both. What helped is printed as a diff of
    the job file, unless the other half got worse.

    \b
    Example: qwen-batch tune policy_obligations data/library/gold/policy_obligations.jsonl data/library/samples
    """
    from qwen_batch.evaluate.gold import read_gold
    from qwen_batch.evaluate.tuning.halves import split_gold
    from qwen_batch.job.files import find_job, load_job
    from qwen_batch.run.document.alone import inputs_to_documents

    config = read_config(config_path, overrides)
    source = find_job(job, jobs_folder(config))
    _check(source, load_job(source).of, write)
    halves = split_gold(read_gold(gold), inputs_to_documents(inputs, config))
    with TemporaryDirectory(prefix="qwen-batch-tune-") as folder:
        tuner = _Tuner(source, config, halves, Path(folder), config_path, overrides)
        tuner.tune(min_gain, only, write)
    return EXIT_OK


def _check(source: JobSource, of: str, write: Path | None) -> None:
    if of:
        raise UsageError(f"{source.path}: it is asked of the rows of {of}", f"tune that job: qwen-batch tune {of} GOLD")
    if Path(source.path).suffix != ".py":
        raise UsageError(f"{source.path}: only job files in Python can be changed", "write it with `jobs new`")
    if write is not None and write.exists():
        raise UsageError(f"{write}: it is there already, and nothing is written over", "name another file")


@dataclass(slots=True)
class _Tuner:
    """A job that is being tuned: where its variants are written and run, and on what."""

    source: JobSource
    config: Config
    halves: Halves
    folder: Path
    config_path: Path | None
    overrides: tuple[str, ...]
    runs: int = 0

    @property
    def name(self) -> str:
        return Path(self.source.path).stem

    def tune(self, min_gain: float, only: Sequence[str], write: Path | None) -> None:
        from qwen_batch.evaluate.tuning.choosing import edited, f1, helping, settings_of

        dev, report = self.halves.dev, self.halves.report
        click.echo(f"{self.name}: {len(dev.gold)} documents to tune on, {len(report.gold)} others to report")
        base, tried = self._tried(only)
        click.echo(f"dev half as it is: {_said(base)}")
        for one in sorted(tried, key=lambda one: -f1(one.counts)):
            click.echo(f"  {f1(one.counts) - f1(base):+.3f}  {one.variant.factor}: {one.variant.words}")
        kept = self._together(base, helping(base, tried, min_gain), min_gain)
        if not kept:
            click.echo(f"nothing that was tried gains {min_gain:g} on the dev half; the other half was not asked")
            return
        changed, settings = edited(self.source.text, kept), settings_of(kept)
        before = self._counts([self.source.text], report)[0]
        after = self._counts([changed], report, settings)[0]
        click.echo(f"other half as it is: {_said(before)}\nother half changed:  {_said(after)}")
        if f1(after) < f1(before):
            click.echo("the other half got worse: what helped on the dev half was chance, and nothing is written")
            return
        self._write(kept, changed, settings, write)

    def _tried(self, only: Sequence[str]) -> tuple[Counts, list[Tried]]:
        """The dev half with the job as it is, and with each change alone: those of its text in one run."""
        from qwen_batch.evaluate.tuning.choosing import Tried, edited
        from qwen_batch.evaluate.tuning.variants import job_variants, setting_variants
        from qwen_batch.job.files import load_job

        job, dev = load_job(self.source), self.halves.dev
        texts = job_variants(self.source, job, dev.gold, self._texts(dev))
        wanted = [one for one in texts if _is_wanted(one, only)]
        base, *counts = self._counts([self.source.text, *(edited(self.source.text, [one]) for one in wanted)], dev)
        tried = [Tried(one, count) for one, count in zip(wanted, counts, strict=True)]
        settings = [one for one in setting_variants(job) if _is_wanted(one, only)]
        tried += [Tried(one, self._counts([self.source.text], dev, one.settings)[0]) for one in settings]
        return base, tried

    def _together(self, base: Counts, helped: Sequence[Tried], min_gain: float) -> tuple[Variant, ...]:
        """All changes that helped, if they do so together; else the best alone."""
        from qwen_batch.evaluate.tuning.choosing import edited, f1, settings_of

        every = tuple(one.variant for one in helped)
        if len(every) < 2:  # noqa: PLR2004  together is more than one
            return every
        counts = self._counts([edited(self.source.text, every)], self.halves.dev, settings_of(every))[0]
        click.echo(f"  {f1(counts) - f1(base):+.3f}  all {len(every)} that helped together")
        best = helped[0]
        return every if f1(counts) >= max(f1(best.counts), f1(base) + min_gain) else (best.variant,)

    def _counts(self, texts: Sequence[str], half: Half, settings: Sequence[str] = ()) -> list[Counts]:
        """How a half of the gold is answered by each of these jobs, in one run."""
        from qwen_batch.cli.driving import Driving
        from qwen_batch.cli.notebook import driven
        from qwen_batch.evaluate.output import output_to_predictions
        from qwen_batch.evaluate.score import documents_to_scores
        from qwen_batch.evaluate.tuning.source import JobText
        from qwen_batch.job.definition import job_schema
        from qwen_batch.job.files import find_job, load_job

        self.runs += 1
        place = self.folder / str(self.runs)
        place.mkdir()
        names = [f"{self.name[:50]}_v{number}" for number, _ in enumerate(texts)]
        for name, text in zip(names, texts, strict=True):
            named = JobText(text).with_name(name)
            if named is None:
                raise UsageError(f"{self.source.path}: JOB has no name that is written out", 'write name="…" in it')
            (place / f"{name}.py").write_text(named, "utf-8")
        jobs = [str(place / f"{name}.py") for name in names]
        output = str(place / "out")
        overrides = (*self.overrides, *settings)
        driven(jobs, [one.uri for one in half.documents], Driving(output, self.config_path, overrides))
        schemas = [job_schema(load_job(find_job(job, place))) for job in jobs]
        return [
            documents_to_scores(half.gold, output_to_predictions(output, name), schema).counts
            for name, schema in zip(names, schemas, strict=True)
        ]

    def _texts(self, half: Half) -> Mapping[str, str]:
        from qwen_batch.run.document.alone import file_to_clean

        files = [(one.source, Path(document.uri)) for one, document in zip(half.gold, half.documents, strict=True)]
        return {source: file_to_clean(file, self.config).text for source, file in files if file.is_file()}

    def _write(self, kept: Sequence[Variant], changed: str, settings: Sequence[str], write: Path | None) -> None:
        for setting in settings:
            click.echo(f"setting that helped: --set {setting}")
        before, after = (text.splitlines(keepends=True) for text in (self.source.text, changed))
        lines = difflib.unified_diff(before, after, self.source.path, str(write or self.source.path))
        click.echo("".join(lines), nl=False)
        if write is not None and any(one.edit for one in kept):
            write.write_text(changed, "utf-8")
            click.echo(f"{write}: written; read it before you put it in the place of {self.source.path}")


def _is_wanted(variant: Variant, only: Sequence[str]) -> bool:
    return not only or any(variant.factor.startswith(one) for one in only)


def _said(counts: Counts) -> str:
    from qwen_batch.evaluate.tuning.choosing import f1

    said = f"{counts.right} right, {counts.wrong} wrong, {counts.spurious} made up, {counts.missed} missed"
    return f"F1 {f1(counts):.3f} ({said})"
