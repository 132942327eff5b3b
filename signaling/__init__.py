"""WebRTC signaling: rooms in which browsers find each other. Imports nothing of telehealth; PROTOCOL.md is the wire."""
