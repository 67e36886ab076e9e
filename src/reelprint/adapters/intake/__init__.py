"""Receiving uploads: bytes to a scratch file, inspected in a process of their own, then moved into storage."""
