"""Between what a knob sends and what a control's value is: positions 0…1, sub-ranges, curves, relative encoders.

A position is the share of a binding's travel, from its `low` (0) to its `high` (1) end, before the curve.
"""

from __future__ import annotations

from collections.abc import Callable

from livemaster.midi.mapping import Binding

TOP_7_BIT = 127
TOP_14_BIT = 16383


def position_of(value: int, top: int) -> float:
    """Where a knob stands, 0…1, that sends 0…`top`; the middle value (64 of 127, 8192 of 16383) is exactly 0.5.

    0 and 1 are both the lower end: without that, no whole number would be the middle.
    """
    return max(value - 1, 0) / (top - 1)


def value_of(position: float, top: int) -> int:
    """What a knob sends at a position 0…1; the inverse of `position_of`."""
    return 0 if position <= 0.0 else min(round(1 + position * (top - 1)), top)


def to_control(binding: Binding, position: float) -> float:
    """The control's value at a position 0…1, in its unit; exact at both ends."""
    low, high = binding.span
    if position <= 0.0:
        return low
    if position >= 1.0:
        return high
    share: float = position**binding.curve
    return within(binding, low + (high - low) * share)


def to_position(binding: Binding, value: float) -> float:
    """The position 0…1 at which the control has this value; that of the nearer end where it lies outside."""
    low, high = binding.span
    share = (within(binding, value) - low) / (high - low)
    position: float = share ** (1.0 / binding.curve)
    return position


def within(binding: Binding, value: float) -> float:
    """The value, or the nearer end of the binding's travel."""
    low, high = sorted(binding.span)
    return min(max(value, low), high)


def signed_bit(value: int) -> int:
    """1…64 are steps up, 65…127 are 1…63 steps down."""
    return value if value <= 64 else 64 - value


def signed_bit_2(value: int) -> int:
    """As `signed_bit`, the other way round."""
    return -signed_bit(value)


def binary_offset(value: int) -> int:
    """64 ± steps."""
    return value - 64


def twos_complement(value: int) -> int:
    """1…63 are steps up, 127…64 are 1…64 steps down."""
    return value if value < 64 else value - 128


TICKS: dict[str, Callable[[int], int]] = {
    "signed_bit": signed_bit,
    "signed_bit_2": signed_bit_2,
    "binary_offset": binary_offset,
    "twos_complement": twos_complement,
}
"""Steps of a relative encoder from the value it sent, by encoding; below 0 is down."""
