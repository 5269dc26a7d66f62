"""The demo song's band: every part is a function from the song to its own stereo track."""

from __future__ import annotations

from functools import cache

import numpy as np
from demo_composition import BAR_S, BASS_ROOTS, BEATS_PER_BAR, BPM, CHORDS, MELODIES, Song, Sound, Track


def pitch_hz(note: float) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


def seconds(song: Song, length_s: float) -> Sound:
    return np.arange(round(length_s * song.rate_hz)) / song.rate_hz


def envelope(t: Sound, attack_s: float, release_s: float) -> Sound:
    """Raised-cosine rise and fall, 1 in between."""
    rise, fall = np.clip(t / attack_s, 0, 1), np.clip((t[-1] - t) / release_s, 0, 1)
    return (0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall))


def oscillator(phase: Sound, tilt: float) -> Sound:
    """A saw-like wave at `phase` (in cycles) whose harmonic k has amplitude tilt**(k − 1) / k."""
    cycle = one_cycle(tilt, max(1, min(24, int(0.4 * len(phase) / (phase[-1] - phase[0])))))
    return cycle[(phase * len(cycle)).astype(np.int64) & (len(cycle) - 1)]


@cache
def one_cycle(tilt: float, harmonics: int) -> Sound:
    """One period, so finely drawn that taking the nearest point below errs by −85 dB."""
    size, k = 2**15, np.arange(1, harmonics + 1)
    spectrum = np.zeros(size // 2 + 1, complex)
    spectrum[k] = -0.5j * size * tilt ** (k - 1) / k
    return np.fft.irfft(spectrum)


def noise(song: Song, length_s: float, low_hz: float, high_hz: float, channels: int = 1) -> Sound:
    """Noise between two frequencies, of RMS 1."""
    frames = round(length_s * song.rate_hz)
    hz = np.maximum(np.fft.rfftfreq(frames, 1 / song.rate_hz), 1.0)
    shape = 1 / (1 + (low_hz / hz) ** 4) / (1 + (hz / high_hz) ** 4)
    x = np.fft.irfft(np.fft.rfft(song.rng.standard_normal((channels, frames))) * shape, frames)
    return np.squeeze(x / x.std())


def sweep(t: Sound, from_hz: float, to_hz: float, fall_s: float) -> Sound:
    """A sine that falls exponentially in pitch: the body of a drum."""
    return np.sin(2 * np.pi * (to_hz * t + (from_hz - to_hz) * fall_s * (1 - np.exp(-t / fall_s))))


def kick(song: Song) -> Track:
    track = song.empty()
    t = seconds(song, 0.4)
    click = 0.12 * noise(song, 0.4, 1500, 6000) * np.exp(-t / 0.004)
    drum = np.tanh(1.6 * sweep(t, 190, 50, 0.03) * np.exp(-t / 0.13)) * envelope(t, 0.0008, 0.1) + click
    beats = {"Verse": (0, 2, 2.75), "Chorus": (0, 1, 2, 3), "Bridge": (0,)}
    for bar in song.bars():
        for beat in beats.get(bar.kind, ()):
            if not (bar.is_last and beat > 2.5):
                song.play(track, bar.beat + beat, drum, bar.touch)
    return track


def snare(song: Song) -> Track:
    track = song.empty()
    t = seconds(song, 0.3)
    body = 0.7 * sweep(t, 330, 185, 0.02) * np.exp(-t / 0.06)
    drum = np.tanh(body + 0.6 * noise(song, 0.3, 1500, 11000) * np.exp(-t / 0.075)) * envelope(t, 0.001, 0.1)
    beats = {"Verse": (1, 3), "Chorus": (1, 3), "Bridge": (2,)}
    for bar in song.bars():
        for beat in beats.get(bar.kind, ()):
            song.play(track, bar.beat + beat, drum, bar.touch)
        if bar.is_last and bar.kind == "Bridge":
            for step in range(12):  # the roll grows into what follows
                song.play(track, bar.beat + 1 + step / 4, drum, 0.12 + 0.04 * step, 0.1)
    return track


def hats(song: Song) -> Track:
    track = song.empty()
    closed = noise(song, 0.06, 7500, 14000) * np.exp(-seconds(song, 0.06) / 0.014)
    opened = noise(song, 0.3, 6500, 14000) * np.exp(-seconds(song, 0.3) / 0.09)
    for bar in song.bars():
        if not bar.has("hats"):
            continue
        sixteenths = bar.kind == "Chorus"
        for step in range(0, 16, 1 if sixteenths else 2):
            level = (1.0, 0.45, 0.75, 0.45)[step % 4] * (0.5 if bar.kind in ("Intro", "Outro") else 1.0)
            song.play(track, bar.beat + step / 4, closed, level, 0.3)
        for beat in (0.5, 1.5, 2.5, 3.5) if sixteenths else ():
            song.play(track, bar.beat + beat, opened, 0.7, -0.25)
    return track


def fills(song: Song) -> Track:
    """Toms before a new section, a crash on its first beat, a riser into each chorus."""
    track = song.empty()
    t = seconds(song, 0.45)
    skin = np.exp(-t / 0.12) * envelope(t, 0.001, 0.1)
    crash = noise(song, 2.5, 4000, 13000, 2) * np.exp(-seconds(song, 2.5) / 0.6) * 0.5
    riser = noise(song, BAR_S, 1500, 9000, 2) * (seconds(song, BAR_S) / BAR_S) ** 3 * 0.35
    for bar in song.bars():
        if bar.index == 0 and bar.kind in ("Verse", "Chorus", "Bridge"):
            song.play(track, bar.beat, crash, 1.0 if bar.kind == "Chorus" else 0.4)
        if not bar.is_last or bar.kind not in ("Verse", "Chorus"):
            continue
        for step in range(6):
            tom = sweep(t, 300 - 30 * step, 190 - 22 * step, 0.05) * skin
            song.play(track, bar.beat + 2.5 + step / 4, tom, 1.2, 0.7 - 0.28 * step)
        if bar.kind == "Verse":
            song.play(track, bar.beat, riser)
    return track


def bass(song: Song) -> Track:
    track = song.empty()
    patterns = {  # beat, beats long, semitones above the root
        "Verse": ((0, 1.5, 0), (1.5, 0.5, 0), (2, 1, 0), (3, 0.5, 12), (3.5, 0.5, 7)),
        "Chorus": tuple((step / 2, 0.5, 12 if step in (3, 7) else 0) for step in range(8)),
        "Bridge": ((0, 3.5, 0),),
    }
    for bar in song.bars():
        for beat, beats, above in patterns.get(bar.kind, ()):
            t = seconds(song, beats * 60 / BPM * 0.95)
            phase = pitch_hz(BASS_ROOTS[bar.chord] + above) * t
            tone = 0.8 * np.sin(2 * np.pi * phase) + 0.5 * oscillator(phase, 0.6)
            tone += 0.5 * oscillator(phase, 0.93) * np.exp(-t / 0.09)
            tone = np.tanh(tone) * envelope(t, 0.004, 0.03)
            song.play(track, bar.beat + beat, tone, bar.touch)
    return track


def pad(song: Song) -> Track:
    """Two detuned voices a side and note; the filter opens with the section's energy."""
    track = song.empty()
    t = seconds(song, BAR_S + 0.5)
    shape = 0.12 * envelope(t, 0.35, 0.5)

    @cache
    def sounding(chord: str, tilt: float) -> Sound:
        sides = np.zeros((2, len(t)))
        for note in CHORDS[chord]:
            for cents, side in ((-9, 0), (4, 0), (-4, 1), (9, 1)):
                start = song.rng.random()
                sides[side] += oscillator(start + pitch_hz(note + cents / 100) * t, tilt)
        return sides * shape

    for bar in song.bars():
        opening = bar.index / 8 if bar.kind == "Intro" else 0.0
        chord = sounding(bar.chord, 0.62 + 0.25 * (bar.section.energy + opening))
        song.play(track, bar.beat, chord, 0.8 + 0.4 * bar.section.energy)
    return track


def keys(song: Song) -> Track:
    """An electric piano by frequency modulation, its chord broken a little, drifting from side to side."""
    track = song.empty()
    rhythm = {"Verse": (0, 1.5, 2.5), "Chorus": (0, 0.75, 1.5, 2.5, 3.25), "Outro": (0,)}
    t = seconds(song, 1.6)

    @cache
    def struck(note: int) -> Sound:
        phase = 2 * np.pi * pitch_hz(note) * t
        bell = 0.3 * np.exp(-t / 0.05) * np.sin(7 * phase)
        tone = np.sin(phase + 1.8 * np.exp(-t / 0.25) * np.sin(phase) + bell)
        return tone * np.exp(-t / 0.5) * envelope(t, 0.003, 0.3)

    for bar in song.bars():
        for beat in rhythm.get(bar.kind, ()):
            for order, note in enumerate(CHORDS[bar.chord]):
                pan = 0.45 * np.sin(0.7 * (bar.beat + beat)) + 0.1 * (order - 1.5)
                song.play(track, bar.beat + beat + 0.012 * order, struck(note), 0.3, pan)
    return track


def arp(song: Song) -> Track:
    """Plucked sixteenths up and down the chord, with an echo of three sixteenths on the other side."""
    track = song.empty()
    t = seconds(song, 0.5)

    @cache
    def plucked(note: int) -> Sound:
        phase = pitch_hz(note) * t
        tone = oscillator(phase, 0.95) * np.exp(-t / 0.06) + oscillator(phase, 0.4) * np.exp(-t / 0.16)
        return tone * envelope(t, 0.002, 0.1)

    for bar in song.bars():
        if not bar.has("arp") or (bar.kind == "Outro" and bar.is_last):
            continue
        steps = 16 if bar.kind == "Chorus" else 8
        ladder = [*CHORDS[bar.chord], CHORDS[bar.chord][1] + 12]
        for step in range(steps):
            beat, pan = bar.beat + step * BEATS_PER_BAR / steps, 0.6 if step % 2 else -0.6
            sound = plucked((ladder + ladder[-2:0:-1])[step % 8] + 12)
            for echo in range(3):
                song.play(track, beat + 0.75 * echo, sound, 0.5 * 0.45**echo, pan * (-1) ** echo)
    return track


def tune(song: Song, transpose: int, brightness: float, kinds: tuple[str, ...], instrument: str) -> Track:
    """A melody instrument of two detuned oscillators, with a vibrato that sets in late."""
    track = song.empty()
    for bar in song.bars():
        if bar.index % 4 or bar.kind not in kinds or not bar.has(instrument):
            continue
        phrases = MELODIES[bar.kind]
        for beat, beats, note in phrases[bar.index // 4 % len(phrases)]:
            t = seconds(song, beats * 60 / BPM + 0.06)
            vibrato = 0.006 * np.clip((t - 0.2) / 0.3, 0, 1) * np.sin(2 * np.pi * 5.3 * t)
            phase = np.cumsum(pitch_hz(note + transpose) * (1 + vibrato)) / song.rate_hz
            bite = brightness * (0.75 + 0.25 * np.exp(-t / 0.15))
            sides = [phase * 1.002, phase * 0.998]
            tone = [oscillator(side, 0.95) * bite + oscillator(side, 0.45) * (1 - bite) for side in sides]
            song.play(track, bar.beat + beat, 0.5 * np.stack(tone) * envelope(t, 0.018, 0.08))
    return track


def voice(song: Song) -> Track:
    return tune(song, 0, 0.25, ("Verse",), "voice")


def lead(song: Song) -> Track:
    return tune(song, 0, 0.7, ("Chorus", "Bridge"), "lead")


def choir(song: Song) -> Track:
    return tune(song, -12, 0.3, ("Chorus",), "choir")
