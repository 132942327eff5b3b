"""Backups: made in one state of the database, sealed for whoever may restore them, and tried out."""
