"""What a study found, as data: `fits.json` and the arrays beside it; laws as formulas; claims judged from these alone.

analysis -> `fits_file.py` (the file as a value) -> `store_findings.py` (written, read) -> `judge_findings.py` (verdicts
again). `in_words.py` writes the lines that a terminal shows.
"""
