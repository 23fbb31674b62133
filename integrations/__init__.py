"""Bridges to other programs. Each is a client of `/api/v1`, and knows nothing of the workers.

`integrations.catalogue` lists them. `partyline integration NAME` runs one in the foreground. Those of the setting
`[integrations] run` are started with the pipeline, in a process of their own.
"""
