"""Models: which there are (catalog), how they come from the hub (fetch), and that they are what the index says."""

from __future__ import annotations

from debate_worker.models.catalog import ModelCatalog

# `fetch` stays out: it imports the hub's client, which no step needs.
__all__ = ["ModelCatalog"]
