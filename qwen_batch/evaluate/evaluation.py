"""One evaluation: an output and a gold file in, everything there is to say of them out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from qwen_batch.errors import OutputError
from qwen_batch.evaluate.calibrate import fit_calibration, judgements_to_samples
from qwen_batch.evaluate.compare import Comparison, compare_scores
from qwen_batch.evaluate.gold import read_gold
from qwen_batch.evaluate.output import check_fields, job_of_output, output_to_predictions, schema_of_job
from qwen_batch.evaluate.score import Scores, documents_to_scores
from qwen_batch.evidence.calibration import Calibration


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was judged by what, and what came out.

    `models` answered; `other` is the output that `comparison` compares with.
    """

    gold: str
    output: str
    job: str
    models: tuple[str, ...]
    scores: Scores
    other: str | None = None
    comparison: Comparison | None = None
    calibration: Calibration | None = None
    calibration_file: str | None = None


def evaluate_output(gold: Path, output: str, job: str | None, jobs_dir: Path, other: str | None = None) -> Evaluation:
    """Judges an output's newest rows, and those of another output if one is given.

    Raises UsageError for bad gold or a job that is not there, OutputError for what cannot be read.
    """
    documents = read_gold(gold)
    name = job_of_output(output, job)
    schema = schema_of_job(name, jobs_dir)
    predictions = output_to_predictions(output, name)
    check_fields(documents, predictions)
    scores = documents_to_scores(documents, predictions, schema)
    comparison = None
    if other is not None:
        others = output_to_predictions(other, job_of_output(other, name))
        comparison = compare_scores(documents_to_scores(documents, others, schema), scores)
    models = tuple(sorted({prediction.model for prediction in predictions}))
    return Evaluation(str(gold), output, name, models, scores, other, comparison)


def calibrate(evaluation: Evaluation, path: Path) -> Evaluation:
    """Fits a calibration to what was judged and writes it.

    Raises UsageError if there is not enough to fit, OutputError if the file cannot be written.
    """
    samples = judgements_to_samples(evaluation.scores.judgements)
    calibration = fit_calibration(samples, evaluation.job, evaluation.models)
    try:
        path.write_text(calibration.model_dump_json(indent=2) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}", "name another file with --calibrate") from None
    return replace(evaluation, calibration=calibration, calibration_file=str(path))
