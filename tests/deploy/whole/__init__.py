"""The whole of docker-compose.yml on a real engine, by hand: `make test-deploy`. No part of `make test`."""
