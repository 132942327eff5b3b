"""The telehealth service: book, prepare and meet one's therapist in private."""
