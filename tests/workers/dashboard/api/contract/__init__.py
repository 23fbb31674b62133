"""The contract tried against a real dashboard worker: everything that its schema allows and forbids."""
