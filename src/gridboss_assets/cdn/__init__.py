"""The CloudFront distribution before the bucket: what it should be, and the way there."""
