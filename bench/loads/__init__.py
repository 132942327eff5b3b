"""A practice under load, as it is deployed but for the front door: two replicas, a worker, PostgreSQL, Valkey."""
