"""Consoles on WebRTC stacks that share no code with aiortc, each against our real talker in many conditions."""
