"""Reelprint: measures how a film was edited and edits your footage the same way."""

__version__ = "0.1.0"
