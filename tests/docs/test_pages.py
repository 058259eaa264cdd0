"""The pages: short enough to be read, and nothing in them leads nowhere: links, options, settings, modules."""

from __future__ import annotations

import re
import shlex
import tomllib
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from helpers.pages import GENERATED, Block, Page, page, page_names, text_to_page
from helpers.places import ROOT

from qwen_batch.cli import group
from qwen_batch.config import Config, Section

PAGES = page_names()
WRITTEN = [name for name in PAGES if Path(name).name not in GENERATED]
NEW_FILE = "x"
"""In a path, the name of the file that a reader adds."""
MADE_FILE = "jobs/invoice.py"
"""What the README has its reader write."""
COLUMN = "confidence.record"
"""A column that is spelt like a setting."""
REASON_WORDS = 3
SENTENCE_WORDS = 8
"""A shorter piece may well stand on two pages."""
SETTING = re.compile(
    r"\b((?:read|ocr|clean|cache|engine|long|confidence|sink|resources)\.[a-z_]+(?:\.[a-z_]+)*)(?![\w./(*])"
)


def test_the_readme_is_read_by_someone_in_a_hurry() -> None:
    readme = page("README.md")
    assert len(readme.text.splitlines()) <= 150
    assert len(readme.text) <= 9000


def test_the_changelog_is_no_diary() -> None:
    assert len(page("CHANGELOG.md").text.splitlines()) <= 40


def test_the_measurements_are_those_of_this_version_on_a_page_of_tables() -> None:
    assert len(page("docs/benchmarks.md").text.splitlines()) <= 200


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_a_file_and_a_heading(name: str) -> None:
    found = page(name)
    for link in found.links:
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = (found.path.parent / file).resolve() if file else found.path
        assert target.exists(), f"{name}: {link} leads to no file"
        if anchor:
            there = page(str(target.relative_to(ROOT))).anchors
            assert anchor in there, f"{name}: {link} leads to no heading; there are {sorted(there)}"


def test_the_readme_links_to_every_page() -> None:
    linked = {link.partition("#")[0] for link in page("README.md").links}
    assert {name for name in PAGES if name != "README.md"} <= linked


def test_no_page_repeats_another() -> None:
    said: dict[str, str] = {}
    for name in WRITTEN:
        for sentence in {part.strip() for part in re.split(r"(?<=[.:])\s|\||\n\s*\n", page(name).prose)}:
            if len(sentence.split()) >= SENTENCE_WORDS:
                assert said.setdefault(sentence, name) == name, f"{name} and {said[sentence]} say: {sentence}"


@pytest.mark.parametrize("name", WRITTEN)
def test_code_stands_in_fences_with_a_language(name: str) -> None:
    found = page(name)
    assert not found.open_fence
    assert [block.place for block in found.blocks if not block.language] == []
    assert not re.search(r"\n\n {4}\S", found.prose), "an indented block would not be run: put it in a fence"


@pytest.mark.parametrize("name", WRITTEN)
def test_a_block_that_is_not_run_says_why(name: str) -> None:
    for block in page(name).blocks:
        if block.not_run is not None:
            print(f"not run: {block.place}: {block.not_run}")  # noqa: T201  who runs pytest with -s sees the list
            assert len(block.not_run.split()) >= REASON_WORDS, f"{block.place}: {block.not_run!r} is no reason"


def command_lines(found: Page) -> list[str]:
    """Every line that calls a program: in fences, whole; between backticks, as far as it is given."""
    fenced = [line for block in found.blocks if block.language == "bash" for line in lines_of(block)]
    return [*fenced, *(code for code in found.inline if code.startswith(("qwen-batch ", "python -m ")))]


def lines_of(block: Block) -> list[str]:
    return [line.strip() for line in block.text.replace("\\\n", " ").splitlines()]


def command_of(words: list[str]) -> click.Command:
    """The command that the words name. Raises KeyError for one that there is not."""
    command = group.commands[words[0]]
    return command.commands[words[1]] if isinstance(command, click.Group) else command


