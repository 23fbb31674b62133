"""The pages' WebSockets: state out, requests in."""
