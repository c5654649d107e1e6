"""From stored records to fitted laws and judged claims: `analyse`.

plan + records -> `table.py` (a row a measurement) -> `cells.py` (a row a cell) -> `panels.py` (what each fit sees) ->
`fit.py`, `optima.py` -> `claims.py` -> `Analysis`. Every stage is a function of the one before; nothing here reads a
file.
"""

from .analyse import analyse

__all__ = ["analyse"]
