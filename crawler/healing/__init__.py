"""From a redesigned listing to selectors that read it: what is stored is found again. No network, no database."""
