"""How well one colour can be read on another (WCAG 2)."""

from __future__ import annotations

import re


def luminance(colour: str) -> float:
    shares = [float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3]]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
