"""A law fitted to a table: read, columns named, filtered, fitted."""
