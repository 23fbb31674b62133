"""HTTPS for the pages on other devices: a certificate authority of this home's own, and the server's certificate."""
