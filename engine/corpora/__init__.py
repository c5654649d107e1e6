"""Public texts, fetched by the clients of their packages."""
