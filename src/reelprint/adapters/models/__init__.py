"""Trained models behind the ports that the analyzers define."""
