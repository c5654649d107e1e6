"""Every doubt a fit can raise, by code: what it means and what would settle it. Reports and `explain` print these."""

from __future__ import annotations

from .explained import explained

CODES = explained("""
FIT101 a parameter at its bound
The best value lies on the edge of what is allowed (exponents in (0, 8], the offset between 0 and the largest loss),
so the optimum is set by the edge and not by the data. The law may be wrong for these points, or their range too short
to bend the curve. Widen the range of the variable, or fix the parameter.

FIT102 the offset ran to zero
E = 0: the data do not show where the loss ends. Exponents then absorb the curvature and come out too small. Measure
closer to the floor, or fix E to a known entropy and say so.

FIT103 starts disagree
Fewer than a quarter of the starting points reached the best objective found, so a better one may exist. Look at
outliers and at the form of the law.

FIT104 parameters not identified
Some combination of the parameters does not change the predictions at these points: the fitted values are one of many
equally good answers. They are shown without an interval, claims on them stay undecided, and what depends on them is
as uncertain as the choice. Vary the variables more, and independently of each other, or fix a parameter.

FIT105 too few points
There are fewer cells than free parameters; no law is determined. Measure more cells or fix parameters.

FIT106 the fit failed
The data cannot be used by this objective: losses that are not positive or not finite, or variables that are not
positive.

FIT107 an implausible exponent
An exponent above 3 is steeper than any published scaling law; it usually means that the variable's range is short or
that a few extreme points decide.

FIT108 the fit did not move
The best parameters are exactly those a start had, though the fit is not exact: the solver could not take a single
step. Published fits equal to their initial values were made this way; look at the weights.

FIT111 few clusters
Fewer than eight independent clusters carry the intervals; they are likely too narrow. Add runs that are not points of
one trajectory or seeds of one cell.

FIT112 hardly any points to spare
The points outnumber the parameters by less than three, so the residuals say little about the noise and the intervals
rest on them.

FIT113 an implausibly tight interval
The interval is far narrower than the residuals and the number of points allow; a bootstrap whose refits did not move
looks like this.

FIT114 a coefficient that says nothing
The interval of a coefficient spans a factor of a thousand: it is the law's value a long way outside the data and
moves with its exponent. Read exponents, predictions and optima instead.

FIT115 few draws
The ends of a 95 % interval are its 2.5 % draws, and with fewer than forty draws there are none: the interval is too
narrow and differs from seed to seed. Draw more; the default is a thousand.

FIT116 a parameter that the points leave open
The 95 % interval of a parameter ends at a bound of what is looked for, or is as wide as can be. From one side it is
told: it lies above or below the other end. From neither it is unidentified: it is shown without an interval, claims on
it stay undecided, and means over slices leave it out. More points beyond or between, or less noise, would tell it; so
would fixing another parameter of the law.

FIT121 a short range
The variable spans less than a factor of eight: an exponent and an offset are hardly told apart on so short a stretch.

FIT122 few values
A variable takes one to three values, and an exponent with an offset needs three. Add values between or beyond. Of a
variable that does not vary the data say nothing: fit a law in one that does.

FIT123 N and D move together
N and D are (almost) a function of each other in these points, so their terms cannot be told apart. Vary one at fixed
other.

FIT124 a few points decide
Leaving out the few highest losses moves an exponent by more than two standard errors. Say which points belong to the
law, with `where`, and show both fits.

FIT125 repeated rows
Some points have equal variables. Repeats of one setting are not independent evidence: average them, or give the
cluster they belong to.

FIT126 runs not named
Many rows of the table share a value of a text column, as the points of one run do. Points of a run are not
independent evidence: name the column, as in --columns run=COLUMN.

FIT127 points above the curve
Some points lie far above the curve and none as far below: runs with a bad learning rate, or that diverged. They are
no noise. Tune them, leave them out with `where`, or fit the floor of the points with an asymmetric objective and say
so.

FIT128 the law misses by more than noise
Replicates of one setting (seeds, repeated rows) scatter by less than the law misses their means: whatever parameters it
is given, this form does not describe these cells. Its parameters are those of the nearest curve of a wrong form, and
their intervals say nothing of that. Look at the residuals; fit another form, or fewer sizes. The test compares the
residuals, less what parameters could still take up, with the replicates' scatter, each in units of a noise that may
change with size; p below 0.01.

FIT131 the threshold matters
An exponent leaves its interval when the threshold of Huber's penalty is ten times larger or smaller. State delta with
the result, and why; or clean the data until it does not matter.

FIT132 rounded losses
Every loss has two decimals at most. Rounding noise of 0.005 is as large as the differences a law is fitted to; use
unrounded losses.

FIT133 units
N or D is small for a count of parameters or tokens, as if given in millions or billions. Coefficients depend on the
unit, and C = 6ND needs plain counts: scale the column, as in --columns N=params*1e6.

FIT134 compute that is not 6ND
The table's compute is not 6 N D of its own N and D: N is counted without embeddings, or C with attention, and
differently from row to row. Exponents of optima move by a tenth and more with the count. Use one count for N
throughout, or leave C to be computed.

FIT135 a floor above the data
The irreducible loss is fixed at or above the smallest loss measured, which no law with a positive reducible loss can
reach. An asymptote belongs to one evaluation set and one tokenizer.

FIT136 the chance level is free
A sigmoid from loss to accuracy levels off at chance, which is known; left free it absorbs the curve's shape.

FIT137 a table read by a guess
The table does not say what it means, and is taken to mean what the message says: decimal commas, sizes with letters,
comments. Check that it is meant; checking a study reads tables in the same way.

FIT138 copies of rows
Rows are equal in every column, the loss to its last digit: the same export twice, not the same run twice. Copies are
left out, for they would make intervals narrower.

FIT139 the best of a sweep
Of rows with equal variables the setting with the least loss is fitted. The least of several noisy losses lies below
what a run with that setting reaches on average, a little more the more were tried.

FIT140 the best lies at the edge
In some cells the best setting is the least or greatest that was tried, so a better one may lie beyond: sweep further
there, or leave these cells out.

FIT141 a sweep fitted as runs
Rows share their variables and differ in settings such as the learning rate: most are not tuned. Fit the best of each
cell, with --best-over and the names of these columns.

FIT142 far outside the data
The prediction lies more than a decade beyond the largest or smallest value fitted. A break beyond the data cannot be
seen in them; move in small steps of compute and check each.

FIT143 rows without a loss
The loss of these rows is missing, infinite or no number: their runs diverged, or are not done. They are left out, as a
study leaves them out; what diverges for a reason that the law knows is missing from it.

FIT144 rows without a size
A variable of the law is missing, infinite or not positive in these rows: a total under the table, a run whose size
nobody wrote down. They are left out, as a study leaves them out (RUN212).

FIT151 a budget without an optimum
A compute budget is left out of the isoFLOP analysis: too few sizes, no upward bend, or a minimum beyond the sizes
tried. The message says which, and what to add.

FIT152 optima on the edge of the data
At some budgets the lowest predicted loss lies at the smallest or largest size or token count of the data, so the
optimum may be further out. Those budgets are left out of the exponents.

FIT153 few sizes at a budget
A parabola through three or four points has hardly any residual; five or more sizes a budget show its uncertainty.

FIT154 the bias of parabolas
An isoFLOP profile is no parabola: the further the sizes reach from the optimum, and the further alpha and beta are
apart, the more its vertex is misplaced, and extrapolation multiplies that. The figure is what parabolas would find at
these points on the fitted surface without noise. Narrow the grids, or use isoflop_curve or surface(chinchilla).

FIT155 methods disagree
The exponent of the isoFLOP analysis lies outside what the fitted surface gives. Look at both before using either.

FIT156 a sparse envelope
Few runs lie on the lower envelope of (C, loss); each is there partly by luck.

FIT157 a flat optimum
The loss within 0.1 % of the best is reached over more than a factor of four in size: the optimum exists, and hardly
matters. At large compute every size comes close to the irreducible loss.

FIT158 an optimum at one value of a third variable
The law reads more than N and D, such as the distinct tokens U, and the optimum is that at one value of it: the median
of the cells. At another value it may lie elsewhere; fit cells with one value, or read the law's predictions.
""")
