"""livemaster: masters music section by section, live or to a file, through one engine."""
__version__ = "0.1.0"
