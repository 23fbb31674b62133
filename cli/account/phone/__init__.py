"""Sign-in from a phone: a QR code, a page for one use, and a value that is encrypted in the phone's browser."""
