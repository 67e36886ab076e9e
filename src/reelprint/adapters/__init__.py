"""The outside world behind ports: media files, processes, models, storage."""
