"""Worker processes: each takes jobs from the queue and runs every attempt in a child process of its own."""
