"""A filter graph as text: chains of filters between labelled pads, and the escaping that ffmpeg wants."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Graph:
    """Collects the chains of one ``-filter_complex``. Labels are made here, so they never clash."""

    _chains: list[str] = field(default_factory=list)
    _labels: int = 0

    def label(self) -> str:
        """A new pad name, brackets included."""
        self._labels += 1
        return f"[p{self._labels}]"

    def chain(self, inputs: str, *filters: str) -> str:
        """Add a chain reading the pads ``inputs`` ("[a][b]"); returns the pad that it writes."""
        out = self.label()
        self._chains.append(f"{inputs}{','.join(filters)}{out}")
        return out

    def fan_out(self, pad: str, filters: str, outputs: int) -> tuple[str, ...]:
        """Add a chain whose last filter has several outputs; returns their pads in order."""
        outs = tuple(self.label() for _ in range(outputs))
        self._chains.append(f"{pad}{filters}{''.join(outs)}")
        return outs

    def split(self, pad: str, ways: int) -> tuple[str, ...]:
        """The same frames on several pads."""
        return (pad,) if ways == 1 else self.fan_out(pad, f"split={ways}", ways)

    def text(self) -> str:
        """The whole graph."""
        return ";".join(self._chains)


def escape_value(value: str) -> str:
    r"""A string as the value of a filter option inside a graph.

    Two parsers read it: first the graph parser (``\``, ``'``, ``[``, ``]``, ``,``, ``;``), then the option parser
    (``\``, ``'``, ``:``); see "Notes on filtergraph escaping" in the ffmpeg-filters manual.
    """
    for special in "\\':":
        value = value.replace(special, f"\\{special}")
    for special in "\\'[],;":
        value = value.replace(special, f"\\{special}")
    return value


def quoted(expression: str) -> str:
    """An expression as the value of a filter option: its commas stay inside. It has no quotes or colons."""
    return f"'{expression}'"


def number(value: float) -> str:
    """A number for an expression: plain decimals, no exponent, no trailing zeros."""
    text = f"{value:.9f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
