"""recognise: which languages are chosen, what turns and second tries bring, what a failing page costs, the contract."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image, ImageDraw, ImageFont

from qwen_batch.config import OcrSettings, ReadSettings
from qwen_batch.errors import ToolMissingError
from qwen_batch.reading.ocr import recognise as ocr
from qwen_batch.reading.ocr.engine import OCR_ENGINES
from qwen_batch.reading.ocr.recognise import (
    OcrEngine,
    OcrFailed,
    OcrText,
    OcrTimeout,
    document_languages,
    ocr_failure,
    ocr_job,
    page_to_text,
    pages_to_text,
)
from qwen_batch.records import Box, Document, Line, Page, Word

DOCUMENT = Document("id", "file", "image/png", 1)
READ = ReadSettings()
ENGLISH = "This agreement is made between the two parties"
CHINESE = "本协议由双方当事人签订并自签字之日起生效"
ENGINES = OCR_ENGINES.names()


class FakeEngine:
    """Answers from a list, one entry a call: a text with its confidence, or an exception."""

    def __init__(self, answers: list[tuple[str, float] | Exception]) -> None:
        self.answers = answers
        self.languages: list[tuple[str, ...]] = []
        self.layouts: list[str] = []

    def recognise(
        self, image: Image.Image, languages: tuple[str, ...], dpi: float, timeout_s: float, layout: str
    ) -> OcrText:
        self.languages.append(languages)
        self.layouts.append(layout)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        text, confidence = answer
        word = Word(text, Box(0, 0, 100, 10), confidence)
        return OcrText((Line(text, word.box, (word,)),) if text else (), confidence if text else None)


@pytest.fixture
def image_path(tmp_path: Path) -> Path:
    Image.new("L", (850, 1100), 255).save(tmp_path / "a.png", dpi=(100, 100))
    return tmp_path / "a.png"


def fake_engine(name: str, fake: FakeEngine) -> OcrEngine:
    return OcrEngine(name, fake.recognise, lambda: ("eng", "chi_sim"), lambda: f"{name} 1", lambda languages: None)


def run(
    monkeypatch: pytest.MonkeyPatch,
    path: Path,
    pages: list[Page],
    answers: list[tuple[str, float] | Exception],
    settings: OcrSettings | None = None,
) -> tuple[tuple[Page, ...], FakeEngine]:
    fake = FakeEngine(answers)
    monkeypatch.setattr(ocr, "OCR_ENGINES", SimpleNamespace(load=lambda name: fake_engine(name, fake)))
    alone = (settings or OcrSettings()).model_copy(update={"second_engine": None})
    return pages_to_text(path, "image/png", pages, alone, READ), fake


def read_by_two(
    monkeypatch: pytest.MonkeyPatch, path: Path, first: tuple[str, float], second: list[tuple[str, float] | Exception]
) -> Page:
    """An English page of which the first engine says `first`; the second is asked if that is unsure."""
    engines = {"tesseract": fake_engine("tesseract", FakeEngine([first])), "b": fake_engine("b", FakeEngine(second))}
    monkeypatch.setattr(ocr, "OCR_ENGINES", SimpleNamespace(load=engines.__getitem__))
    settings = OcrSettings(second_engine="b", orientation=False, languages=("eng",), retry_below=0, min_confidence=0.6)
    (page,) = pages_to_text(path, "image/png", [scan()], settings, READ)
    return page


def scan(number: int = 1, **values: object) -> Page:
    return Page(**{"number": number, "width": 612.0, "height": 792.0, "lines": (), "needs_ocr": "image"} | values)


def test_english_pages_are_read_in_english(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    pages, fake = run(monkeypatch, image_path, [scan(), scan()], [(ENGLISH, 0.9)] * 3)
    assert fake.languages == [("eng",)] * 3
    assert [(page.ocr_done, page.ocr_confidence, page.needs_ocr) for page in pages] == [(True, 0.9, "image")] * 2


def test_chinese_lines_taken_for_capitals_when_read_beside_english(
    monkeypatch: pytest.MonkeyPatch, image_path: Path
) -> None:
    _, fake = run(monkeypatch, image_path, [scan()], [("RE AY", 0.3), (CHINESE, 0.9), (CHINESE, 0.9)])
    assert fake.languages[-1] == ("chi_sim",)


def test_bilingual_pages_are_read_in_both(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    both = f"{CHINESE} {ENGLISH}"
    _, fake = run(monkeypatch, image_path, [scan()], [("RE AY", 0.3), (both, 0.9), (both, 0.9)])
    assert fake.languages[-1] == ("chi_sim", "eng")


def test_page_in_another_language_is_read_again(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    upright_or_turned = [("RE AY", 0.2)] * 3
    answers = [(ENGLISH, 0.9), (ENGLISH, 0.9), ("RE AY", 0.2), *upright_or_turned, (CHINESE, 0.8), (CHINESE, 0.8)]
    pages, fake = run(monkeypatch, image_path, [scan(), scan()], answers)
    assert pages[1].lines[0].text == CHINESE
    assert fake.languages[-1] == ("eng", "chi_sim")


def test_page_upside_down_is_turned(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    answers = [(ENGLISH, 0.9), ("sued pue uo", 0.3), ("sued", 0.3), (ENGLISH, 0.9), (ENGLISH, 0.9)]
    (page,), _ = run(monkeypatch, image_path, [scan()], answers)
    assert (page.rotation, page.lines[0].text) == (180, ENGLISH)
    box = page.lines[0].words[0].box
    assert (box.x1, box.y1) == pytest.approx((page.width, page.height))


def test_orientation_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    settings = OcrSettings(orientation=False, languages=("eng",), retry_below=0)
    (page,), fake = run(monkeypatch, image_path, [scan()], [("sued pue", 0.3)], settings)
    assert (page.rotation, len(fake.languages)) == (0, 1)


def test_unsure_page_is_read_again_and_the_better_text_stays(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    answers = [(ENGLISH, 0.9), (ENGLISH, 0.55), (ENGLISH + " of the first part", 0.8)]
    (page,), fake = run(monkeypatch, image_path, [scan()], answers)
    assert fake.layouts[-1] == "column"
    assert page.ocr_confidence == 0.8


def test_surer_but_shorter_second_reading_does_not_win(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    (page,), _ = run(monkeypatch, image_path, [scan()], [(ENGLISH, 0.9), (ENGLISH, 0.59), ("two", 0.99)])
    assert page.lines[0].text == ENGLISH


def test_handwriting_in_english_was_never_shown_to_the_second_engine(
    monkeypatch: pytest.MonkeyPatch, image_path: Path
) -> None:
    page = read_by_two(monkeypatch, image_path, ("teusdey", 0.34), [("Laundry 4 by 36", 0.87)])
    assert (page.lines[0].text, page.ocr_confidence, page.warnings) == ("Laundry 4 by 36", 0.87, ())


def test_a_page_that_the_first_engine_is_sure_of_costs_no_second(
    monkeypatch: pytest.MonkeyPatch, image_path: Path
) -> None:
    assert read_by_two(monkeypatch, image_path, (ENGLISH, 0.61), []).lines[0].text == ENGLISH


def test_timeout_of_the_second_reading_leaves_the_first(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    settings = OcrSettings(min_confidence=0.5)
    answers = [(ENGLISH, 0.9), (ENGLISH, 0.55), OcrTimeout()]
    (page,), _ = run(monkeypatch, image_path, [scan()], answers, settings)
    assert (page.lines[0].text, page.warnings) == (ENGLISH, ())


def test_timeout_costs_one_page_only(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    answers = [(ENGLISH, 0.9), OcrTimeout(), (ENGLISH, 0.9)]
    pages, _ = run(monkeypatch, image_path, [scan(), scan()], answers)
    assert (pages[0].lines, pages[0].ocr_done, len(pages[0].warnings)) == ((), False, 1)
    assert pages[1].ocr_done
    assert ocr_failure(DOCUMENT, pages) is None


def test_engine_failing_on_one_page_does_not_end_the_document(
    monkeypatch: pytest.MonkeyPatch, image_path: Path
) -> None:
    pages, _ = run(monkeypatch, image_path, [scan(), scan()], [(ENGLISH, 0.9), OcrFailed("signal 11"), (ENGLISH, 0.9)])
    assert "signal 11" in pages[0].warnings[0]
    assert pages[1].ocr_done


def test_all_pages_failed_is_a_failure(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    pages, _ = run(monkeypatch, image_path, [scan(), scan()], [OcrTimeout()] * 4)
    failure = ocr_failure(DOCUMENT, pages)
    assert failure is not None
    assert (failure.stage, failure.code, failure.retryable) == ("ocr", "ocr_failed", True)


@pytest.mark.parametrize("reason", ["image_under_thin_text", "hidden_text"])
def test_text_layer_stays_where_ocr_sees_less(monkeypatch: pytest.MonkeyPatch, image_path: Path, reason: str) -> None:
    layer = scan(needs_ocr=reason, lines=(Line("Stamp of the county court", Box(0, 0, 1, 1)),))
    (page,), _ = run(monkeypatch, image_path, [layer], [(ENGLISH, 0.9), ("Stamp", 0.9)])
    assert (page.lines, page.ocr_done) == (layer.lines, True)
    assert "layer was kept" in page.warnings[0]


def test_layer_of_a_doubtful_font_is_kept_where_ocr_agrees(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    layer = scan(needs_ocr="doubtful_font", lines=(Line("Total due: EUR 71,643.80", Box(0, 0, 9, 9)),))
    (page,), _ = run(monkeypatch, image_path, [layer], [(ENGLISH, 0.9), ("Total due EUR 71.643,80", 0.9)])
    assert page.lines == layer.lines
    assert page.ocr_done


def test_figures_of_a_doubtful_font_give_way_to_those_that_ocr_sees(
    monkeypatch: pytest.MonkeyPatch, image_path: Path
) -> None:
    layer = scan(needs_ocr="doubtful_font", lines=(Line("Total due: EUR 71,643.80", Box(0, 0, 9, 9)),))
    (page,), _ = run(monkeypatch, image_path, [layer], [(ENGLISH, 0.9), ("Total due: EUR 48,310.57", 0.9)])
    assert page.lines[0].text == "Total due: EUR 48,310.57"


@pytest.mark.parametrize("reason", ["doubtful_font", "unmapped_signs"])
def test_arabic_page_with_a_doubtful_font_became_english_letters(
    monkeypatch: pytest.MonkeyPatch, image_path: Path, reason: str
) -> None:
    layer = scan(needs_ocr=reason, lines=(Line("تاريخ 1403/10/04", Box(0, 0, 9, 9)),))
    settings = OcrSettings(orientation=False, languages=("eng",), retry_below=0)
    (page,), _ = run(monkeypatch, image_path, [layer], [("woes)! Geb", 0.4)], settings)
    assert (page.lines, page.ocr_done, page.ocr_confidence) == (layer.lines, True, 0.4)
    assert "OCR cannot read it" in page.warnings[0]


def test_hidden_text_of_poor_quality_gives_way(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    layer = scan(
        needs_ocr="hidden_text", lines=(Line("Th1s agrcernt i5 rnadc bctwn thc tvv0 pxrtcs", Box(0, 0, 1, 1)),)
    )
    (page,), _ = run(monkeypatch, image_path, [layer], [(ENGLISH, 0.9)] * 2)
    assert (page.lines[0].text, page.warnings) == (ENGLISH, ())


def test_doubtful_page_gets_a_warning(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    settings = OcrSettings(orientation=False, languages=("eng",))
    pages, _ = run(monkeypatch, image_path, [scan()], [("x?", 0.1), ("x?", 0.1)], settings)
    assert "unsure" in pages[0].warnings[0]


def test_languages_of_a_document_whose_pages_fail_are_all(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    fake = FakeEngine([OcrTimeout(), OcrTimeout()])
    engine = OcrEngine("fake", fake.recognise, lambda: ("eng",), lambda: "fake 1", lambda languages: None)
    monkeypatch.setattr(ocr, "OCR_ENGINES", SimpleNamespace(load=lambda name: engine))
    job = ocr_job(image_path, "image/png", OcrSettings(), READ)
    assert document_languages(job, [scan(), scan(), scan()]) == ("eng", "chi_sim")


def test_job_and_functions_travel_to_other_processes(image_path: Path) -> None:
    job = ocr_job(image_path, "image/png", OcrSettings(), READ)
    travelled = (job, page_to_text, document_languages)
    assert pickle.loads(pickle.dumps(travelled)) == travelled  # noqa: S301 - our own


def test_unreadable_page_gets_a_warning(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    job = ocr_job(tmp_path / "bad.png", "image/png", OcrSettings(), READ)
    assert "not possible" in page_to_text(job, scan(), ("eng",)).warnings[0]


def test_pages_with_text_need_no_engine(tmp_path: Path) -> None:
    pages = (Page(1, 612, 792, (Line("text", Box(0, 0, 1, 1)),)),)
    assert pages_to_text(tmp_path / "none.pdf", "application/pdf", pages, OcrSettings(engine="none"), READ) == pages


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_has_the_contract(name: str) -> None:
    engine = OCR_ENGINES.load(name)
    assert isinstance(engine, OcrEngine)
    assert engine.name == name


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_that_lacks_something_says_what_to_install(name: str) -> None:
    with pytest.raises(ToolMissingError) as caught:
        OCR_ENGINES.load(name).probe(("eng", "tlh"))
    assert caught.value.remedy


@pytest.mark.ocr
@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_reads_words_where_they_stand(name: str) -> None:
    engine = OCR_ENGINES.load(name)
    try:
        engine.probe(("eng",))
    except ToolMissingError as error:
        pytest.skip(f"{error.message}; {error.remedy}")
    image = drawn(["Hello wide world", "The second line says more"])
    text = engine.recognise(image, ("eng",), 235, 60, "auto")
    assert [line.text for line in text.lines] == ["Hello wide world", "The second line says more"]
    first = text.lines[0].words[0]
    assert (first.text, first.box.x0) == ("Hello", pytest.approx(100, abs=12))
    assert first.box.x1 < text.lines[0].words[1].box.x0 + 12
    assert text.confidence is not None
    assert text.confidence > 0.8
    assert engine.recognise(Image.new("L", (400, 300), 255), ("eng",), 235, 60, "auto") == OcrText((), None)
    assert "eng" in engine.installed_languages()
    assert name in engine.version()


def drawn(lines: list[str]) -> Image.Image:
    image = Image.new("L", (1000, 150 + 60 * len(lines)), 255)
    for at, line in enumerate(lines):
        ImageDraw.Draw(image).text((100, 60 + 60 * at), line, fill=0, font=ImageFont.load_default(32))
    return image


LINES = [
    f"{start} of the agreement between the parties"
    for start in ("Purpose", "Length", "Renewal", "Termination", "Price")
]


@pytest.mark.ocr
@pytest.mark.parametrize(("turn", "rotation"), [(0, 0), (90, 270), (180, 180), (270, 90)])
def test_page_lying_wrongly_is_read_and_its_words_are_found_where_they_lie(
    tmp_path: Path, turn: int, rotation: int
) -> None:
    """Words written at a known place, skewed by 2 degrees and turned clockwise by `turn`."""
    upright = drawn(LINES).rotate(-2, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    image = upright.rotate(-turn, expand=True)
    image.save(tmp_path / "page.png", dpi=(235, 235))
    scale = 72 / 235
    page = Page(1, image.width * scale, image.height * scale, (), needs_ocr="image")
    (done,) = pages_to_text(tmp_path / "page.png", "image/png", [page], OcrSettings(languages=("eng",)), READ)
    assert done.rotation == rotation
    assert done.skew == pytest.approx(2, abs=0.3)
    assert [line.text for line in done.lines] == LINES
    tops = [line.box.y0 for line in done.lines]
    assert tops == sorted(tops)
    words = [word.box for line in done.lines for word in line.words]
    uncovered = image.convert("L").point(lambda value: 255 * (value < 128))
    for box in words:
        edges = [round(value / scale) for value in (box.x0 - 1, box.y0 - 1, box.x1 + 1, box.y1 + 1)]
        assert uncovered.crop(edges).getbbox() is not None  # each box stands on ink
        ImageDraw.Draw(uncovered).rectangle(edges, fill=0)
    assert uncovered.getbbox() is None  # and no ink lies outside of all


@pytest.mark.ocr
def test_chinese_scan_is_read_in_chinese(shared_data: Path) -> None:
    labels = shared_data / "zh" / "labels" / "dev_zh_tests.jsonl"
    truth = next(json.loads(row) for row in labels.read_text("utf-8").splitlines() if "chinese_scan" in row)
    page = Page(1, 612, 792, (), needs_ocr="no_text_layer")
    (done,) = pages_to_text(shared_data / truth["pdf"], "application/pdf", [page], OcrSettings(), READ)
    seen = set("".join(line.text for line in done.lines))
    wanted = {character for character in truth["text"] if not character.isspace()}
    assert len(seen & wanted) > 0.9 * len(wanted)


@pytest.mark.parametrize(("confidence", "warned"), [(0.55, True), (0.65, False)])
def test_page_read_below_0_6_passed_without_a_word(
    monkeypatch: pytest.MonkeyPatch, image_path: Path, confidence: float, *, warned: bool
) -> None:
    answers = [(ENGLISH, 0.9), (ENGLISH, confidence), (ENGLISH, confidence)]
    (page,), _ = run(monkeypatch, image_path, [scan()], answers)
    assert (page.ocr_confidence, any("unsure" in warning for warning in page.warnings)) == (confidence, warned)


def test_broken_image_was_told_to_raise_the_timeout(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    job = ocr_job(tmp_path / "bad.png", "image/png", OcrSettings(), READ)
    failure = ocr_failure(DOCUMENT, [page_to_text(job, scan(), ("eng",))])
    assert failure is not None
    assert "save it anew" in failure.message
    assert "timeout_s" not in failure.message
