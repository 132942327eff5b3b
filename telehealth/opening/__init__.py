"""The public pages: what this is, and who is here."""
