"""From the state to the messages that each controller is sent."""
