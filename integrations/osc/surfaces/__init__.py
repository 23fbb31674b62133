"""Ready surfaces for controllers, made from the table of addresses: `python -m integrations.osc.surfaces`."""
