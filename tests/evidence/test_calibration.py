"""calibration: a fitted file turns a field's parts into the share of right ones, and says so of unseen documents."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest
from helpers.published import parts

from qwen_batch.errors import EXIT_USAGE, ConfigError, UsageError
from qwen_batch.evaluate.calibrate import LabelledParts, cross_validate, fit_calibration
from qwen_batch.evaluate.measures import Sample, samples_to_score
from qwen_batch.evidence.calibration import Calibration, default_confidence, parts_to_features


def made_samples(documents: int, seed: int = 0, scanned: float = 0.5) -> list[LabelledParts]:
    """Fields whose chance of being right is known: high tokens lie on scans, a missing quote is telling."""
    chance = random.Random(seed)
    samples = []
    for number in range(documents):
        on_scan = chance.random() < scanned
        for _ in range(8):
            token, found, absent = chance.uniform(0.5, 0.999), chance.random() < 0.7, chance.random() < 0.2
            logit = (1.0 if absent else 2.5 * found - 1.0) + 0.8 * math.log(token / (1 - token)) - 3.0 * on_scan
            one = parts(
                scanned=on_scan,
                absent=absent,
                token=token,
                weakest=token**2,
                match=None if absent else "exact" if found else "none",
                score=None if absent else float(found),
                ocr=0.9 if on_scan else None,
            )
            samples.append(LabelledParts(f"doc{number}", one, chance.random() < 1 / (1 + math.exp(-logit))))
    return samples


def test_a_fit_on_some_documents_is_calibrated_on_others() -> None:
    fitted = fit_calibration(made_samples(150, seed=1))
    unseen = made_samples(150, seed=2)
    before = samples_to_score([Sample(default_confidence(one.parts) or 0, one.right) for one in unseen])
    after = samples_to_score([Sample(fitted.confidence(one.parts), one.right) for one in unseen])
    assert after.calibration_error < 0.06 < before.calibration_error
    assert after.auroc > before.auroc + 0.05
    assert after.risk_area < before.risk_area


def test_the_noted_figures_are_those_of_unseen_documents() -> None:
    samples = made_samples(60, seed=3)
    checked = fit_calibration(samples).cross_validation
    assert (checked.documents, checked.folds, checked.values) == (60, 5, len(samples))
    own = samples_to_score([Sample(one.confidence, one.sample.right) for one in cross_validate(samples)])
    assert (checked.auroc_after, checked.calibration_error_after) == (own.auroc, own.calibration_error)
    assert checked.auroc_after > checked.auroc_before


def test_chance_does_not_look_like_knowledge() -> None:
    chance = random.Random(4)
    samples = [LabelledParts(one.source, one.parts, chance.random() < 0.5) for one in made_samples(80, seed=4)]
    assert 0.4 < fit_calibration(samples).cross_validation.auroc_after < 0.6


def test_a_document_is_never_judged_by_a_model_that_has_seen_it() -> None:
    # each document is recognised by its token, and is right or wrong as a whole: seen, it would be told apart
    samples = [
        LabelledParts(f"doc{number}", parts(token=0.5 + number % 7 / 20, weakest=0.5), number in {1, 4, 5, 8})
        for number in range(10)
        for _ in range(4)
    ]
    done = cross_validate(samples)
    assert len(done) == len(samples)
    for source in {one.sample.source for one in done}:
        others = [one for one in samples if one.source != source]
        assert len({one.confidence for one in done if one.sample.source == source}) == 1
        assert fit_calibration(others)
    assert cross_validate(samples) == done


def test_scanned_and_digital_fields_have_weights_of_their_own_once_there_are_enough() -> None:
    both = fit_calibration(made_samples(80, seed=5))
    assert set(both.weights) == {"pooled", "digital", "scanned"}
    one = parts(token=0.9, weakest=0.8)
    assert both.confidence(parts(token=0.9, weakest=0.8, scanned=True, ocr=0.9)) < both.confidence(one)
    few = fit_calibration(made_samples(20, seed=6, scanned=0.0) + made_samples(2, seed=8, scanned=1.0))
    assert set(few.weights) == {"pooled", "digital"}
    assert few.counts["scanned"].values == 16
    assert 0 < few.confidence(parts(scanned=True, ocr=0.9)) < 1


def test_a_group_whose_fields_are_all_right_takes_the_pooled_weights() -> None:
    right = [LabelledParts(f"s{one.source}", one.parts, True) for one in made_samples(10, seed=9, scanned=1.0)]
    assert set(fit_calibration(made_samples(30, seed=9, scanned=0.0) + right).weights) == {"pooled", "digital"}


def test_a_field_that_is_often_wrong_is_trusted_less_and_an_unknown_one_like_the_rest() -> None:
    chance = random.Random(11)
    samples = [
        LabelledParts(f"d{number}", parts(field), chance.random() < share)
        for number in range(60)
        for field, share in (("law", 0.9), ("cap", 0.3))
    ]
    fitted = fit_calibration(samples)
    assert fitted.confidence(parts("law")) == pytest.approx(0.9, abs=0.1)
    assert fitted.confidence(parts("cap")) == pytest.approx(0.3, abs=0.1)
    assert fitted.confidence(parts("cap")) < fitted.confidence(parts("new")) < fitted.confidence(parts("law"))
    assert fitted.cross_validation.auroc_after > 0.65 > fitted.cross_validation.auroc_before


def test_empty_fields_and_values_do_not_share_a_feature() -> None:
    present = parts_to_features(parts())
    absent = parts_to_features(parts(absent=True, match=None, score=None))
    assert not any(one and other for one, other in zip(present, absent, strict=True))


def test_all_right_when_empty_stays_a_finite_number() -> None:
    chance = random.Random(7)
    empty = [LabelledParts(f"d{n}", parts(absent=True, match=None, score=None), True) for n in range(40)]
    filled = [LabelledParts(f"d{n}", parts(token=chance.random()), n % 2 == 0) for n in range(40)]
    fitted = fit_calibration(empty + filled)
    assert 0.9 < fitted.confidence(parts(absent=True, match=None, score=None)) < 1
    assert all(math.isfinite(weight) for weights in fitted.weights.values() for weight in weights.features)


@pytest.mark.parametrize(
    "samples",
    [
        [],
        [LabelledParts("a", parts(), True), LabelledParts("b", parts(), True)],
        [LabelledParts("a", parts(), True), LabelledParts("a", parts(), False)],
    ],
)
def test_too_little_to_fit_is_an_error_with_a_remedy(samples: list[LabelledParts]) -> None:
    with pytest.raises(UsageError) as caught:
        fit_calibration(samples)
    assert caught.value.remedy


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    fitted = fit_calibration(made_samples(40), "contract", ["m@1", "m@1"])
    path = tmp_path / "calibration.json"
    path.write_text(fitted.model_dump_json(indent=2))
    back = Calibration.from_file(path)
    assert back == fitted
    assert (back.job, back.models) == ("contract", ("m@1",))
    assert path.stat().st_size < 8_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file"),
        ("{", "Invalid JSON"),
        ('{"version": 2}', "version"),
        ('{"weights": {"pooled": {"features": [1.0]}}}', "job"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, content: str | None, words: str) -> None:
    path = tmp_path / "calibration.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        Calibration.from_file(path)
    assert str(path) in caught.value.message
    assert words in caught.value.message
    assert caught.value.exit_code == EXIT_USAGE


def test_a_file_of_other_features_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(fit_calibration(made_samples(40)).model_dump_json().replace("disagreement", "agreement"))
    with pytest.raises(ConfigError, match="not those of this version"):
        Calibration.from_file(path)


def test_without_a_file_the_parts_are_multiplied() -> None:
    assert default_confidence(parts(token=0.8, match="fuzzy", ocr=0.5)) == pytest.approx(0.8 * 0.85 * 0.5)
    assert default_confidence(parts(token=0.8, match=None)) == pytest.approx(0.8)
    assert default_confidence(parts(token=None)) is None


@pytest.mark.parametrize("token", [None, 0.0, 1.0, 1.0000001])
def test_any_parts_give_a_probability(token: float | None) -> None:
    fitted = fit_calibration(made_samples(40))
    for absent in (True, False):
        one = parts(absent=absent, token=token, weakest=token, ocr=token, match=None, score=None, agreement=None)
        assert 0 <= fitted.confidence(one) <= 1
