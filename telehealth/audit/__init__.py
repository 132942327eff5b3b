"""The append-only record of who did what with whose records, and the proof that nobody rewrote it."""
