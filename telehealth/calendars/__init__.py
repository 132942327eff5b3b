"""A therapist's other calendars: busy times from elsewhere, and their own times for other programs."""
