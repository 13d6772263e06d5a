"""What every test shares: how Hypothesis looks for examples, and Ctrl-C."""

import signal

from hypothesis import settings

# The same examples in every run: a red build is red for everybody, and again on the next try.
# No deadline, for a shared machine is slow at times and tests say nothing about speed. To search
# further: `pytest --hypothesis-profile=explore tests/properties`.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=200)
settings.register_profile("explore", deadline=None, max_examples=5000)
settings.load_profile("repeatable")

pytest_plugins = [
    "tests.support.quick_botocore",
    "tests.support.s3server",
    "tests.support.clamd",
    "tests.support.cephserver",
    "tests.support.redisserver",
    "tests.support.workers",
]

# What a script runs in the background ignores SIGINT, and so would every program that the tests
# start and interrupt (POSIX, Shell Command Language §2.12).
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
