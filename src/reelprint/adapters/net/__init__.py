"""Outgoing HTTP that reaches public addresses only, and the signing of webhooks."""
