"""Use case: a long film in, captioned shorts out."""
