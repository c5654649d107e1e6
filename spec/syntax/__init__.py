"""Text to tree and back: scanner, grammar, parser, syntax tree, printer."""
