"""Where export jobs run: the broker, its actors, and the processes that are kept alive."""
