"""Files that people bring: each kind has one reader, which checking a study, planning, running and fitting share.

Plain Python, so that checking needs no numerical library; what needs one (parquet, spreadsheets, GraphML) imports it
where such a file is met.
"""
