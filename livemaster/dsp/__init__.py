"""Numba kernels and coefficient design: arrays in, arrays out; nothing else is known here."""
