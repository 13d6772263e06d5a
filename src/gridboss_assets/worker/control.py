"""What a worker process and its supervisor say to each other: one byte each."""

READY = b"r"
"""The process takes jobs."""

STOP = b"s"
"""The process has to end in order; a connection that was closed counts as the same."""

NOW = b"n"
"""The process has to end at once."""
