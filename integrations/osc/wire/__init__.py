"""OSC as bytes: datagrams, patterns, arguments, the socket, and whose datagrams are taken."""
