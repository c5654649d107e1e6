"""From stored records to fitted laws and judged claims: `analyse`.

plan + records -> `cells/run_table.py` (a row a measurement) -> `cells/reduce_runs.py` (a row a cell) -> `panels.py`
(what each fit sees) -> `panel_fits.py`, `panel_optima.py` -> `claims/judge.py` -> `Analysis`. Every stage is a function
of the one before; only `cells/table_columns.py` reads a file, that of a study which fits a table.
"""

from .analyse import analyse
from .cells.table_columns import study_table

__all__ = ["analyse", "study_table"]
