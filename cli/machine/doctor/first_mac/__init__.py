"""`partyline doctor --first-mac`: measures by itself what could not be known without a Mac (notes/first-mac-hour.md).

Not run on a Mac yet. It also runs on Linux, as a rehearsal.
"""
