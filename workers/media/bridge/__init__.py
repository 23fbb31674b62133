"""When the mix of the party's bridge is heard."""
