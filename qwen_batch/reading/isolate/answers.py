"""What comes back from the child is data: a pickle that may name only plain types and our own records.

The child reads hostile documents. Whoever took it over could send a pickle that runs code here.
"""

from __future__ import annotations

import builtins
import io
import pickle
from dataclasses import is_dataclass
from enum import Enum
from typing import Any

PLAIN = {
    "builtins": frozenset({"set", "frozenset", "complex", "bytearray", "range", "slice", "object"}),
    "collections": frozenset({"Counter", "OrderedDict", "deque"}),
    "copyreg": frozenset({"_reconstructor"}),
    "datetime": frozenset({"date", "datetime", "time", "timedelta", "timezone"}),
    "decimal": frozenset({"Decimal"}),
    "pathlib": frozenset({"Path", "PosixPath", "PurePath", "PurePosixPath"}),
    "numpy": frozenset({"ndarray", "dtype"}),
    "numpy._core.multiarray": frozenset({"_reconstruct", "scalar"}),
    "numpy._core.numeric": frozenset({"_frombuffer"}),
}
PACKAGE = "qwen_batch."


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name in PLAIN.get(module, ()):
            return super().find_class(module, name)
        if module == "builtins" and _is_error(getattr(builtins, name, None)):
            return getattr(builtins, name)
        if module.startswith(PACKAGE):
            found = super().find_class(module, name)
            if isinstance(found, type) and (is_dataclass(found) or issubclass(found, (BaseException, Enum, tuple))):
                return found
        raise pickle.UnpicklingError(f"the answer names {module}.{name}, which is no data")


def _is_error(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, Exception)


def data_of(answer: bytes) -> Any:
    """An answer. Raises pickle.UnpicklingError for one that is more than data."""
    return _Unpickler(io.BytesIO(answer)).load()
