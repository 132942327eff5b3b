"""What leaves this house by mail: whom it may reach, its words, its calendar file, and the way to the server."""
