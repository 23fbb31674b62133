"""The bus towards other machines: who they are, what each may do, and the encrypted sockets.

Every socket is TCP with CURVE. A machine that is not in the keyring gets no further than the handshake.
"""
