"""What every test shares: how Hypothesis looks for examples."""

from hypothesis import settings

# The same examples in every run: a red build is red for everybody, and again on the next try.
# No deadline, for a shared machine is slow at times and tests say nothing about speed. To search
# further: `pytest --hypothesis-profile=explore tests/properties`.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=200)
settings.register_profile("explore", deadline=None, max_examples=5000)
settings.load_profile("repeatable")

pytest_plugins = ["tests.support.s3server", "tests.support.clamd"]
