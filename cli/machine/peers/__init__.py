"""Machines that are paired with this one: `partyline pair`, `peers`, `unpair`."""
