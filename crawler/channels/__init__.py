"""How a source is read: one module a channel."""
