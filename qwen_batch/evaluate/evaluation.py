"""One evaluation: an output and a gold file in, everything there is to say of them out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from qwen_batch.errors import OutputError
from qwen_batch.evaluate.calibrate import fit_calibration, judgements_to_samples
from qwen_batch.evaluate.compare import Comparison, compare_scores
from qwen_batch.evaluate.decided import decisions_to_gold
from qwen_batch.evaluate.gold import GoldDocument, read_gold
from qwen_batch.evaluate.judge import Prediction
from qwen_batch.evaluate.output import (
    check_fields,
    job_of_output,
    output_to_answers,
    output_to_predictions,
    schema_of_job,
)
from qwen_batch.evaluate.score import Scores, documents_to_scores
from qwen_batch.evidence.calibration import Calibration
from qwen_batch.schema_walk import Schema


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was judged by what, and what came out.

    `models` answered; `other` is the output that `comparison` compares with. `scores` are those of the rows as they
    are, with what people decided, `answered` those of what the model had answered; None where `scores` are.
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
    answered: Scores | None = None


def evaluate_output(gold: Path, output: str, job: str | None, jobs_dir: Path, other: str | None = None) -> Evaluation:
    """Judges an output's newest rows, and those of another output if one is given.

    Raises UsageError for bad gold or a job that is not there, OutputError for what cannot be read.
    """
    documents = read_gold(gold)
    name = job_of_output(output, job)
    judge = _Judge(documents, schema_of_job(name, jobs_dir))
    predictions = output_to_predictions(output, name)
    check_fields(documents, predictions)
    scores, answered = judge.scores(predictions), judge.scores(output_to_answers(output, name))
    comparison = None
    if other is not None:
        comparison = compare_scores(judge.scores(output_to_predictions(other, job_of_output(other, name))), scores)
    return Evaluation(str(gold), output, name, _models(predictions), scores, other, comparison, answered=answered)


def evaluate_by_decisions(
    decided: str, output: str, job: str | None, jobs_dir: Path, other: str | None = None
) -> Evaluation:
    """Judges what the model answered by what people decided about the values of an output, the same one or another.

    Raises UsageError where nothing is decided about the job, OutputError for what cannot be read.
    """
    name = job_of_output(output, job)
    answers = output_to_answers(output, name)
    documents = decisions_to_gold(decided, name, {one.doc_id: one.source for one in answers})
    judge = _Judge(documents, schema_of_job(name, jobs_dir))
    check_fields(documents, answers)
    scores = judge.scores(answers)
    comparison = None
    if other is not None:
        comparison = compare_scores(judge.scores(output_to_answers(other, job_of_output(other, name))), scores)
    said = f"what people decided in {decided}"
    return Evaluation(said, output, name, _models(answers), scores, other, comparison)


@dataclass(frozen=True, slots=True)
class _Judge:
    gold: tuple[GoldDocument, ...]
    schema: Schema | None

    def scores(self, predictions: tuple[Prediction, ...]) -> Scores:
        return documents_to_scores(self.gold, predictions, self.schema)


def _models(predictions: tuple[Prediction, ...]) -> tuple[str, ...]:
    return tuple(sorted({prediction.model for prediction in predictions}))


def calibrate(evaluation: Evaluation, path: Path) -> Evaluation:
    """Fits a calibration to what the model answered, as it was judged, and writes it.

    Raises UsageError if there is not enough to fit, OutputError if the file cannot be written.
    """
    samples = judgements_to_samples((evaluation.answered or evaluation.scores).judgements)
    calibration = fit_calibration(samples, evaluation.job, evaluation.models)
    try:
        path.write_text(calibration.model_dump_json(indent=2) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}", "name another file with --calibrate") from None
    return replace(evaluation, calibration=calibration, calibration_file=str(path))
