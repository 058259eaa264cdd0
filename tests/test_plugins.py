"""plugins: file names are plugin names, and an unknown one says what there is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qwen_batch.engine.engine import ENGINES
from qwen_batch.engine.kinds import null
from qwen_batch.errors import ConfigError
from qwen_batch.plugins import load_plugin, plugin_names
from qwen_batch.reading.parts.reader import Reader


def test_names_are_the_files_without_helpers() -> None:
    names = plugin_names("qwen_batch.reading.readers")
    assert {"pdf", "image", "text"} <= set(names)
    assert not any(name.startswith("_") for name in names)


@pytest.mark.parametrize("name", plugin_names("qwen_batch.reading.readers"))
def test_every_reader_keeps_the_contract(name: str) -> None:
    reader = load_plugin("qwen_batch.reading.readers", name, "READER")
    assert isinstance(reader, Reader)
    assert reader.name == name
    assert reader.mimes


def test_unknown_name_names_the_known_ones() -> None:
    known = ", ".join(plugin_names("qwen_batch.reading.readers"))
    with pytest.raises(ConfigError, match=f"known: {known}"):
        load_plugin("qwen_batch.reading.readers", "docs", "READER")


def test_missing_constant_names_the_file() -> None:
    with pytest.raises(ConfigError, match=r"pdf/__init__\.py has no ENGINE"):
        load_plugin("qwen_batch.reading.readers", "pdf", "ENGINE")


def test_another_distribution_adds_a_member_by_an_entry_point(outside_plugin: Callable[[str, str, str], None]) -> None:
    before = {
        package: set(plugin_names(package)) for package in ("qwen_batch.engine.kinds", "qwen_batch.output.formats")
    }
    outside_plugin("qwen_batch.engine.kinds", "own", "ENGINE = 'its engine'")
    assert set(plugin_names("qwen_batch.engine.kinds")) == before["qwen_batch.engine.kinds"] | {"own"}
    assert load_plugin("qwen_batch.engine.kinds", "own", "ENGINE") == "its engine"
    assert set(plugin_names("qwen_batch.output.formats")) == before["qwen_batch.output.formats"]


def test_a_name_of_our_own_is_ours(outside_plugin: Callable[[str, str, str], None]) -> None:
    outside_plugin("qwen_batch.engine.kinds", "null", "ENGINE = 'another'")
    assert load_plugin("qwen_batch.engine.kinds", "null", "ENGINE") is null.ENGINE


def test_an_unknown_name_says_which_setting_has_it() -> None:
    with pytest.raises(ConfigError, match=f"engine.kind: there is no 'vlm'; known: {', '.join(ENGINES.names())}"):
        ENGINES.load("vlm")
