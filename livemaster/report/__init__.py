"""What was heard and done, for people and machines: the track drawn, tables, rows of CSV and JSON lines."""
