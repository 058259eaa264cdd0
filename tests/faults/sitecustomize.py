"""Applies faults to modules of the package as they are imported, in every process that has this folder on PYTHONPATH.

QWEN_BATCH_FAULTS names them, with commas between: files of this folder that have the name of a MODULE and a function
`apply(module)`, which is called when that module has been loaded.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder

FAULTS = defaultdict(list)
for fault in map(import_module, filter(None, os.environ.get("QWEN_BATCH_FAULTS", "").split(","))):
    FAULTS[fault.MODULE].append(fault)


class FaultyFinder(MetaPathFinder):
    def find_spec(self, name, path=None, target=None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name in FAULTS else None
        if spec is None:
            return None
        load = spec.loader.exec_module

        def exec_module(module) -> None:
            load(module)
            for one in FAULTS[name]:
                one.apply(module)

        spec.loader.exec_module = exec_module
        return spec


if FAULTS:
    sys.meta_path.insert(0, FaultyFinder())
