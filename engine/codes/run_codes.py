"""Every remark about a study's data, by code: what it means. Reports and `explain` print these."""

from __future__ import annotations

from .explained import explained

CODES = explained("""
RUN201 the best value lies at the edge of its grid
The tuned value that was kept is the smallest or largest that was tried, so a better one may lie outside, and these
cells may lie above the law. Widen the grid at that end.

RUN202 runs diverged
A diverged run counts as infinitely bad where values are tuned, and never enters a fit. Many of them mean that the
rates are too high for these sizes.

RUN203 cells without a loss
No run of these cells has a final loss: they were not run, failed or diverged. Laws are fitted to the others.

RUN204 tokens rounded to whole steps
A run takes whole steps, so the tokens trained differ from those asked for by more than one percent. Laws use what was
trained; cells are grouped by what was asked. A smaller batch or length brings the two together.

RUN205 several kinds of device
Runs from different kinds of device differ in the last bits from the start, and drift apart in training. Train one
study on one kind.

RUN206 a loss that rises with size
The loss of a cell lies above that of the next smaller model or token count by more than two standard errors. Laws of
falling loss do not describe such a step: look at the tuned rate, the seeds, or the number of steps.

RUN207 cells with fewer seeds than planned
Some seeds of the value that was kept diverged or are missing; the mean is over those that finished.

RUN208 two numerics modes
Records were made by different versions or arithmetic modes. They agree closely, but not to the last bit.

RUN209 claims on measured losses that nothing can decide
A claim compares what was measured of cells that have one seed each, and there are too few sizes for a smooth law whose
residuals would tell how much runs scatter. The error of an evaluation says how well one model is known, not how another
seed would have come out, so such a claim stays undecided. Train two seeds or more, or more sizes.

RUN210 nothing was found
Every run diverged, or no law that the study asks for could be fitted in any panel: `run` and `report` end with
status 3. Runs that diverge want smaller rates or a longer warm-up; the reasons why laws are missing stand with them.

RUN211 copies of rows
Rows of a table are equal in every column, the loss to its last digit: the same export twice, not the same run twice.
Copies are left out, for they would make intervals narrower.

RUN212 rows without a size
The number of parameters, of tokens or of FLOPs of these rows is missing, infinite or not positive, and laws in it leave
them out.

RUN213 SP and muP are two models at every width
Under muP models start from other weights than under SP, and multiply embeddings, logits and scores, at `base_width` as
elsewhere. A difference of their losses at one width is none that width makes: compare how each goes on with width, or
where its best rate lies.

RUN214 draws that hold one another
Models that learn from points know of more samples all that they know of fewer, for a seed has one draw: what is unlike
in it is unlike at every number of samples from there on. Refits take the cells for independent, so that intervals of
laws in D are too narrow: of a memoriser on items of a power law, neighbours a factor of two apart share 40 % of their
variance, and a line through their logarithms whose interval is called 95 % held the exponent three times in four.
Several seeds make the errors small; that they go together stays. Compare the exponents of single seeds to see how far
it moves.

RUN221 a damaged file was set aside
A file of the results folder does not hold what was written: it was cut short, changed, or a bit of it flipped on the
disk. It is kept under `damaged/`, nothing of it is used, and what it held is made again: a run is trained anew or goes
on from an older checkpoint, a plan is written by the next `run`, claims whose time of statement is lost count as stated
after results. Lines of a log that are damaged are passed over. Where it comes again, doubt the disk.
""")
