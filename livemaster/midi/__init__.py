"""MIDI: from the bytes of a port to moves of controls, and back to lamps and motor faders."""
