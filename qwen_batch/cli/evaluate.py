"""qwen-batch eval: answers against gold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qwen_batch.cli.options import config_options, jobs_folder, read_config
from qwen_batch.errors import EXIT_OK

if TYPE_CHECKING:
    from qwen_batch.calibration import Calibration


@click.command("eval")
@click.argument("gold", type=click.Path(path_type=Path))
@click.argument("output")
@click.option("--job", help="The job to judge; not needed if the output holds one only.")
@click.option("--compare", "other", metavar="OUTPUT", help="Another output of the same job to show beside this one.")
@click.option(
    "--calibrate",
    "calibration_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Fit the confidence to this gold and write it here; figures come from documents it was not fitted on.",
)
@click.option("--report", type=click.Path(path_type=Path), metavar="DIR", help="Write report.md and report.html here.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@config_options
def evaluate(
    gold: Path,
    output: str,
    job: str | None,
    other: str | None,
    calibration_file: Path | None,
    report: Path | None,
    form: str,
    config_path: Path | None,
    overrides: tuple[str, ...],
) -> int:
    """Judges the newest answers of an output by GOLD, a file of labelled documents in JSON Lines.

    Shows precision, recall and F1 by field, whether evidence stands where gold says, and what the confidence is worth.

    \b
    Example: qwen-batch eval gold.jsonl ./out --report ./report
    Example: qwen-batch eval gold.jsonl ./out --compare ./out-before --format json
    """
    import json

    from qwen_batch.evaluate.compare import compare_scores
    from qwen_batch.evaluate.gold import read_gold
    from qwen_batch.evaluate.output import check_fields, job_of_output, output_to_predictions, schema_of_job
    from qwen_batch.evaluate.report import Evaluation, evaluation_to_json, write_reports
    from qwen_batch.evaluate.score import documents_to_scores
    from qwen_batch.evaluate.terminal import evaluation_to_text

    documents = read_gold(gold)
    name = job_of_output(output, job)
    schema = schema_of_job(name, jobs_folder(read_config(config_path, overrides)))
    predictions = output_to_predictions(output, name)
    check_fields(documents, predictions)
    scores = documents_to_scores(documents, predictions, schema)
    comparison = None
    if other is not None:
        others = output_to_predictions(other, job_of_output(other, name))
        comparison = compare_scores(documents_to_scores(documents, others, schema), scores)
    calibration = None
    if calibration_file is not None:
        from qwen_batch.evaluate.calibrate import fit_calibration, judgements_to_samples

        models = [prediction.model for prediction in predictions]
        calibration = fit_calibration(judgements_to_samples(scores.judgements), name, models)
        _write(calibration, calibration_file)
    written = str(calibration_file) if calibration_file else None
    evaluation = Evaluation(str(gold), output, name, scores, other, comparison, calibration, written)
    if report is not None:
        for path in write_reports(evaluation, report):
            click.echo(f"written: {path}", err=True)
    as_json = form == "json"
    click.echo(
        json.dumps(evaluation_to_json(evaluation), indent=2, ensure_ascii=False)
        if as_json
        else evaluation_to_text(evaluation)
    )
    return EXIT_OK


def _write(calibration: Calibration, path: Path) -> None:
    from qwen_batch.errors import OutputError

    try:
        path.write_text(calibration.model_dump_json(indent=2) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}", "name another file with --calibrate") from None
