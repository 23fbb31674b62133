"""Open Sound Control: controllers such as TouchOSC move the faders of the mix and show its state.

notes/integrations/osc.md is for its users.
"""
