"""old_office: what the programs of others give, and what is said where they are missing, fail or hang."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from docx import Document
from helpers.archives import written
from helpers.compound import compound
from helpers.read import failure_of, pages_of, texts

from qwen_batch.config import ReadSettings
from qwen_batch.reading.readers import old_office
from qwen_batch.reading.readers.old_office.programs import installed

needs_office = pytest.mark.skipif("soffice" not in installed("doc"), reason="LibreOffice Writer is not installed")


def doc(path: Path, flags: int = 0) -> Path:
    head = bytes(11) + bytes([flags]) + bytes(5000)
    return written(path, compound({"WordDocument": head}))


@pytest.fixture
def only_these(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that alone is looked into for programs, and a file that no test has read before."""
    folder = tmp_path / "these"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    old_office._kept.cache_clear()
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\nPATH={os.defpath}\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(("stream", "remedy"), [("WordDocument", "writer"), ("PowerPoint Document", "impress")])
def test_without_a_program_the_failure_names_the_remedy(
    tmp_path: Path, only_these: Path, stream: str, remedy: str
) -> None:
    assert only_these.is_dir()
    failure = failure_of(written(tmp_path / "a.doc", compound({stream: bytes(64)})))
    assert failure.code == "unsupported"
    assert f"libreoffice-{remedy}-nogui" in failure.message


def test_text_of_a_light_program_has_a_warning(tmp_path: Path, only_these: Path) -> None:
    program(only_these, "catdoc", "printf 'Rent  900\\fNext page'")
    first, second = pages_of(doc(tmp_path / "a.doc"))
    assert (texts(first), texts(second)) == (["Rent  900"], ["Next page"])
    assert "by catdoc" in second.warnings[0]


def test_the_next_program_is_tried_where_one_fails(tmp_path: Path, only_these: Path) -> None:
    program(only_these, "soffice", "exit 1")
    program(only_these, "antiword", "echo Words")
    assert texts(pages_of(doc(tmp_path / "a.doc"))[0]) == ["Words"]
    program(only_these, "antiword", "exit 1")
    old_office._kept.cache_clear()
    assert failure_of(doc(tmp_path / "b.doc")).code == "damaged"


def test_a_program_that_hangs_is_a_timeout_that_names_it(tmp_path: Path, only_these: Path) -> None:
    program(only_these, "antiword", "exec sleep 60")
    failure = failure_of(doc(tmp_path / "a.doc"), ReadSettings(timeout_s=0.5))
    assert failure.code == "timeout"
    assert "antiword" in failure.message


def test_what_the_office_makes_is_read_by_the_reader_of_its_kind(tmp_path: Path, only_these: Path) -> None:
    document = Document()
    document.add_heading("Lease", 1)
    document.save(str(tmp_path / "made.docx"))
    script = f'while [ "$1" != --outdir ]; do shift; done; cp "{tmp_path}/made.docx" "$2/packed.docx"'
    program(only_these, "soffice", script)
    assert texts(pages_of(doc(tmp_path / "a.doc"))[0]) == ["# Lease"]


def test_a_file_behind_a_password_is_encrypted_without_asking_a_program(tmp_path: Path, only_these: Path) -> None:
    program(only_these, "antiword", "echo wrong")
    assert failure_of(doc(tmp_path / "a.doc", flags=1)).code == "encrypted"


@needs_office
@pytest.mark.subprocess
def test_a_word_file_of_the_old_kind_by_the_real_office(tmp_path: Path) -> None:
    from subprocess import run

    document = Document()
    document.add_heading("Lease of a barn", 1)
    document.add_table(1, 2).rows[0].cells[1].text = "7.80"
    document.save(str(tmp_path / "a.docx"))
    office = shutil.which("soffice")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    run(
        [
            office,
            profile,
            "--headless",
            "--convert-to",
            "doc:MS Word 97",
            "--outdir",
            str(tmp_path),
            str(tmp_path / "a.docx"),
        ],
        check=True,
        capture_output=True,
    )
    said = texts(pages_of(tmp_path / "a.doc")[0])
    assert said[0] == "# Lease of a barn"
    assert "7.80" in said[1]


def test_a_header_of_zeros_is_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert failure_of(path).code == "unsupported"
