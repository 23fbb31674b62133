"""Streamer.bot: what happens in the party becomes its triggers and actions. Built from docs.streamer.bot."""
