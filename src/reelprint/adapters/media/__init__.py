"""Reading and writing films: probe, decode, processes, pictures."""
