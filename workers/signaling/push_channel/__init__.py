"""The push channel: one WebSocket at a time, opened again when it ends."""
