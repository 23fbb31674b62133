"""Probes of the network. Which other machines they contact is said in `partyline doctor --help`."""
