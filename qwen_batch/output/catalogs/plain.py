"""No catalog but the folder itself: a run counts when its manifest is there."""

from __future__ import annotations

from qwen_batch.output.catalog import Catalog
from qwen_batch.output.layout import run_path
from qwen_batch.output.manifest import Publication
from qwen_batch.storage.places import Store


def publish(store: Store, publication: Publication) -> None:
    """Writes the run manifest, the same again if it is there."""
    store.put(run_path(publication.run_id), publication.manifest.write)


CATALOG: Catalog = Catalog(name="plain", publish=publish)
