"""Tables: csv in its dialects, JSON in its shapes, parquet, workbooks, exports of trackers of runs."""
