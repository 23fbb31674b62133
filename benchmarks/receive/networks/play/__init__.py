"""The receivers, in simulated time and on real sockets."""
