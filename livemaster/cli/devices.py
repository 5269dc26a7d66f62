"""`livemaster devices`: where sound can go and come from."""

from __future__ import annotations

from dataclasses import asdict

from livemaster.cli.show import new_console, print_json, show_notes
from livemaster.report.tables import show_columns
from livemaster.sound.devices import WITHOUT_SOUND, DeviceTable, release, scan

HEADER = ("id", "name", "host API", "in", "out", "rate, Hz", "default")


def list_devices(*, as_json: bool) -> None:
    """All devices as a table, or as a JSON array; on standard error why there is none but `null`."""
    table = scan()
    release()
    if as_json:
        print_json([asdict(device) for device in table.devices])
    else:
        show_columns(new_console(), HEADER, _rows(table), left=3)
    if table.trouble:
        show_notes([f"{table.trouble}; {WITHOUT_SOUND}"])


def _rows(table: DeviceTable) -> list[tuple[str, ...]]:
    defaults = (("input", table.default_input), ("output", table.default_output))
    return [
        (
            *(d.id, d.name, d.host_api, str(d.inputs), str(d.outputs), str(d.default_rate_hz)),
            ", ".join(what for what, default in defaults if default == d.id),
        )
        for d in table.devices
    ]
