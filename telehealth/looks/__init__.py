"""Who looked: the record as the person whom it concerns reads it, and as the administrator does."""
