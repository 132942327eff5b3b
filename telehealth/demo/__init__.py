"""The demo: a believable clinic on one computer, with its people and its identity provider."""
