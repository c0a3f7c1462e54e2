"""How we tell: compose and render."""
