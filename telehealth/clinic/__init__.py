"""What the clinic offers and who offers it: services and the therapists' public profiles."""
