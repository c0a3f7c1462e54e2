"""The front door: the command line and its wiring."""
