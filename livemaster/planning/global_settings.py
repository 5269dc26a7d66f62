"""The plan's global block: mode, then settings file, then explicit options, each value with its reason."""

from __future__ import annotations

from typing import Any

from livemaster.documents import preset_name
from livemaster.plan_options import PLAN_OPTIONS, PlanOptions, flag_of
from livemaster.planning.modes import Mode, ModeGlobal, mode
from livemaster.planning.reasons import Ledger, Reason, accounts_for
from livemaster.planning.schema import DEFAULT_CHAIN, Global, MasterSettings, Tone
from livemaster.planning.targets import Platform, ceiling_for, platform

DEFAULT_PLATFORM = "spotify"
DEFAULT_MODE = "cinematic"
_CHARACTER = frozenset(ModeGlobal.model_fields) - {"target_lufs"}
"""Values that an explicitly chosen mode takes over from a settings file made for another mode."""
_TARGETS = frozenset({"platform", "target_lufs", "true_peak_db"})
_PLATFORM = "platform "
"""Beginning of a platform's name as a source."""
_ASKED = {option.place: name for name, option in PLAN_OPTIONS.items() if option.place}
"""Values that an option sets, and which."""
_RESTS = {place: rest for place, name in _ASKED.items() if (rest := PLAN_OPTIONS[name].neutral) is not None}
_NEUTRAL: dict[str, float] = {
    **{place: rest for place, rest in _RESTS.items() if "." not in place},
    **{f"tone.{band}": 0.0 for band in Tone.model_fields},
    **{place: rest for place, rest in _RESTS.items() if "." in place},
}


