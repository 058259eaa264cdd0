"""qwen-batch jobs infer: a draft of a job from sample documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from qwen_batch.cli.options import config_options, read_config
from qwen_batch.errors import EXIT_OK, UsageError

if TYPE_CHECKING:
    from qwen_batch.job.inferred import Stated

ASKED = '''\
"""What a document states that somebody may want in a table."""

from typing import Annotated

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Job, Quoted


class Stated(Quoted):
    """One fact."""

    name: Annotated[str, Field(pattern="^[a-z][a-z_]{2,30}$", description="what it is called in any such document")]
    about: str = Field(max_length=80, description="what it is, without its value")


class Sample(BaseModel):
    """A sample of a kind of documents."""

    kind: str = Field(max_length=60, description="what the document is: an invoice, a lease, a letter")
    facts: list[Stated] = Field(max_length=14, description="people, days, sums, numbers and terms that it states")


JOB = Job(
    name="infer_sample",
    schema=Sample,
    instruction="List what a person would put into a table about documents of this kind.",
    sampling=EXTRACTION,
    max_output_tokens=1400,
)
'''


@click.command("infer")
@click.argument("name")
@click.argument("samples", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--documents", help="What one of the documents is.  [default: what the model says]")
@config_options
def infer_job(
    name: str, samples: tuple[Path, ...], documents: str | None, config_path: Path | None, overrides: tuple[str, ...]
) -> int:
    """Drafts a job from sample documents of one kind, to be edited by a person. Writes over nothing.

    Facts that the samples name themselves are found by code, others by the model; kinds (day, amount, party, list)
    follow from how values are written. With engine.kind=null no model is asked. Two or three samples are better than
    one: what only one of them has is left out.

    \b
    Example: qwen-batch jobs infer bills bill1.pdf bill2.pdf
    """
    from qwen_batch.cli.written_job import check_new, write_new, written_job
    from qwen_batch.engine.engine import ENGINES
    from qwen_batch.job.drafts import Draft
    from qwen_batch.job.inferred import labelled, to_facts
    from qwen_batch.run.document.alone import file_to_clean

    config = read_config(config_path, overrides)
    path = Path(config.jobs_dir) / f"{name}.py"
    check_new(name, path)
    texts = [file_to_clean(sample, config).text for sample in samples]
    kind, said = _asked(samples, config_path, overrides) if ENGINES.load(config.engine.kind).has_model else ("", {})
    stated = [[*said.get(str(file.resolve()), ()), *labelled(text)] for file, text in zip(samples, texts, strict=True)]
    facts = to_facts(stated)
    if not facts:
        raise UsageError(
            f"no fact was found that {len(samples)} samples share",
            "give samples of one kind, or write the job: qwen-batch jobs new",
        )
    write_new(path, written_job(Draft(name, documents or kind or "a document", facts), path))
    click.echo(f"{path}: a draft of {len(facts)} facts, from {len(samples)} samples")
    for fact in facts:
        click.echo(f"  {fact.name:<28} {fact.kind:<8} {fact.description}")
    click.echo(f"\nNext: read it, take out what you do not want, say what is meant.\n  qwen-batch jobs check {name}")
    return EXIT_OK


def _asked(
    samples: Sequence[Path], config_path: Path | None, overrides: tuple[str, ...]
) -> tuple[str, dict[str, list[Stated]]]:
    """What the model says that a document is, and what it found in each, by its path."""
    from qwen_batch.cli.driving import Driving
    from qwen_batch.cli.notebook import driven
    from qwen_batch.job.inferred import Stated
    from qwen_batch.output.views.reading import read_rows

    with TemporaryDirectory(prefix="qwen-batch-") as folder:
        job, out = Path(folder, "infer_sample.py"), Path(folder, "out")
        job.write_text(ASKED, "utf-8")
        driven([str(job)], [str(one) for one in samples], Driving(str(out), config_path, overrides))
        rows = read_rows(out, "infer_sample").to_pylist()
    kinds = [row["result"]["kind"] for row in rows if row["result"]["kind"]]
    said = {
        row["source_uri"]: [Stated(one["name"], one["about"], one["quote"]) for one in row["result"]["facts"] or ()]
        for row in rows
    }
    return max(kinds, key=kinds.count, default=""), said
