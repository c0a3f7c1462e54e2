"""Whether tidings can work here: each module looks at one thing, and says what to do about what it finds."""
