"""lean: a command that needs no pandas does not load it, and where it is needed it is there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.subprocess

CODE = """
import json, sys
from qwen_batch.cli.lean import arrow_without_pandas
arrow_without_pandas()
import pyarrow as pa
rows = pa.table({"a": pa.array([1, None, 3]), "b": pa.array(["x", "y", None])})
loaded = "pandas" in sys.modules
frame = rows.to_pandas()
again = pa.Table.from_pandas(frame, preserve_index=False)
print(json.dumps([loaded, frame.shape, again.column_names, again["b"].to_pylist()]))
"""


def test_a_list_given_to_arrow_loaded_pandas() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(done.stdout) == [False, [3, 2], ["a", "b"], ["x", "y", None]]
