"""The language of scaling-law studies: text in, a frozen `StudyPlan` out. Needs no torch, numpy or scipy."""

from __future__ import annotations
