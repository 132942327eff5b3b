"""Hold, book, cancel and attend: the life of an appointment."""
