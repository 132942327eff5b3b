"""Rotation of every kind of key while the service runs, is written to, and may be killed half-way."""