class GlobalPlan:
    """A ledger of the global block under construction, with the mode and platform that it uses."""

    def __init__(self, options: PlanOptions, settings: MasterSettings | None) -> None:
        self._options = options
        self._settings = settings
        self._given = _flatten(settings.global_) if settings else {}
        self.ledger = Ledger()
        self.notes: list[str] = []
        self.old_mode: Mode = mode(str(self._given.get("mode", DEFAULT_MODE)))
        """The mode for which the settings file was made."""
        self.mode: Mode = mode(options.mode) if options.mode is not None else self.old_mode
        self.platform: Platform = self._choose_platform()
        self._set_names()
        self._set_values()
        self._set_target()
        self._set_ceiling()

    def build(self) -> Global:
        """The finished block, every value of it written down."""
        return Global.model_validate(_unflatten(self.ledger.values))

    @property
    def why(self) -> dict[str, tuple[Reason, ...]]:
        """Reasons, the names beginning with `global.`."""
        return {f"global.{name}": reasons for name, reasons in self.ledger.why.items()}

    def _choose_platform(self) -> Platform:
        """An explicit one, else the file's, else none for a file with a target of its own, else the
        default.
        """
        if self._options.platform is not None:
            return platform(self._options.platform)
        fallback = "none" if "target_lufs" in self._given else DEFAULT_PLATFORM
        return platform(str(self._given.get("platform", fallback)))

    def _set_names(self) -> None:
        asked = self._options
        self._name("platform", self.platform.name, asked.platform is not None)
        self._name("mode", self.mode.name, asked.mode is not None)
        chain = asked.chain if asked.chain is not None else str(self._given.get("chain", DEFAULT_CHAIN))
        self._name("chain", preset_name("chain", chain), asked.chain is not None)

    def _name(self, name: str, value: str, asked: bool) -> None:
        if asked:
            self.ledger.set(name, value, f"option {name}", value)
        elif name in self._given:
            self._from_file(name)
        else:
            self.ledger.set(name, value, "default", value)

    def _set_values(self) -> None:
        """Everything but names and targets: mode's character, neutral defaults, the file, the options."""
        source = f"mode {self.mode.name}"
        for name, value in self.mode.global_:
            self.ledger.set(name, value, source, f"the mode's {name}" if name != "eq_curve" else value)
        for name, number in _NEUTRAL.items():
            self.ledger.set(name, number, "default", "neutral")
        changed = self.mode.name != self.old_mode.name
        replaced = sorted(name for name in self._given if changed and name in _CHARACTER)
        elsewhere = {"mode", "chain", *_TARGETS, *replaced}
        for name in self._given:
            if name not in elsewhere:
                self._from_file(name)
        if replaced:
            self.notes.append(f"mode {self.mode.name} replaces the settings file's {', '.join(replaced)}")
        for name, wish in self._options.asked().items():
            self.ledger.set(name, wish, f"option {flag_of(_ASKED[name])}", "as given")
        mono_hz = self.platform.mono_below_hz
        if mono_hz is not None and mono_hz > self.ledger.number("mono_below_hz"):
            self.ledger.set("mono_below_hz", mono_hz, f"{_PLATFORM}{self.platform.name}", "mono bass is asked for")

    def _set_target(self) -> None:
        """Explicit loudness, else an explicit platform's, else the file's, else the platform's, else the
        mode's.
        """
        asked, target = self._options, self.platform.integrated_lufs
        if asked.target_lufs is not None:
            self.ledger.set("target_lufs", asked.target_lufs, "option target-lufs", "as given")
        elif "target_lufs" in self._given and (asked.platform is None or target is None):
            self._from_file("target_lufs")
        elif target is not None:
            rule = f"its integrated loudness, checked on {self.platform.checked_on}"
            self.ledger.set("target_lufs", target, f"{_PLATFORM}{self.platform.name}", rule)
            self._say_whose_target_gives_way(target)

    def _say_whose_target_gives_way(self, target_lufs: float) -> None:
        """To the platform's: a settings file's own, else that of a mode which was chosen."""
        if self._is_files_own("target_lufs"):
            own_lufs = float(self._given["target_lufs"])
            self._say_it_gives_way(self._files_own, own_lufs, target_lufs, "LUFS", "--target-lufs {} keeps it")
        elif self._options.mode is not None or ("mode" in self._given and "target_lufs" not in self._given):
            whose, own_lufs = f"mode {self.mode.name}'s own", self.mode.global_.target_lufs
            keeps = "--target-lufs {} or --platform none keeps it"
            self._say_it_gives_way(whose, own_lufs, target_lufs, "LUFS", keeps)

    def _say_it_gives_way(self, whose: str, own: float, platforms: float, unit: str, keeps: str) -> None:
        if own != platforms:
            given = f"{whose} {own:g} {unit} gives way to the {platforms:g} {unit} of platform {self.platform.name}"
            self.notes.append(f"{given}: {keeps.format(f'{own:g}')}")

    def _is_files_own(self, name: str) -> bool:
        """Whether the settings file gives a value that it has not got from its own platform."""
        if name not in self._given or self._settings is None:
            return False
        reasons = self._settings.why.get(f"global.{name}", ())
        return not (accounts_for(reasons, self._given[name]) and reasons[-1].source.startswith(_PLATFORM))

    @property
    def _files_own(self) -> str:
        assert self._settings is not None
        return f"{self._settings.origin}'s own"

    def _set_ceiling(self) -> None:
        asked, target_lufs = self._options, self.ledger.number("target_lufs")
        if asked.ceiling_dbtp is not None:
            self.ledger.set("true_peak_db", asked.ceiling_dbtp, "option ceiling", "as given")
        elif "true_peak_db" in self._given and asked.platform is None:
            self._from_file("true_peak_db")
        else:
            ceiling_dbtp = ceiling_for(self.platform, target_lufs)
            louder = ceiling_dbtp != self.platform.true_peak_dbtp
            rule = f"its ceiling when louder than {self.platform.integrated_lufs:g} LUFS" if louder else "its ceiling"
            self.ledger.set("true_peak_db", ceiling_dbtp, f"{_PLATFORM}{self.platform.name}", rule)
            if self._is_files_own("true_peak_db"):
                own_dbtp, whose = float(self._given["true_peak_db"]), f"{self._files_own} ceiling of"
                self._say_it_gives_way(whose, own_dbtp, ceiling_dbtp, "dBTP", "--ceiling {} keeps it")

    def _from_file(self, name: str) -> None:
        """Take a value from the settings file, with its own reasons where they still hold."""
        assert self._settings is not None
        value = self._given[name]
        reasons = self._settings.why.get(f"global.{name}", ())
        if accounts_for(reasons, value):
            self.ledger.keep(name, value, reasons)
        else:
            rule = value if isinstance(value, str) else "as written there"
            self.ledger.set(name, value, self._settings.origin, rule)


def _flatten(block: Global) -> dict[str, float | str]:
    """What a file's global block sets itself, nested names joined by a dot."""
    flat: dict[str, float | str] = {}
    for name, value in block.model_dump(exclude_unset=True).items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            flat[name] = value
    return flat


def _unflatten(values: dict[str, float | str]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in values.items():
        outer, _, inner = name.partition(".")
        if inner:
            nested.setdefault(outer, {})[inner] = value
        else:
            nested[outer] = value
    return nested
