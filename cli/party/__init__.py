"""Get into a party, manage it, follow somebody."""
