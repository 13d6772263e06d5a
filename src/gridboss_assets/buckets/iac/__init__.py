"""The desired state of a bucket as files for Terraform and CloudFormation: pure functions."""
