"""Reading as a run does it, of files that are cut off, changed, odd or many: all end, none takes the child along."""

from __future__ import annotations

import hashlib
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import docx
import pytest
import xlsxwriter
from helpers.places import ROOT
from PIL import Image

from qwen_batch.config import ReadSettings
from qwen_batch.outcomes import Failure
from qwen_batch.reading.document_to_text import _sniff_and_read
from qwen_batch.reading.isolate.isolator import Crash, Isolator
from qwen_batch.reading.parts.reader import ReadResult
from qwen_batch.records import Document

pytestmark = pytest.mark.subprocess

SETTINGS = ReadSettings(timeout_s=60, memory_mb=1024)
CODES = {"empty_file", "too_large", "too_many_pages", "unreadable", "unsupported", "encrypted", "damaged"}
"""What `document_to_pages` says a file may end with, but for memory."""
SEEDS = 200
FLIPPED_SHARE = 0.001
"""Part of a file's bytes that are changed; at least one."""
MAX_GROWTH_KIB = 8 * 1024
RTF = rb"{\rtf1\ansi\pard\b Contract\b0\par Caf\'e9\par\trowd\cellx100\cellx200 Item\cell Price\cell\row\pard end\par}"
HTML = "<html><body><h1>Offer</h1><p>Ten desks.</p><table><tr><td>Desk</td><td>10</td></tr></table></body></html>"
SAMPLES = ("contracts/services_agreement_en.pdf", "contracts/purchase_contract_zh.pdf", "contracts/nda_en_scan.tiff")


@pytest.fixture(scope="module")
def isolator() -> Iterator[Isolator]:
    with Isolator(SETTINGS.timeout_s, SETTINGS.memory_mb) as instance:
        yield instance


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Ten small documents of different kinds, by name."""
    folder = tmp_path_factory.mktemp("originals")
    samples = ROOT / "data" / "samples"
    made = {sample: (samples / sample).read_bytes() for sample in SAMPLES}
    document = docx.Document()
    document.add_heading("Offer")
    document.add_table(2, 2).cell(0, 0).text = "Item"
    document.save(str(folder / "offer.docx"))
    with xlsxwriter.Workbook(folder / "stock.xlsx") as book:
        book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})  # the same bytes each time
        book.add_worksheet("Stock").write_row(0, 0, ["Item", "Price", 5])
    Image.effect_noise((64, 48), 40).save(folder / "scan.png")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Bob <bob@example.org>", "ann@example.org", "Prüfung"
    mail.set_content("Dear Ann,\nsee below.\n")
    mail.add_attachment(b"Item,Price\nDesk,10\n", maintype="text", subtype="csv", filename="a.csv")
    (folder / "mail.eml").write_bytes(mail.as_bytes())
    (folder / "offer.html").write_text(HTML, "utf-8")
    (folder / "prices.csv").write_text("Item;Price\n" + "Desk;10,50\n" * 20, "utf-8")
    (folder / "note.rtf").write_bytes(RTF)
    return made | {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def truncated(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(max(1, round(len(data) * FLIPPED_SHARE))):
        changed[chance.randrange(len(data))] ^= chance.randrange(1, 256)
    return bytes(changed)


def outcome(path: Path, isolator: Isolator) -> str:
    """ "text" or why it could not be read; a crash is told as such."""
    document = Document(hashlib.sha256(path.read_bytes()).hexdigest(), str(path), "", path.stat().st_size)
    result = isolator.call(_sniff_and_read, document, path, SETTINGS)
    if isinstance(result, ReadResult):
        return "text"
    if isinstance(result, Failure):
        assert result.message, result
        return result.code
    return f"{result.kind}: {result.message}"


@pytest.mark.parametrize("damage", [truncated, flipped])
def test_damaged_files_end_as_text_or_a_known_failure(
    damage: Callable[[bytes, random.Random], bytes],
    originals: dict[str, bytes],
    isolator: Isolator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("qwen_batch.reading.isolate.isolator.MAX_CALLS_PER_CHILD", 1_000_000)
    child = isolator.call(os.getpid)
    assert len(originals) == 10
    counts: Counter[str] = Counter()
    for name, data in originals.items():
        path = tmp_path / Path(name).name
        for seed in range(SEEDS):
            path.write_bytes(damage(data, random.Random(f"{name} {seed}")))
            code = outcome(path, isolator)
            assert code in CODES | {"text"}, f"{name}, seed {seed}: {code}"
            counts[code] += 1
    assert counts.total() == SEEDS * len(originals)
    assert isolator.call(os.getpid) == child
    assert counts["text"] > SEEDS  # most kinds still have something to read


def test_undamaged_files_are_read(originals: dict[str, bytes], isolator: Isolator, tmp_path: Path) -> None:
    for name, data in originals.items():
        path = tmp_path / Path(name).name
        path.write_bytes(data)
        assert outcome(path, isolator) == "text", name


def test_odd_files_end_as_text_or_a_known_failure(shared_data: Path, isolator: Isolator) -> None:
    paths = [path for path in (shared_data / "robust").rglob("*") if path.suffix.lower() in {".pdf", ".fuzz"}]
    assert paths
    for path in paths:
        assert outcome(path, isolator) in CODES | {"text"}, path


def child_memory_kib() -> tuple[int, int]:
    """The child's process id and its resident memory in KiB."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    resident = next(line for line in lines if line.startswith("VmRSS"))
    return os.getpid(), int(resident.split()[1])


def test_memory_stays_flat_over_many_documents(
    originals: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qwen_batch.reading.isolate.isolator.MAX_CALLS_PER_CHILD", 1000)
    paths = [tmp_path / Path(name).name for name in originals]
    for path, data in zip(paths, originals.values(), strict=True):
        path.write_bytes(data)
    with Isolator(SETTINGS.timeout_s, SETTINGS.memory_mb) as isolator:
        taken = []
        for round_ in range(31):
            for path in paths:
                assert outcome(path, isolator) == "text"
            if round_ in {0, 30}:  # the first round imports what reading needs
                taken.append(isolator.call(child_memory_kib))
    before, after = taken
    assert not isinstance(before, Crash)
    assert not isinstance(after, Crash)
    assert before[0] == after[0]
    assert after[1] - before[1] < MAX_GROWTH_KIB
