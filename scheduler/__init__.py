"""When: ticks, due sources, leases and crawl processes."""
