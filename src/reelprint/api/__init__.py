"""The HTTP API. Light: no film library is imported here."""
