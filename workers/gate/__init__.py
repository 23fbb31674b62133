"""Lets paired machines see and use the bus of this one."""
