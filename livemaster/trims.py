"""What the trims of bass, mid and treble reach, in words: told once for the command line, the screen and MIDI.

Over these ranges a trim changes a finished master by 80 % of its dB at least, in comparison with what it leaves alone.
The filters do so up to 70 Hz, from 710 Hz to 1.4 kHz and from 8.6 kHz on; a compressor that answers to what was turned
up takes up to a tenth of that.
"""

from __future__ import annotations

from typing import Final

BASS: Final = "below 60 Hz (half at 100 Hz)"
MID: Final = "from 850 Hz to 1.2 kHz (half at 500 Hz and 2 kHz)"
TREBLE: Final = "above 10 kHz (half at 6 kHz)"
