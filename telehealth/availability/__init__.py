"""When somebody is open: hours and exceptions in a therapist's own zone, less what is taken."""
