"""ffmpeg's loudnorm in two passes, as its documentation describes: measure, then one linear gain where that can do.

Usage: python -I -S peer_loudnorm.py INPUT OUTPUT LUFS DBTP; prints the second pass's summary.
"""

import json
import subprocess
import sys

LRA_LU = 11  # the value that recipes use; a wider programme makes ffmpeg ride the gain


def loudnorm(settings: str, path: str, output: list[str]) -> dict[str, str]:
    command = ["ffmpeg", "-hide_banner", "-nostats", "-y", "-i", path]
    command += ["-af", f"loudnorm={settings}:print_format=json", *output]
    printed = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True).stderr
    found: dict[str, str] = json.loads(printed[printed.rindex("{") : printed.rindex("}") + 1])
    return found


def main() -> None:
    path, output, lufs, dbtp = sys.argv[1:5]
    target = f"I={lufs}:TP={dbtp}:LRA={LRA_LU}"
    first = loudnorm(target, path, ["-f", "null", "-"])
    measured = (
        f"{target}:measured_I={first['input_i']}:measured_TP={first['input_tp']}:measured_LRA={first['input_lra']}"
        f":measured_thresh={first['input_thresh']}:offset={first['target_offset']}:linear=true"
    )
    print(json.dumps(loudnorm(measured, path, ["-ar", "44100", "-c:a", "pcm_s24le", output])))


if __name__ == "__main__":
    main()
