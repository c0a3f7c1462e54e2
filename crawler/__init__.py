"""How we look: the spider, channels, extraction and recordings."""
