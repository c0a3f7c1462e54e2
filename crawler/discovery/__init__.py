"""From an address to a source: every way to read a news page is tried, shown, and the best one proposed."""
