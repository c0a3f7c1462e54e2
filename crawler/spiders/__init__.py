"""The one spider that reads every source."""
