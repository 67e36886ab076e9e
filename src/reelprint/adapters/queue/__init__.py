"""Procrastinate: who is told that there is something to do."""
