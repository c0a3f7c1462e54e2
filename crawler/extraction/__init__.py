"""What an article's page says: structured data, meta tags, declared selectors, in this order."""
