"""``gridboss-assets bucket audit``: every check of what a bucket and its application should be."""
