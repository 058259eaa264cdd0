"""Where things are, for tests in folders of any depth."""

from __future__ import annotations

from pathlib import Path

ROOT = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").is_file())
SHARED_DATA = ROOT.parent / "shared" / "data"
"""Documents of others, which are not part of the repository: tests that read them skip where they are missing."""
