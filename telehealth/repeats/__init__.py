"""One answer for one request: what a repeated Idempotency-Key gets."""
