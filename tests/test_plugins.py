"""plugins: file names are plugin names, and an unknown one says what there is."""

from __future__ import annotations

import pytest

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
    with pytest.raises(ConfigError, match=r"known: delimited, docx, .*image, pdf, .*text"):
        load_plugin("qwen_batch.reading.readers", "docs", "READER")


def test_missing_constant_names_the_file() -> None:
    with pytest.raises(ConfigError, match=r"pdf/__init__\.py has no ENGINE"):
        load_plugin("qwen_batch.reading.readers", "pdf", "ENGINE")
