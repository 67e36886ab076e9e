"""Transcript and Analysis -> ranked moments with explained scores, titles and texts. No I/O."""
