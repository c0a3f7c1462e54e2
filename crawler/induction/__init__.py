"""From pages to a wrapper: the items that a listing shows, and selectors that find them. No network."""
