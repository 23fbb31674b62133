"""The gate of the bridge's mix."""
