"""SVG pictures, written by hand: bars, and curves over percentiles. Dark on white, so that they read on any page."""

import math
from xml.sax.saxutils import escape

COLOURS = ("#1f4e79", "#c55a11", "#548235", "#7f6000", "#7030a0", "#2e75b6", "#a61c00", "#00827f", "#b5307d")
GREYS = ("#bfbfbf", "#a0a0a0", "#808080", "#606060")
_FONT = 'font-family="Helvetica, Arial, sans-serif"'


def colour_of(names):
    """name → colour: Dialtone's is always the same, and what is a floor is grey."""
    floors = [name for name in names if name.startswith(("raw", "floor", "the floor"))]
    others = [name for name in names if name != "dialtone" and name not in floors]
    return {"dialtone": COLOURS[0], **{name: GREYS[i % len(GREYS)] for i, name in enumerate(floors)},
            **{name: COLOURS[1 + i % (len(COLOURS) - 1)] for i, name in enumerate(others)}}


def _text(x, y, text, size=12, anchor="start", colour="#222", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" {_FONT} font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
            f'font-weight="{weight}">{escape(text)}</text>')


def _svg(width, height, parts):
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                      f'viewBox="0 0 {width} {height}">', f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
                      *parts, "</svg>", ""])


def short(value):
    """Three digits or so."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def bars(title, note, groups, reference):
    """`groups`: [(heading, [(name, value)])]; a line stands at `reference`, the floor."""
    left, right, row, width = 170, 70, 20, 760
    everything = [value for _, entries in groups for _, value in entries] + [reference]
    scale = (width - left - right) / max(everything)
    colours = colour_of(dict.fromkeys(name for _, entries in groups for name, _ in entries))
    parts, y = [_text(16, 26, title, 16, weight="bold"), _text(16, 44, note, 11, colour="#555")], 58
    for heading, entries in groups:
        parts.append(_text(16, y + 16, heading, 12, weight="bold"))
        y += 24
        top = y
        for name, value in entries:
            parts.append(_text(left - 8, y + 14, name, anchor="end"))
            parts.append(f'<rect x="{left}" y="{y + 2}" width="{max(1.0, value * scale):.1f}" height="{row - 5}" '
                         f'fill="{colours[name]}"/>')
            parts.append(_text(left + value * scale + 6, y + 14, short(value), 11))
            y += row
        x = left + reference * scale
        parts.append(f'<line x1="{x:.1f}" y1="{top - 2}" x2="{x:.1f}" y2="{y}" stroke="#222" stroke-dasharray="4 3"/>')
        y += 10
    return _svg(width, y + 8, parts)


def curves(title, note, percentiles, lines):
    """`lines`: [(name, [value of each percentile, in µs])], on a logarithmic axis."""
    width, height, left, right, top, bottom = 760, 400, 64, 190, 60, 40
    everything = [value for _, values in lines for value in values if value > 0]
    low, high = math.floor(math.log10(min(everything))), math.ceil(math.log10(max(everything)))
    high = max(high, low + 1)

    def x_of(index):
        return left + index * (width - left - right) / max(1, len(percentiles) - 1)

    def y_of(value):
        share = (math.log10(max(value, 10 ** low)) - low) / (high - low)
        return height - bottom - share * (height - top - bottom)

    parts = [_text(16, 26, title, 16, weight="bold"), _text(16, 44, note, 11, colour="#555")]
    for power in range(low, high + 1):
        y = y_of(10.0 ** power)
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{width - right}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(_text(left - 6, y + 4, f"{10.0 ** power:g} µs", 11, "end"))
    for index, name in enumerate(percentiles):
        parts.append(_text(x_of(index), height - bottom + 18, name, 11, "middle"))
    colours = colour_of([name for name, _ in lines])
    for name, values in lines:
        points = " ".join(f"{x_of(i):.1f},{y_of(value):.1f}" for i, value in enumerate(values))
        thick = 3 if name == "dialtone" else 1.6
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colours[name]}" stroke-width="{thick}"/>')
    for y, (name, values) in zip(_apart([y_of(values[-1]) for _, values in lines], 14, height - bottom), lines):
        parts.append(_text(x_of(len(percentiles) - 1) + 8, y + 4, name, 11, colour=colours[name],
                           weight="bold" if name == "dialtone" else "normal"))
    return _svg(width, height, parts)


def _apart(wanted, gap, lowest):
    """Heights as near to the wanted ones as labels that may not cover each other can have."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    free = 0.0
    for i in order:
        placed[i] = free = max(wanted[i], free + gap)
    over = max(0.0, free - lowest)
    return [y - over for y in placed]
