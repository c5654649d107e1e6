"""How large a study may be before it is refused."""

from __future__ import annotations

#: A study of more runs than this is refused unless asked for.
MAX_RUNS = 100_000
#: More points than this on one axis are refused before they are listed.
MOST_POINTS = 100_000
