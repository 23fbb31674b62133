"""Push connections and what goes wrong with them."""
