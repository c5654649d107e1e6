"""Rules about studies of a table: its columns and rows are what they are taken for, and hold what is fit of them."""
