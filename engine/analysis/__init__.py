"""From stored records to fitted laws and judged claims: `analyse`.

plan + records -> `table.py` (a row a measurement) -> `cells.py` (a row a cell) -> `panels.py` (what each fit sees) ->
`fit.py`, `optima.py` -> `claims.py` -> `Analysis`. Every stage is a function of the one before; only
`reading.py` reads a file, that of a study which fits a table.
"""

from .analyse import analyse
from .reading import study_table

__all__ = ["analyse", "study_table"]
