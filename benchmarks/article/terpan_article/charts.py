"""Charts as SVG, drawn by pygal, small and the same for the same figures."""

from __future__ import annotations

import re
from pathlib import Path

import pygal
from pygal.style import Style

STYLE = Style(
    background="white",
    plot_background="white",
    foreground="#333333",
    foreground_strong="#222222",
    foreground_subtle="#dddddd",
    colors=("#8a8f98", "#1f6f8b", "#e07a5f", "#81b29a", "#3d405b", "#c9a227", "#7b5ea7"),
    font_family="sans-serif",
    opacity=".92",
    title_font_size=18,
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=13,
    value_font_size=11,
    stroke_width="2",
)
#: Median, least and most of the rounds; nothing where there is none.
Spread = "tuple[float, float, float] | None"


def bars(file: Path, title: str, unit: str, labels: list[str], series: dict[str, list[Spread]]) -> None:
    """Bars side by side with the spread of the rounds on them."""
    chart = pygal.Bar(**_look(title), y_title=unit, x_label_rotation=30 if len(labels) > 5 else 0, print_values=False, min_scale=5)
    chart.x_labels = labels
    for name, values in series.items():
        chart.add(name, [_value(value) for value in values])
    _write(chart, file)


def curves(file: Path, title: str, x_unit: str, y_unit: str, series: dict[str, list[tuple[float, float]]]) -> None:
    """Lines through points, both axes logarithmic."""
    chart = pygal.XY(**_look(title), x_title=x_unit, y_title=y_unit, logarithmic=True, dots_size=2, margin_bottom=40)
    for name, points in series.items():
        chart.add(name, sorted(points))
    every = [point for points in series.values() for point in points]
    if every:
        chart.x_labels = _steps([x for x, _ in every])
        chart.y_labels = _steps([y for _, y in every])
    _write(chart, file)


def _steps(values: list[float]) -> list[float]:
    """1, 2, 5 of each power of ten around the values."""
    steps = [digit * 10.0**power for power in range(-2, 7) for digit in (1, 2, 5)]
    low = max((step for step in steps if step <= min(values)), default=steps[0])
    high = min((step for step in steps if step >= max(values)), default=steps[-1])
    return [step for step in steps if low <= step <= high]


def _value(spread: Spread) -> dict | None:
    if spread is None:
        return None
    middle, least, most = spread
    return {"value": middle, **({"ci": {"low": least, "high": most}} if most > least else {})}


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:,.2g}"


def _look(title: str) -> dict:
    return {
        "style": STYLE,
        "js": [],
        "width": 900,
        "height": 430,
        "title": title,
        "legend_at_bottom": True,
        "legend_at_bottom_columns": 4,
        "truncate_legend": -1,
        "value_formatter": _number,
        "x_value_formatter": _number,
    }


def _write(chart: pygal.Graph, file: Path) -> None:
    chart.uuid = file.stem  # by chance otherwise
    text = chart.render(is_unicode=True, disable_xml_declaration=True)
    # The date of the drawing and addresses of the library are no part of the picture.
    file.write_text(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL) + "\n", encoding="utf-8")
