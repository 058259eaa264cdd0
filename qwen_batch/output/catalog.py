"""Who is told of a publication. A catalog is a module in `catalogs/` that exports `CATALOG: Catalog`.

A catalog is no file format: it says which files make up a table, whatever stands in them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qwen_batch.output.manifest import Publication
from qwen_batch.plugins import PluginKind
from qwen_batch.storage.places import Store


@dataclass(frozen=True, slots=True)
class Catalog:
    """A way of saying that a run's files belong to its tables.

    `publish` is called when a publication is decided and its files lie where readers look: `manifest.tables` of the
    publication has them. It may be called again, by the run that mends a crash, and then changes nothing that stands
    already. When it has returned, the run counts: its manifest lies at `layout.run_path`, written last.
    """

    name: str
    publish: Callable[[Store, Publication], None]


CATALOGS: PluginKind[Catalog] = PluginKind("qwen_batch.output.catalogs", "CATALOG", "sink.catalog")
