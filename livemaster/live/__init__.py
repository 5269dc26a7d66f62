"""Live: the audio process, devices, transport, MIDI and keys around the engine."""
