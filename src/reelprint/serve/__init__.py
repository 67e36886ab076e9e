"""``reelprint serve``: PostgreSQL, API and workers as children that are kept alive and ended in time."""
