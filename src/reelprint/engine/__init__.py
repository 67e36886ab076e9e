"""Use cases in terms of ports: extract a style, restyle footage."""
