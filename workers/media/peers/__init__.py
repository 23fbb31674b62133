"""Connections to members: ICE, DTLS, packets in and out."""
