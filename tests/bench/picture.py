# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures as a picture: panels of bars, each with the line that is wanted, and curves."""

from xml.sax.saxutils import escape

WIDTH, LABEL, BAR, ROW, GAP, CURVE = 720, 250, 380, 18, 46, 90
STYLE = ("text{font:12px sans-serif;fill:#222}.title{font-weight:bold}.note{fill:#555}"
         ".bar{fill:#4878a8}.wanted{stroke:#c03030;stroke-width:1.5;stroke-dasharray:4 3}"
         ".axis{fill:none;stroke:#999}.curve{fill:none;stroke:#4878a8;stroke-width:1.5}")


class Panel:
    """Bars of one kind. wanted: where the line stands, or None."""

    def __init__(self, title, wanted=None):
        self.title, self.wanted, self.bars = title, wanted, []

    def __bool__(self):
        return bool(self.bars)

    def add(self, label, value, note):
        self.bars.append((label, value, note))

    def height(self):
        return GAP + ROW * len(self.bars)

    def draw(self, top):
        most = max([value for _, value, _ in self.bars] + [self.wanted or 0]) or 1
        yield f'<text class="title" x="10" y="{top + 20}">{escape(self.title)}</text>'
        for i, (label, value, note) in enumerate(self.bars):
            y = top + 30 + i * ROW
            width = value / most * BAR
            yield f'<text x="10" y="{y + 12}">{escape(label)}</text>'
            yield f'<rect class="bar" x="{LABEL}" y="{y + 2}" width="{width:.1f}" height="{ROW - 5}"/>'
            yield f'<text class="note" x="{LABEL + width + 6:.1f}" y="{y + 12}">{escape(note)}</text>'
        if self.wanted:
            x, end = LABEL + self.wanted / most * BAR, top + 30 + len(self.bars) * ROW
            yield f'<line class="wanted" x1="{x:.1f}" y1="{top + 26}" x2="{x:.1f}" y2="{end}"/>'


class Curve:
    """A line of points from left to right, from nothing at the bottom to the most that there was."""

    def __init__(self, title):
        self.title, self.points = title, []

    def __bool__(self):
        return bool(self.points)

    def add(self, at, value):
        self.points.append((at, value))

    def height(self):
        return GAP + CURVE

    def draw(self, top):
        end, most = max(at for at, _ in self.points) or 1, max(value for _, value in self.points) or 1
        places = " ".join(f"{LABEL + at / end * BAR:.1f},{top + 30 + CURVE - value / most * CURVE:.1f}"
                          for at, value in self.points)
        yield f'<text class="title" x="10" y="{top + 20}">{escape(self.title)}</text>'
        yield f'<text class="note" x="10" y="{top + 42}">most {most:,.0f}; last {self.points[-1][1]:,.0f}, at {end:.1f}</text>'
        yield f'<path class="axis" d="M{LABEL},{top + 30}v{CURVE}h{BAR}"/><polyline class="curve" points="{places}"/>'


def write(path, panels):
    panels = [panel for panel in panels if panel]
    height = sum(panel.height() for panel in panels) + 10
    lines, top = [], 0
    for panel in panels:
        lines += panel.draw(top)
        top += panel.height()
    with open(path, "w", encoding="utf-8") as out:
        out.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}">\n'
                  f'<style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>\n'
                  + "\n".join(lines) + "\n</svg>\n")
