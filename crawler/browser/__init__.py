"""Pages that need a browser: a system Chromium behind a proxy of our own, which lets it reach public addresses only."""