@pytest.mark.parametrize("name", WRITTEN)
def test_every_command_and_option_exists(name: str) -> None:
    for line in command_lines(page(name)):
        words = shlex.split(line, comments=True)
        if words[:1] == ["qwen-batch"]:
            parameters = command_of(words[1:]).params
            known = {option for parameter in parameters for option in (*parameter.opts, *parameter.secondary_opts)}
            assert {word for word in words if word.startswith("--")} <= known, line
        elif words[:2] == ["python", "-m"]:
            assert find_spec(words[2]), line


def setting_keys(section: Section | Config, prefix: str = "") -> set[str]:
    keys = set()
    for name, field in type(section).model_fields.items():
        keys.add(f"{prefix}{name}")
        if isinstance(field.default, Section):
            keys |= setting_keys(field.default, f"{prefix}{name}.")
    return keys


@pytest.mark.parametrize("name", WRITTEN)
def test_every_setting_exists(name: str) -> None:
    found = page(name)
    codes = [*found.inline, *(line for block in found.blocks if block.language == "bash" for line in lines_of(block))]
    named = {key for code in codes for key in SETTING.findall(code) if not key.endswith(".py")}
    keys = setting_keys(Config())
    assert named <= keys | {COLUMN}


@pytest.mark.parametrize("name", WRITTEN)
def test_every_file_of_the_code_exists(name: str) -> None:
    for code in page(name).inline:
        if not re.fullmatch(
            r"(qwen_batch|benchmarks|tests|data|deploy|jobs|docs|engine|run|output)/[\w/]+(\.py)?", code
        ):
            continue
        path = Path(code)
        if path.stem == NEW_FILE:
            path = path.parent
        places = [root / path for root in (ROOT, ROOT / "qwen_batch")]
        places += [place.with_suffix(".py") for place in places]
        assert code == MADE_FILE or any(place.exists() for place in places), f"{name}: there is no {code}"


def test_the_contract_of_the_page_is_the_one_that_is_checked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    blocks = [block.text.splitlines() for block in page("docs/architecture.md").blocks]
    assert layers in blocks


def test_the_tree_of_the_page_is_the_tree() -> None:
    (tree,) = (block for block in page("docs/architecture.md").blocks if block.text.startswith("qwen_batch/\n"))
    package = ROOT / "qwen_batch"
    root, *lines = tree.text.splitlines()[1:]
    assert set(root.split("   ")[0].split()) == {path.stem for path in package.glob("*.py")} - {"__init__"}
    named = {line.split("/")[0].strip() for line in lines if re.match(r"  \w+/ ", line)}
    assert named == {path.parent.name for path in package.glob("*/__init__.py")}
    home = package
    for line in lines:
        if top := re.match(r"  (\w+)/ ", line):
            home = package / top[1]
        for folder in re.findall(r"(?<=\s)([\w/]+)/(?=[\s,;])", line.removeprefix(f"  {home.name}/")):
            assert (home / folder).is_dir(), f"{home.name}: there is no folder {folder}"


def test_a_page_is_taken_apart_as_it_is_meant() -> None:
    text = "# A b: C!\n<!-- not run: needs a GPU -->\n```bash\nx `y` [z](z)\n```\n[l](a.md#b) `c d`\n```\nopen\n"
    found = text_to_page(Path("p.md"), "p.md", text)
    assert found.blocks == (Block("p.md", 3, "bash", "x `y` [z](z)\n", "needs a GPU"),)
    assert (found.links, found.inline, found.anchors, found.open_fence) == (["a.md#b"], ["c d"], {"a-b-c"}, True)


def test_each_threat_has_a_test_that_there_is() -> None:
    tests = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))
    }
    named = set(re.findall(r"`(test_\w+)`", page("docs/security.md").text))
    assert len(named) > 10
    assert named <= tests
