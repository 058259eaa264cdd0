"""packages: what is installed, by its distributions."""

from qwen_batch.packages import check_package, package_versions


def test_package_is_found_by_any_of_its_distributions():
    assert check_package("pytest", ("no-such-thing", "pytest")).ok
    assert "make install" in check_package("vLLM", ("no-such-thing",)).remedy


def test_versions_are_those_of_what_is_installed():
    versions = package_versions(("no-such-thing", "pytest"))
    assert list(versions) == ["pytest"]
    assert versions["pytest"][0].isdigit()
