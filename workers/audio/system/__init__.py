"""The machine's sound system and native libraries."""
