"""extract: documents and pages as tables that fit together, resumed like any run, and as Markdown files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pytest
from helpers.runs import extract, extract_serially

from qwen_batch.config import Config
from qwen_batch.config_file import load_config
from qwen_batch.outcomes import DocumentOutcome
from qwen_batch.output.markdown import write_markdown
from qwen_batch.reading.extract import ExtractSpec
from qwen_batch.run.document.work import Work
from qwen_batch.run.stopping import Stop
from qwen_batch.storage.places import open_store

pytestmark = pytest.mark.subprocess


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "below").mkdir(parents=True)
    (folder / "two.txt").write_text("The first page ends.\fThe second page is longer. It ends too.")
    (folder / "below" / "two.txt").write_text("Another of that name.")
    (folder / "empty.txt").write_text("")
    return folder


def query(sql: str) -> list[tuple[object, ...]]:
    return duckdb.sql(sql).fetchall()


def test_documents_and_pages_fit_together_and_failures_lie_beside_them(
    folder: Path, tmp_path: Path, null_config: Config
) -> None:
    out = tmp_path / "out"
    summary = extract(folder, out, null_config)
    assert summary.rows == {"documents": 2, "pages": 3, "failures": 1}
    documents = query(
        f"select parse_filename(source_uri), pages, language, text from '{out}/documents/run=*/*.parquet'"
    )
    assert sorted(documents) == [
        ("two.txt", 1, "en", "Another of that name."),
        ("two.txt", 2, "en", "The first page ends.\n\nThe second page is longer. It ends too."),
    ]
    pages = query(
        f"select page, p.text, raw_text, ocr, ocr_reason from '{out}/pages/run=*/*.parquet' p "
        f"join '{out}/documents/run=*/*.parquet' d using (doc_id, source_uri) where d.pages = 2 order by page"
    )
    assert pages == [
        (1, "The first page ends.", "The first page ends.", False, None),
        (2, "The second page is longer. It ends too.", "The second page is longer. It ends too.", False, None),
    ]
    assert query(f"select parse_filename(source_uri), job, code from '{out}/failures/run=*/*.parquet'") == [
        ("empty.txt", "extract", "empty_file")
    ]
    (manifest,) = (out / "_runs").iterdir()
    assert json.loads(manifest.read_text())["rows"] == summary.rows


def test_the_same_command_again_reads_nothing_and_other_settings_read_all(
    folder: Path, tmp_path: Path, null_config: Config
) -> None:
    out = tmp_path / "out"
    extract(folder, out, null_config)
    again = extract(folder, out, null_config)
    assert (again.done_before, again.failed_before, again.counts.documents) == (2, 1, 0)
    other = extract(folder, out, load_config(None, ("clean.headers=false",)))
    assert other.rows["documents"] == 2


def test_an_interrupted_extraction_loses_and_repeats_no_page(folder: Path, tmp_path: Path, null_config: Config) -> None:
    out = tmp_path / "out"

    def interrupted(works: Sequence[Work], spec: ExtractSpec, stop: Stop) -> Iterator[DocumentOutcome]:
        yield from list(extract_serially(works, spec, stop))[:1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract(folder, out, null_config, interrupted)
    extract(folder, out, null_config)
    assert query(f"select count(*), count(distinct (source_uri, page)) from '{out}/pages/run=*/*.parquet'") == [(3, 3)]
    assert query(f"select count(*) from '{out}/documents/run=*/*.parquet'") == [(2,)]


@pytest.mark.parametrize("file_format", ["parquet", "jsonl"])
def test_markdown_has_a_file_for_every_document_also_of_runs_before(
    folder: Path, tmp_path: Path, file_format: str
) -> None:
    out = tmp_path / "out"
    config = load_config(None, (f"sink.format={file_format}",))
    extract(folder, out, config)
    (folder / "new.txt").write_text("新合同由甲方与乙方签订。")
    extract(folder, out, config)
    assert write_markdown(open_store(str(out))) == 3
    texts = {file.name.rsplit(".", 2)[0]: file.read_text() for file in (out / "markdown").glob("*.md")}
    assert texts["new.txt"] == "新合同由甲方与乙方签订。\n"
    assert len(list((out / "markdown").glob("two.txt.*.md"))) == 2
    written = {file: file.stat().st_mtime_ns for file in (out / "markdown").iterdir()}
    assert write_markdown(open_store(str(out))) == 3
    assert {file: file.stat().st_mtime_ns for file in (out / "markdown").iterdir()} == written
