"""Measurements: frames and samples in, numbers out. No I/O; models are handed in as ports."""
