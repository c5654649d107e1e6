"""Texts: documents, tokens, windows, and chains counted from them."""
