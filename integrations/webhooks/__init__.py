"""Webhooks: what happens is POSTed to addresses of the settings `[webhooks]`, signed as Standard Webhooks does."""
