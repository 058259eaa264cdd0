"""corpus: what is made says what is looked for, and the judge sees what is wrong."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from helpers.read import all_text

from benchmarks.reading.corpus import hostile, made, outcomes
from qwen_batch.reading.readers.pdf.pdfium import opened

OF_ONE_DOCUMENT = sorted(set(made.MAKERS) - {"scan.pdf", "png", "jpg", "tif", "webp", "gif", "bmp", "mbox"})
PACKED = {"zip", "tar", "gz", "bz2", "xz"}


@pytest.mark.parametrize("suffix", [one for one in OF_ONE_DOCUMENT if one.rsplit(".")[-1] not in PACKED])
def test_a_made_file_says_what_is_looked_for(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"good.{suffix}"
    path.write_bytes(made.MAKERS[suffix](0))
    assert outcomes._says(all_text(path))


def test_a_scan_of_the_corpus_has_no_text_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(made.MAKERS["scan.pdf"](0))
    with opened(path) as document:
        assert len(document) == 1
        assert not document[0].get_textpage().get_text_range()


@pytest.mark.parametrize(
    ("code", "message", "bare"),
    [
        ("damaged", "it ends too early: copy it again", False),
        ("damaged", "it ends too early", True),
        ("internal", "report it", True),
        ("nonsense", "save it anew", True),
    ],
)
def test_a_failure_needs_a_known_code_and_a_remedy(code: str, message: str, bare: bool) -> None:
    assert outcomes._bare(code, message) is bare


def test_archives_with_tricks_hold_them(tmp_path: Path) -> None:
    tricks = hostile._tricks(tmp_path)
    helper = hostile.test_helper("archives")
    names = zipfile.ZipFile(io.BytesIO(hostile._tricky_zip(helper["zip_bytes"], tricks, tmp_path))).namelist()
    assert {*tricks, "link", hostile.GOOD_MEMBER} <= {*names}
    packed = helper["tar_bytes"](tricks, "w:gz", hostile._links(tmp_path))
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert sum(one.issym() or one.islnk() for one in archive) == 3
