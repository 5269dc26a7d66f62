"""From audio to facts: fingerprint, recording type, tempo, sections, emotion. Arrays only: no files, no devices."""
