"""Transport to the party's bridge (notes/voice.md)."""
