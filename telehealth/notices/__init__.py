"""What a person is told: on their pages, and later by mail."""
