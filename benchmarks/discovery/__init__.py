"""How well listings are found and read, on folders of saved sites with known items: ``make bench-discovery``."""
