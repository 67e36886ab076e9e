"""Language models behind HTTP APIs, and what they cost."""
