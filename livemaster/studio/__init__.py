"""A session that somebody performs: with MIDI, ratings, and what is remembered; a face (terminal) stands on it."""
