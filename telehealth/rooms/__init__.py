"""Who may enter which session, and when; one-time tickets; the room page."""
