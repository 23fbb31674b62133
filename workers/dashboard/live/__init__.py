"""The pages' WebSockets: state out, actions in."""
