"""Plain documents that every stage exchanges: standard library and pydantic only."""
