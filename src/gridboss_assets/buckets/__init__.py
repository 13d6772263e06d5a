"""Set up a bucket and its IAM, audit them, and prove that it is so. Start at `desired.py`."""
