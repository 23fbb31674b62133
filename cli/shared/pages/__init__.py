"""The addresses of the pages: their list, their QR codes, and the pages of a paired machine."""
