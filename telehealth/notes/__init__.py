"""A therapist's private notes about sessions: theirs alone."""
