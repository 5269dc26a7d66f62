"""Benchmarks against other tools; `make bench` measures and writes BENCHMARKS.md."""
