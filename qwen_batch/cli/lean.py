"""What a command does without, so that it starts sooner."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec


class _NoPandas(MetaPathFinder):
    """Says for a moment that it is not installed. None in `sys.modules` would be taken for it by compiled code."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname, name=fullname)
        return None


def arrow_without_pandas() -> None:
    """Lets pyarrow take lists for what they are: it loads pandas to ask whether they are a Series, 0.3 s of a command.

    pyarrow asks once a process and then knows that there is no pandas; `to_pandas` still finds it. For a process that
    hands pyarrow nothing of pandas' own: a command, and no notebook.
    """
    import pyarrow as pa

    hidden = _NoPandas()
    sys.meta_path.insert(0, hidden)
    try:
        pa.array([None])
    finally:
        sys.meta_path.remove(hidden)
