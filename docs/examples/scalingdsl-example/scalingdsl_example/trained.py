"""`report trained`: the models of a study, the smallest first."""

from __future__ import annotations

import numpy as np
from scalingdsl.engine.report.blocks import implements
from scalingdsl.engine.report.report_model import Section, Table
from scalingdsl.engine.report.study_view import View

from .words import Trained


@implements(Trained)
def trained(view: View) -> Section:
    """N and the loss of each cell."""
    size, loss = view.cell("N"), view.cell("loss")
    rows = tuple((f"{size[i]:,.0f}", f"{loss[i]:.3f}") for i in np.argsort(size))
    return Section("Models trained", (Table(("N", "loss"), rows, (True, True)),))
