"""qwen-batch eval: answers against gold."""

from __future__ import annotations

from pathlib import Path

import click

from qwen_batch.cli.options import config_options, jobs_folder, read_config
from qwen_batch.errors import EXIT_OK, UsageError


@click.command("eval", short_help="How good are the answers, by gold or by corrections?")
@click.argument("places", nargs=-1, required=True, metavar="[GOLD] OUTPUT")
@click.option(
    "--gold-from",
    metavar="OUTPUT",
    help="Instead of GOLD: what people decided about the values of this output, where `apply` has put it.",
)
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
    places: tuple[str, ...],
    gold_from: str | None,
    job: str | None,
    other: str | None,
    calibration_file: Path | None,
    report: Path | None,
    form: str,
    config_path: Path | None,
    overrides: tuple[str, ...],
) -> int:
    """Judges the newest answers of an output by GOLD, a file of labelled documents in JSON Lines.

    With --gold-from it judges what the model answered, before people decided.

    Shows precision, recall and F1 by field, whether evidence stands where gold says, and what the confidence is worth.

    \b
    Example: qwen-batch eval gold.jsonl ./out --report ./report
    Example: qwen-batch eval gold.jsonl ./out --compare ./out-before --format json
    Example: qwen-batch eval ./out --gold-from ./out --calibrate calibration.json
    """
    import json

    from qwen_batch.evaluate.evaluation import calibrate, evaluate_by_decisions, evaluate_output
    from qwen_batch.evaluate.report.files import evaluation_to_json, write_reports
    from qwen_batch.evaluate.report.terminal import evaluation_to_text

    jobs_dir = jobs_folder(read_config(config_path, overrides))
    if len(places) != (1 if gold_from else 2):
        raise UsageError(
            f"{places[0]}: nothing to judge it by" if len(places) == 1 else f"{len(places)} places are too many",
            "give GOLD and OUTPUT (docs/eval.md says how gold is written), or OUTPUT --gold-from OUTPUT, which takes "
            "what people corrected",
        )
    if gold_from:
        evaluation = evaluate_by_decisions(gold_from, places[0], job, jobs_dir, other)
    else:
        evaluation = evaluate_output(Path(places[0]), places[1], job, jobs_dir, other)
    if calibration_file is not None:
        evaluation = calibrate(evaluation, calibration_file)
    if report is not None:
        for path in write_reports(evaluation, report):
            click.echo(f"written: {path}", err=True)
    if form == "json":
        click.echo(json.dumps(evaluation_to_json(evaluation), indent=2, ensure_ascii=False))
    else:
        click.echo(evaluation_to_text(evaluation))
    return EXIT_OK
