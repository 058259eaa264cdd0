"""packages: versions of what is installed, without importing it."""

from __future__ import annotations

import sys
from importlib.metadata import version

import pytest

from qwen_batch.packages import check_package, package_versions


def test_versions_are_of_what_is_installed_in_the_order_asked_for() -> None:
    found = package_versions(("pydantic", "no-such-package", "click"))
    assert list(found.items()) == [("pydantic", version("pydantic")), ("click", version("click"))]


def test_the_first_distribution_that_is_there_is_the_package() -> None:
    found = check_package("PDF", ("no-such-package", "pypdfium2", "pdfplumber"))
    assert (found.ok, found.detail, found.remedy) == (True, f"pypdfium2 {version('pypdfium2')}", "")


def test_what_is_not_installed_is_said_with_a_remedy() -> None:
    found = check_package("nothing", ("no-such-package",))
    assert (found.name, found.ok, found.detail) == ("nothing", False, "not installed")
    assert "pip install" in found.remedy


def test_looking_imports_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "xlrd", raising=False)
    assert package_versions(("xlrd",))
    assert "xlrd" not in sys.modules
