"""A therapist's own hours: weekly periods, days that differ, breaks, and what a change would do to appointments."""
