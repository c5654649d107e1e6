"""Tables: csv in its dialects, JSON in its shapes, parquet, workbooks, exports of trackers of runs."""

#: How the names of tables end; other files are texts.
ENDINGS = ("csv", "tsv", "jsonl", "json", "parquet", "ndjson", "xlsx")
