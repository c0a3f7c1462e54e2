"""Downloader middlewares: what makes a request polite, conditional and confidential."""
