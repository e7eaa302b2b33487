# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables of the training benchmark: as text, as JSON, and the first columns as bars."""
import xml.sax.saxutils


def share(value):
    return f"{value:.3f}"


def signed(value):
    return f"{value:+.3f}"


def times(value):
    return f"{value:.2f} x"


def seconds(value):
    return f"{value:.1f} s"


def millions(value):
    return f"{value / 1e6:.2f} M"


def megabytes(value):
    return f"{value / 1e6:.1f} MB"


def count(value):
    return f"{value:,}"


def yes_no(value):
    return "yes" if value else "NO"


class Table:
    """Rows with a name and a figure for some of the columns, and remarks below."""

    def __init__(self, title, columns):
        self.title = title
        self.columns = columns  # name -> function that writes a figure
        self.rows = []
        self.remarks = []

    def add(self, name, figures):
        """Adds a row; a figure may be missing or None."""
        unknown = set(figures) - set(self.columns)
        if unknown:
            raise ValueError(f"{self.title} has no column {sorted(unknown)}")
        self.rows.append((name, figures))

    def remark(self, text):
        self.remarks.append(text)

    def cells(self):
        """All rows as text, the head first."""
        yield ["", *self.columns]
        for name, figures in self.rows:
            yield [name] + [write(figures[column]) if figures.get(column) is not None else "-"
                            for column, write in self.columns.items()]

    def text(self):
        cells = list(self.cells())
        widths = [max(len(row[i]) for row in cells) for i in range(len(self.columns) + 1)]
        lines = [self.title, ""]
        for row in cells:
            figures = (f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:]))
            lines.append("  ".join([f"{row[0]:{widths[0]}}", *figures]).rstrip())
        return "\n".join(lines + [""] * bool(self.remarks) + self.remarks)

    def as_json(self):
        return {"title": self.title, "rows": [{"name": name, **figures} for name, figures in self.rows],
                "remarks": self.remarks}


def bars(table):
    """The columns of a table that hold shares, as an SVG picture: a group of bars for each, one bar a row."""
    columns = [column for column, write in table.columns.items() if write is share]
    colours = ["#4c78a8", "#9ecae9", "#f58518", "#ffbf79", "#54a24b", "#88d27a", "#b79a20", "#e45756", "#ff9d98"]
    bar, label, width = 14, 190, 760
    group = bar * len(table.rows) + 16
    legend = 20 * len(table.rows) + 44
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{legend + group * len(columns)}" '
             'font-family="sans-serif" font-size="12">',
             '<!-- SPDX-License-Identifier: GPL-2.0-or-later -->', '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="10" y="20" font-size="14">{xml.sax.saxutils.escape(table.title)}</text>']
    for r, (name, _) in enumerate(table.rows):
        colour = colours[r % len(colours)]
        parts.append(f'<rect x="10" y="{32 + 20 * r}" width="12" height="12" fill="{colour}"/>'
                     f'<text x="28" y="{43 + 20 * r}">{xml.sax.saxutils.escape(name)}</text>')
    for c, column in enumerate(columns):
        top = legend + group * c
        parts.append(f'<text x="{label - 10}" y="{top + group // 2}" text-anchor="end">{column}</text>')
        for r, (_, figures) in enumerate(table.rows):
            value = figures.get(column)
            if value is not None:
                length = value * (width - label - 60)
                y = top + bar * r
                parts.append(f'<rect x="{label}" y="{y}" width="{length:.1f}" height="{bar - 2}" '
                             f'fill="{colours[r % len(colours)]}"/>'
                             f'<text x="{label + length + 4:.1f}" y="{y + bar - 3}" font-size="10">{value:.3f}</text>')
    return "\n".join(parts + ["</svg>"]) + "\n"
