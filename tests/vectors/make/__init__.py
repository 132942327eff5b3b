"""A second implementation of the formats in security.md, written from the text alone; it makes the vector files.

It imports nothing of the service, so that a vector cannot share a mistake with what it tests.
"""
