"""A published output as pages that open from disk: overview, documents with their evidence, columns, review.

Reads outputs through `output`, page text and pictures through `reading`. Writes nothing into any table.
"""
