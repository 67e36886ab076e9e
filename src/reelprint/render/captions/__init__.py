"""Captions as libass draws them, and as files."""
