"""ocr: which languages are chosen, what a failing page costs, and tesseract itself."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from qwen_batch import ocr
from qwen_batch.config import OcrSettings, ReadSettings
from qwen_batch.errors import ToolMissingError
from qwen_batch.ocr import OcrEngine, OcrText, OcrTimeout, load_engine, ocr_failure, pages_to_text
from qwen_batch.ocr.tesseract import join_words, probe, recognise, tsv_to_text
from qwen_batch.plugins import plugin_names
from qwen_batch.records import Box, Document, Line, Page

DATA = Path(__file__).parents[2] / "shared" / "data"
DOCUMENT = Document("id", "file", "image/png", 1)
READ = ReadSettings()
ENGLISH = "This agreement is made between the two parties"
CHINESE = "本协议由双方当事人签订并自签字之日起生效"


class FakeEngine:
    """Answers from a list, one entry a call: a text with its confidence, or an exception."""

    def __init__(self, answers: list[tuple[str, float] | Exception]) -> None:
        self.answers = answers
        self.languages: list[tuple[str, ...]] = []

    def recognise(self, image: Image.Image, languages: tuple[str, ...], dpi: float, timeout_s: float) -> OcrText:
        self.languages.append(languages)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return OcrText((Line(answer[0], Box(0, 0, 10, 10)),) if answer[0] else (), answer[1])


@pytest.fixture
def image_path(tmp_path: Path) -> Path:
    Image.new("L", (850, 1100), 255).save(tmp_path / "a.png", dpi=(100, 100))
    return tmp_path / "a.png"


def run(
    monkeypatch: pytest.MonkeyPatch, path: Path, pages: list[Page], answers: list[tuple[str, float] | Exception]
) -> tuple[tuple[Page, ...], FakeEngine]:
    fake = FakeEngine(answers)
    engine = OcrEngine("fake", fake.recognise, lambda: ("eng", "chi_sim"), lambda: "fake 1", lambda languages: None)
    monkeypatch.setattr(ocr, "load_engine", lambda name: engine)
    return pages_to_text(path, "image/png", pages, OcrSettings(), READ), fake


def scan(number: int = 1, **values: object) -> Page:
    return Page(**{"number": number, "width": 612.0, "height": 792.0, "lines": (), "needs_ocr": "image"} | values)


def test_english_pages_are_read_in_english(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    pages, fake = run(monkeypatch, image_path, [scan(), scan()], [(ENGLISH, 0.9)] * 3)
    assert fake.languages == [("eng", "chi_sim"), ("eng",), ("eng",)]
    assert [(page.ocr_done, page.ocr_confidence, page.needs_ocr) for page in pages] == [(True, 0.9, "image")] * 2


def test_chinese_pages_are_read_in_chinese_first(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    _, fake = run(monkeypatch, image_path, [scan()], [(CHINESE, 0.9)] * 2)
    assert fake.languages[-1] == ("chi_sim", "eng")


def test_blank_middle_is_probed_on_the_whole_page(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    _, fake = run(monkeypatch, image_path, [scan()], [("", 0.0), (ENGLISH, 0.9), (ENGLISH, 0.9)])
    assert fake.languages == [("eng", "chi_sim"), ("eng", "chi_sim"), ("eng",)]


def test_page_in_another_language_is_read_again(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    answers = [(ENGLISH, 0.9), (ENGLISH, 0.9), ("RE AY", 0.2), (CHINESE, 0.8)]
    pages, _ = run(monkeypatch, image_path, [scan(), scan()], answers)
    assert pages[1].lines[0].text == CHINESE


def test_timeout_costs_one_page_only(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    answers = [(ENGLISH, 0.9), OcrTimeout(), (ENGLISH, 0.9)]
    pages, _ = run(monkeypatch, image_path, [scan(), scan()], answers)
    assert (pages[0].lines, pages[0].ocr_done, len(pages[0].warnings)) == ((), False, 1)
    assert pages[1].ocr_done
    assert ocr_failure(DOCUMENT, pages) is None


def test_all_pages_failed_is_a_failure(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    pages, _ = run(monkeypatch, image_path, [scan(), scan()], [OcrTimeout(), OcrTimeout()])
    failure = ocr_failure(DOCUMENT, pages)
    assert failure is not None
    assert (failure.stage, failure.code, failure.retryable) == ("ocr", "ocr_failed", True)


def test_thin_text_stays_where_ocr_sees_less(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    thin = scan(needs_ocr="image_under_thin_text", lines=(Line("Stamp of the county court", Box(0, 0, 1, 1)),))
    pages, _ = run(monkeypatch, image_path, [thin], [(ENGLISH, 0.9), ("Stamp", 0.9)])
    assert pages[0].lines[0].text == "Stamp of the county court"


def test_doubtful_page_gets_a_warning(monkeypatch: pytest.MonkeyPatch, image_path: Path) -> None:
    pages, _ = run(monkeypatch, image_path, [scan()], [(ENGLISH, 0.9), ("x?", 0.1), ("x?", 0.1)])
    assert "unsure" in pages[0].warnings[0]


def test_pages_with_text_need_no_engine(tmp_path: Path) -> None:
    pages = (Page(1, 612, 792, (Line("text", Box(0, 0, 1, 1)),)),)
    assert pages_to_text(tmp_path / "none.pdf", "application/pdf", pages, OcrSettings(engine="none"), READ) == pages


def test_tsv_gives_boxes_in_points_and_confidence_by_length() -> None:
    rows = (
        "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext",
        "4\t1\t1\t1\t1\t0\t300\t600\t900\t50\t-1\t",
        "5\t1\t1\t1\t1\t1\t300\t600\t300\t50\t90\tabcdefghi",
        "5\t1\t1\t1\t1\t2\t700\t600\t50\t50\t50\tj",
        "5\t1\t1\t1\t2\t1\t300\t700\t50\t50\t95\t ",
    )
    text = tsv_to_text("\n".join(rows), 72 / 300)
    assert [line.text for line in text.lines] == ["abcdefghi j"]
    assert text.lines[0].box == Box(72, 144, 180, 156)
    assert text.lines[0].words[0].box.x1 == pytest.approx(144)
    assert text.confidence == pytest.approx((0.9 * 9 + 0.5) / 10)


def test_chinese_words_are_joined_without_spaces() -> None:
    assert join_words(["本", "合同", "，", "编号", "ABC", "123", "。"]) == "本合同，编号 ABC 123。"


@pytest.mark.parametrize("name", plugin_names("qwen_batch.ocr"))
def test_every_engine_keeps_the_contract(name: str) -> None:
    engine = load_engine(name)
    assert isinstance(engine, OcrEngine)
    assert engine.name == name


@pytest.mark.ocr
def test_missing_language_names_its_package() -> None:
    with pytest.raises(ToolMissingError, match="chi_tra") as caught:
        probe(("eng", "chi_tra"))
    assert caught.value.remedy == "apt-get install tesseract-ocr-chi-tra"


def test_missing_tesseract_names_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match="not installed") as caught:
        probe(("eng",))
    assert "tesseract-ocr-eng" in caught.value.remedy


def drawn(text: str) -> Image.Image:
    image = Image.new("L", (1600, 300), 255)
    ImageDraw.Draw(image).text((100, 100), text, fill=0, font=ImageFont.load_default(60))
    return image


@pytest.mark.ocr
def test_tesseract_reads_words_where_they_stand() -> None:
    text = recognise(drawn("Hello wide world"), ("eng",), 300, 60)
    assert [line.text for line in text.lines] == ["Hello wide world"]
    first = text.lines[0].words[0].box
    assert first.x0 == pytest.approx(100 * 72 / 300, abs=3)
    assert text.confidence is not None
    assert text.confidence > 0.8


@pytest.mark.ocr
def test_tesseract_is_given_up_at_the_timeout() -> None:
    started = time.monotonic()
    with pytest.raises(OcrTimeout):
        recognise(drawn("Hello wide world"), ("eng",), 300, 0.01)
    assert time.monotonic() - started < 5


@pytest.mark.ocr
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no sample documents in {DATA}")
def test_chinese_scan_is_read_in_chinese() -> None:
    labels = DATA / "zh" / "labels" / "dev_zh_tests.jsonl"
    truth = next(json.loads(row) for row in labels.read_text("utf-8").splitlines() if "chinese_scan" in row)
    page = Page(1, 612, 792, (), needs_ocr="no_text_layer")
    (done,) = pages_to_text(DATA / truth["pdf"], "application/pdf", [page], OcrSettings(dpi=200), READ)
    seen = set("".join(line.text for line in done.lines))
    wanted = {character for character in truth["text"] if not character.isspace()}
    assert len(seen & wanted) > 0.9 * len(wanted)
