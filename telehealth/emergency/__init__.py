"""Emergency access: two people, a reason, two hours, announced to the client."""
