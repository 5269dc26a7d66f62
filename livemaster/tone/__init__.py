"""Tone and width: what music has, what commonly goes wrong with a mix, and what is best done about it."""
