"""Everything that runs: sources, models, packs, executors, store, laws, report, command line. Imports nothing heavy itself."""

from __future__ import annotations
