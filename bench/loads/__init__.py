"""A practice under load, as it is deployed: Caddy, two replicas, a worker, PostgreSQL, Valkey."""
