"""Rules that a study has to keep, one small function each. A rule reports what it finds and changes nothing."""

from __future__ import annotations
