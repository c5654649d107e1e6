"""How a mistake is kept, found words for, and shown: diagnostics, their documentation, fixes and output formats."""
