"""veadotube: an avatar's state, a number or a boolean by who speaks. Built from veado.tube/docs/tech/api.

`avatar_control` decides without I/O, `node_messages` is how a message looks, `instances` finds a running veadotube.
"""
