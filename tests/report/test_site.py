from __future__ import annotations

from pathlib import Path

import pytest
from helpers.reported import answer_letters

from qwen_batch.cli import exit_code_of
from qwen_batch.errors import UsageError
from qwen_batch.output.layout import OUTPUT_NAMES
from qwen_batch.reading.listing import inputs_to_listing
from qwen_batch.report.pictures import Budget
from qwen_batch.report.site import FILES, Request, make_report, report_place

pytestmark = pytest.mark.xdist_group("report")


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return answer_letters(tmp_path_factory.mktemp("site") / "all")


def pictures(folder: Path) -> list[int]:
    return sorted(file.stat().st_size for file in (folder / "p").glob("*.webp"))


@pytest.mark.subprocess
def test_a_report_is_one_folder_that_appears_whole(output: Path) -> None:
    made = make_report(Request(str(output)))
    folder = made.first_page.parent
    assert folder == output / "_report"
    assert {path.name for path in output.glob("_report*")} == {"_report"}
    assert all((folder / name).is_file() for name in FILES)
    assert made.size_bytes == sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert (made.documents, made.notes) == (14, 0)
    assert len(pictures(folder)) == 4, "cited pages alone"
    assert (folder / "index.html").read_text().count("empty_file") == 2


@pytest.mark.subprocess
def test_a_small_budget_leaves_thumbnails_and_says_so(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_report(Request(str(output), tmp_path / "whole")).first_page.parent
    monkeypatch.setattr(Budget, "wants_whole", False)
    small = make_report(Request(str(output), tmp_path / "small")).first_page.parent
    assert sum(pictures(small)) < sum(pictures(whole))
    assert sum("a thumbnail" in page.read_text() for page in (small / "d").glob("*.html")) == 3


@pytest.mark.subprocess
def test_without_room_for_pictures_the_text_is_shown(output: Path, tmp_path: Path) -> None:
    folder = make_report(Request(str(output), tmp_path / "bare", max_mb=0.1)).first_page.parent
    assert pictures(folder) == []
    (brook,) = [page.read_text() for page in (folder / "d").glob("*.html") if "brook.pdf</bdi>" in page.read_text()]
    assert ">USD 1,250.00</mark>" in brook


@pytest.mark.subprocess
def test_the_command_says_where_the_report_is(output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["report", str(output), "--sample", "2", "--to", str(tmp_path / "r"), "--job", "letter"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("2 documents, ")
    assert said.strip().endswith(str(tmp_path / "r" / "index.html"))


@pytest.mark.subprocess
def test_a_report_among_documents_is_none(output: Path) -> None:
    make_report(Request(str(output), sample=1))
    found = inputs_to_listing([str(output.parent)], names=OUTPUT_NAMES)
    assert [source.uri for source in found.sources if "_report" in source.uri] == []


def test_a_folder_of_something_else_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(UsageError, match="mine: it is there and is no report"):
        report_place(Request("out", tmp_path / "mine"))
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_a_report_of_s3_wants_a_place_on_disk() -> None:
    with pytest.raises(UsageError, match="opens from a disk") as error:
        report_place(Request("s3://bucket/out"))
    assert "--to" in error.value.remedy
