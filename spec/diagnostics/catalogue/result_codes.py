"""Diagnostic codes of what is asked of the results: fits, optima, claims, files and budgets.

As in `semantic_codes.py`, each has a study that provokes it, and that study mended.
"""

from __future__ import annotations

from ...errors import Code

_DATA = "data walk(er(n=512, p=.02))\n"
_MODELS = "models width in [32..256]\n"
_STUDY = _DATA + _MODELS

CODES: tuple[Code, ...] = (
    Code(
        "SCL401",
        "a law in no quantity of a run",
        "A law is read in N, N_body, D, C, another quantity of a run, one of its axes, or a column of the table.",
        _STUDY + "fit power(M)",
        _STUDY + "fit power(N)",
    ),
    Code(
        "SCL402",
        "an argument that a law does not have",
        "A law's arguments are its variables, its parameters (which fixes them), and the options loss, "
        "objective, bootstrap, group and share.",
        _STUDY + "fit chinchilla(F=0)",
        _STUDY + "fit chinchilla(E=0)",
    ),
    Code(
        "SCL403",
        "sharing what is no free parameter",
        "Panels share parameters of the law that are not fixed; a warning tells that there is one panel alone.",
        "data walk(er(n=512, p=.02), kappa={0, 1})\nmodels width in [32..256]\nfit chinchilla(share=(E, gamma))",
        "data walk(er(n=512, p=.02), kappa={0, 1})\nmodels width in [32..256]\nfit chinchilla(share=(E, alpha))",
    ),
    Code(
        "SCL404",
        "a loss that is not measured",
        "A law is fitted to the loss or to the excess over the entropy rate, where the law that data follow is known.",
        _STUDY + "fit chinchilla(loss=bleu)",
        _STUDY + "fit chinchilla(loss=excess)",
    ),
    Code(
        "SCL405",
        "an unknown objective",
        "Objectives are huber, lad and log-mse on log loss, huber-raw and mse on loss; the Huber ones take a "
        "threshold.",
        _STUDY + "fit chinchilla(objective=hubert(1e-3))",
        _STUDY + "fit chinchilla(objective=huber(1e-3))",
    ),
    Code(
        "SCL406",
        "a surface of a law in one quantity",
        "`surface` finds the best N and D at each compute, so it needs a law in both.",
        _STUDY + "optimum surface(power(N))",
        _STUDY + "optimum surface(chinchilla)",
    ),
    Code(
        "SCL410",
        "a fit or optimum asked for twice",
        "Fits are called by what was written, so two of one name cannot be told apart. Name one with a `let`.",
        _STUDY + "fit chinchilla, chinchilla where width > 32",
        _STUDY + "let wide = chinchilla where width > 32\nfit chinchilla, wide",
    ),
    Code(
        "SCL411",
        "a fit or claim without cells",
        "No cell satisfies the condition of the fit or of the claim, or what is selected lies outside it.",
        _STUDY + "fit chinchilla where width > 512",
        _STUDY + "fit chinchilla where width > 32",
    ),
    Code(
        "SCL412",
        "a law in something that does not vary",
        "The quantity is the same in all cells that the law sees.",
        _STUDY + "train adamw()  tokens = 1M\nfit power(D)",
        _STUDY + "train adamw()  tokens in [1M..8M]\nfit power(D)",
    ),
    Code(
        "SCL413",
        "N and D on one line",
        "Where tokens follow from the size, log N and log D lie on one line, and a law in both cannot tell "
        "what each does.",
        _STUDY + "train adamw()  tokens = 20*N\nfit chinchilla",
        _STUDY + "train adamw()  tokens = 20*N\nfit power(C)",
    ),
    Code(
        "SCL414",
        "fewer cells than parameters",
        "A fit needs at least as many cells as it has free parameters. Tuned and averaged axes make no cells.",
        _DATA + "models width in {32, 64}\ntrain adamw()  tokens = 1M\nfit power(N)",
        _DATA + "models width in {32, 64}\ntrain adamw()  tokens = 1M\nfit power(N, E=entropy_rate)",
    ),
    Code(
        "SCL415",
        "some fits with fewer cells than parameters",
        "A warning: of several panels, some have too few cells; they are listed as not fitted.",
        _STUDY + "train adamw()  tokens in [250k..2M]  where D > 4*N\nfit power(N)",
        _STUDY + "fit power(N)",
    ),
    Code(
        "SCL416",
        "a column that the table does not have",
        "Every quantity of a fit comes from a column of the table, or from C = 6 N D.",
        'data table("runs.csv")\nfit power(unique)',
        'data table("runs.csv")\nfit power(N)',
    ),
    Code(
        "SCL417",
        "a column without numbers where they are wanted",
        "Losses and the variables of laws are numbers, and N, D and C positive ones. A column of text is a panel once "
        "the study names it in `table(...)`.",
        'data table("runs.csv", N="N", loss="optimiser")\nfit power(N)',
        'data table("runs.csv", N="N", loss="loss")\nfit power(N)',
    ),
    Code(
        "SCL418",
        "budgets of compute without sizes",
        "`isoflop` finds the best size at each budget of compute, so at least two budgets have three sizes each. Sweep "
        "`compute` beside the width. Where most cells lie on no such budget a warning is given.",
        _STUDY + "optimum isoflop",
        _STUDY + "train compute in {10GFLOP, 100GFLOP}\noptimum isoflop",
    ),
    Code(
        "SCL419",
        "a claim on a law through every point",
        "A warning: a fit with as many parameters as cells leaves no residual, so that its parameters have no interval "
        "and claims on them stay undecided.",
        _DATA + "models width in {32, 64, 128}\nfit power(N)\nexpect alpha(power(N)) > .2",
        _DATA + "models width in {32, 64, 128, 256}\nfit power(N)\nexpect alpha(power(N)) > .2",
    ),
    Code(
        "SCL420",
        "a claim that asks nothing",
        "A claim is about what is fitted or measured; numbers, and what the study itself sets, are no test.",
        _STUDY + "fit chinchilla\nexpect 1 < 2",
        _STUDY + "fit chinchilla\nexpect alpha < 2",
    ),
    Code(
        "SCL421",
        "a claim that is no condition",
        "A claim compares: with `<`, `in`, `within ... of`.",
        _STUDY + "fit chinchilla\nexpect alpha",
        _STUDY + "fit chinchilla\nexpect alpha in [.2..1.2]",
    ),
    Code(
        "SCL422",
        "no interval",
        "In a claim, brackets are a closed interval with two ends.",
        _STUDY + "fit chinchilla\nexpect alpha in [.2..1 step .1]",
        _STUDY + "fit chinchilla\nexpect alpha in [.2..1]",
    ),
    Code(
        "SCL423",
        "an interval that holds nothing",
        "The interval falls, so no number lies in it.",
        _STUDY + "fit chinchilla\nexpect alpha in [1..0.2]",
        _STUDY + "fit chinchilla\nexpect alpha in [.2..1]",
    ),
    Code(
        "SCL424",
        "a quantity of several fits",
        "Several fits have the quantity; say which is meant.",
        _STUDY + "fit power(N), power(D)\nexpect E > 1",
        _STUDY + "fit power(N), power(D)\nexpect E(power(N)) > 1",
    ),
    Code(
        "SCL425",
        "a quantity read as that of the law in N and D",
        "A warning: several fits have the quantity, and one of them is the only law in N and D, so it is "
        "taken. Write which is meant.",
        _STUDY + "fit chinchilla, power(N)\nexpect alpha in [.2..1]",
        _STUDY + "fit chinchilla, power(N)\nexpect alpha(chinchilla) in [.2..1]",
    ),
    Code(
        "SCL426",
        "a quantity that nothing gives",
        "No fit, optimum or measurement of the study gives the quantity.",
        _STUDY + "fit chinchilla\nexpect gamma > .1",
        _STUDY + "fit chinchilla\noptimum surface(chinchilla)\nexpect gamma > .1",
    ),
    Code(
        "SCL427",
        "a claim about a fit that is not made",
        "The claim names a fit that the study does not ask for.",
        _STUDY + "fit chinchilla\nexpect beta(power(D)) > .1",
        _STUDY + "fit chinchilla, power(D)\nexpect beta(power(D)) > .1",
    ),
    Code(
        "SCL428",
        "a selection of nothing",
        "In a quantity, an axis or label picks cells; this one is no axis or label of the study.",
        _STUDY + "fit power(D)\nexpect beta(power(D), wdth=64) > .1",
        _STUDY + "fit power(D)\nexpect beta(power(D), width=64) > .1",
    ),
    Code(
        "SCL429",
        "a value that the axis does not take",
        "The axis has no such point.",
        _STUDY + "fit power(D)\nexpect beta(power(D), width=100) > .1",
        _STUDY + "fit power(D)\nexpect beta(power(D), width=128) > .1",
    ),
    Code(
        "SCL430",
        "a claim settled in advance",
        "A warning: the bounds of the quantity settle the claim, whatever is found.",
        _STUDY + "fit chinchilla\nexpect alpha > 0",
        _STUDY + "fit chinchilla\nexpect alpha > .3",
    ),
    Code(
        "SCL431",
        "an estimate that should equal a number",
        "What is fitted or measured has noise, and never equals a number exactly. Say how near it should be.",
        _STUDY + "fit chinchilla\nexpect alpha == .5",
        _STUDY + "fit chinchilla\nexpect alpha within 10% of .5",
    ),
    Code(
        "SCL432",
        "a claim far outside the data",
        "A warning: a law or an optimum is asked at a size more than a factor of ten outside the cells it is made "
        "of. Its interval there says what follows if the law goes on; whether it does, no cell can tell.",
        _STUDY + "fit chinchilla\nexpect loss(chinchilla, N=1B, D=20B) < 2",
        _STUDY + "fit chinchilla\nexpect loss(chinchilla, N=1M, D=1M) < 2",
    ),
    Code(
        "SCL433",
        "a claim on a fit that is hardly drawn",
        "A warning: a claim is held where 97.5 % of the bootstrap draws satisfy it; with fewer than forty draws that "
        "says nothing, and with none the estimate is taken for the truth.",
        _STUDY + "fit chinchilla(bootstrap=0)\nexpect alpha < 1",
        _STUDY + "fit chinchilla(bootstrap=200)\nexpect alpha < 1",
    ),
    Code(
        "SCL434",
        "a claim on a law in a size that hardly varies",
        "A warning: E + A N^-alpha cannot be told from two values of N, however many cells there are, for many answers "
        "fit alike. The fit ends as not identified, and claims on its parameters stay undecided. Three values are the "
        "least, or two where E is fixed.",
        _DATA + "models width in {32, 64}\nfit chinchilla\nexpect alpha > .2",
        _DATA + "models width in {32, 64, 128}\nfit chinchilla\nexpect alpha > .2",
    ),
    Code(
        "SCL435",
        "a tolerance that hardly any result would miss",
        "A warning: a tolerance without `%` is in the unit of the quantity itself, nats for a loss. One as large as "
        "what it is about was mostly meant in per cent.",
        _STUDY + "fit chinchilla\nexpect E within 2 of entropy_rate",
        _STUDY + "fit chinchilla\nexpect E within 2% of entropy_rate",
    ),
    Code(
        "SCL436",
        "a claim that is finer than its grid",
        "A warning: the best value of a tuned axis is one of its points, so two of them are equal or at least a step "
        "apart. A claim that allows less than a step holds only where both are the same point.",
        _DATA + "models param in {SP, muP}  width in [32..128]\n"
        "train tune lr in [.001..1 times 3.2]\nexpect lr(SP, width=32)/lr(muP, width=32) in [.5..2]",
        _DATA + "models param in {SP, muP}  width in [32..128]\n"
        "train tune lr in [.001..1 times 3.2]\nexpect lr(SP, width=32)/lr(muP, width=32) in [.25..4]",
    ),
    Code(
        "SCL437",
        "a law in a size that hardly varies",
        "A warning: E + A N^-alpha cannot be told from two values of N, however many cells there are, for many answers "
        "fit alike. The fit ends as not identified. Three values are the least, or two where E is fixed.",
        _DATA + "models width in {32, 64}\nfit chinchilla",
        _DATA + "models width in {32, 64, 128}\nfit chinchilla",
    ),
    Code(
        "SCL438",
        "a law of other runs than there are",
        "A warning: laws in N and D take every token for a new one, and a token that is seen again teaches less. A law "
        "of repeated data has the distinct tokens as a third variable, and `where epochs == 1` keeps the fresh runs. "
        "Nor is a law of repeated data told from runs of one pass, one of tuned penalties from a single one, or any "
        "from models that have nothing left to learn.",
        'data text("corpus.txt", length=4)\nmodels width in {8, 16, 32}\n'
        "train adamw(batch=1)  unique in {100, 200, 400}  epochs in {1, 4, 16}\nfit chinchilla",
        'data text("corpus.txt", length=4)\nmodels width in {8, 16, 32}\n'
        "train adamw(batch=1)  unique in {100, 200, 400}  epochs in {1, 4, 16}\nfit repeated(U=unique)",
    ),
    Code(
        "SCL439",
        "a floor held far from where it is known to lie",
        "A warning: the entropy rate of the source is known, no loss lies below it, and the law holds its floor at a "
        "number far off. Leave it to be fitted, hold it at `entropy_rate`, or fit the `excess`, whose floor is 0. So "
        "it is with a claim of a floor below the entropy rate, or at what that is in bits.",
        _STUDY + "fit chinchilla(E=0)",
        _STUDY + "fit chinchilla(E=entropy_rate)",
    ),
    Code(
        "SCL440",
        "a condition that leaves nothing out",
        "A warning: every cell satisfies the condition of the fit, so the fit is that without it, and nothing is held "
        "out. Often a unit or a magnitude is missing.",
        _STUDY + "fit chinchilla where width > 8",
        _STUDY + "fit chinchilla where width > 32",
    ),
    Code(
        "SCL441",
        "a law that rises with a size",
        "A warning: the law written out rises with a size wherever its parameters are above 0, and losses fall. Mostly "
        "the sign of an exponent is missing: a fit looks for exponents between 0 and 8, so the loss could only grow. "
        "Likewise a law that falls is of no score that rises, such as `accuracy`.",
        _STUDY + "fit E + A*N^alpha",
        _STUDY + "fit E + A*N^-alpha",
    ),
    Code(
        "SCL442",
        "parameters that no data tell apart",
        "A warning: parameters of the law written out enter as one, such as two factors of a product, so that many "
        "values of them fit alike and none has an interval.",
        _STUDY + "fit E + A*(N_c/N)^alpha",
        _STUDY + "fit E + (N_c/N)^alpha",
    ),
    Code(
        "SCL443",
        "the spread of one number",
        "A warning: the quantity is of one fit, and the largest less the smallest of one number is 0, whatever is "
        "found. Values of an axis that a law sees are fitted together; `panel` gives each a fit of its own.",
        _DATA + "models transformer  layers in {1, 2, 4}  width in [16..128]\ntrain tokens in [1M..4M]\n"
        "fit chinchilla\nexpect spread(alpha(chinchilla)) < .1",
        _DATA + "models transformer  panel layers in {1, 2, 4}  width in [16..128]\ntrain tokens in [1M..4M]\n"
        "fit chinchilla\nexpect spread(alpha(chinchilla)) < .1",
    ),
    Code(
        "SCL444",
        "claims that repeat or exclude each other",
        "A warning: a claim that is made twice counts twice among those that held, and of two that cannot both hold "
        "one fails, whatever is found.",
        _STUDY + "fit chinchilla\nexpect alpha > .5\nexpect alpha < .4",
        _STUDY + "fit chinchilla\nexpect alpha in [0.4..0.5]",
    ),
    Code(
        "SCL445",
        "sizes of a table in other units",
        "A warning: N and D are counted one by one. A column in millions would put the sizes that claims ask for, "
        "C = 6 N D and what optima find off by that factor.",
        'data table("runs.csv", N="N/1e6")\nfit power(N)',
        'data table("runs.csv", N="N")\nfit power(N)',
    ),
    Code(
        "SCL446",
        "a condition of the last law alone",
        "A warning: `where` is of the law that it stands behind, and the laws before it take every cell. Where that is "
        "meant, the law with the condition stands first.",
        _STUDY + "train tokens in [1M..16M]\nfit power(N), power(D) where tokens > 2M",
        _STUDY + "train tokens in [1M..16M]\nfit power({N, D}) where tokens > 2M",
    ),
    Code(
        "SCL447",
        "a law in a size of short range",
        "A warning: the size spans less than a factor of two, over which every smooth law looks like a line. No "
        "exponent is told from it.",
        _STUDY + "train tokens in {1M, 1.2M, 1.4M, 1.6M}\nfit chinchilla",
        _STUDY + "train tokens in [1M..16M]\nfit chinchilla",
    ),
    Code(
        "SCL448",
        "a law that takes different sizes for one",
        "A warning: a law in C alone takes cells of one compute and different sizes for one, and a law in N alone "
        "whose cells grow in D with it finds an exponent of both.",
        _STUDY + "train tokens in [1M..16M]\nfit power(C)",
        _STUDY + "train tokens in [1M..16M]\nfit power({N, D})\noptimum envelope",
    ),
    Code(
        "SCL449",
        "a claim on a loss whose scatter nothing tells",
        "A warning: a claim on what was measured is judged with the scatter of seeds, or with the residuals about a "
        "smooth law, for the error of an evaluation says nothing of another run. Of one seed and a few sizes neither "
        "is to be had, so that the claim stays undecided.",
        _DATA + "models width in {32, 64}\ntrain tokens = 100k\nexpect loss(width=64) < loss(width=32)",
        _DATA + "models width in {32, 64}\ntrain tokens = 100k  seed in {0, 1, 2}\n"
        "expect loss(width=64) < loss(width=32)",
    ),
    Code(
        "SCL450",
        "a hold-out of smaller sizes",
        "A warning: a hold-out mostly asks how well a law foretells sizes beyond those it was fitted to. Here all "
        "that is held out is smaller.",
        _STUDY + "train tokens in [1M..16M]\nfit chinchilla where D >= 4M\nexpect holdout(chinchilla) < 5%",
        _STUDY + "train tokens in [1M..16M]\nfit chinchilla where D <= 4M\nexpect holdout(chinchilla) < 5%",
    ),
    Code(
        "SCL451",
        "errors or sizes that cannot be compared",
        "A warning: errors are compared of fits to the same cells and the same numbers, and of laws neither of which "
        "is a case of the other: more parameters leave a smaller error on the cells that they are fitted to, whatever "
        "is true. Nor does one tell much that may be several times that of a law with no more parameters. The best N "
        "and D are those of one compute. Means of cells are over the same sizes, and losses of two batches after as "
        "many tokens.",
        _STUDY + "train tokens in [1M..16M]\nfit chinchilla, tied\nexpect rmse(tied) < rmse(chinchilla)",
        _STUDY + "train tokens in [1M..16M]\nfit chinchilla, tied\nexpect validation(tied) < validation(chinchilla)",
    ),
    Code(
        "SCL452",
        "a part of the report with nothing to show",
        "A warning: best values are shown of axes that are tuned, and the study has none.",
        _STUDY + "train tokens in [1M..16M]\nfit chinchilla\nreport tuned",
        _STUDY + "train tokens in [1M..16M]  tune lr in {.01, .03, .1}\nfit chinchilla\nreport tuned",
    ),
    Code(
        "SCL455",
        "a column that is hardly what it is taken for",
        "A warning: laws here are of losses that fall with the sizes, and D counts tokens. A perplexity is the "
        "exponential of a loss, an accuracy grows, and steps are some tokens each; rows of several things, which a "
        "column of text tells apart, are no repeats of one; sizes may stand in logarithms or be ratios, and 999 stand "
        "for a loss that is missing.",
        'data table("scores.csv", loss="val_ppl")\nfit power(N)',
        'data table("scores.csv", loss="log(val_ppl)")\nfit power(N)',
    ),
    Code(
        "SCL456",
        "words that say otherwise",
        "A warning: the title, or a comment beside a setting or a claim, says a number, a share or an order that the "
        "study does not have. Either of both is a slip, and a reader of the report believes the words.",
        'title "Five seeds"\n' + _STUDY + "train tokens in [1M..16M]  seed in {0, 1, 2}",
        'title "Three seeds"\n' + _STUDY + "train tokens in [1M..16M]  seed in {0, 1, 2}",
    ),
    Code(
        "SCL501",
        "a file outside the study's folder",
        "A study reads files from its own folder, and from folders allowed with `--data-root`.",
        'data walk(edges("../graph.txt"))\n' + _MODELS,
        'data walk(edges("graph.txt"))\n' + _MODELS,
    ),
    Code(
        "SCL502",
        "a file that uses itself",
        "`use` leads back to a file that is being read.",
        'use "study.scl"\ndata walk(er(n=512, p=.02))\n' + _MODELS,
        'use "base.scl"\n' + _MODELS,
    ),
    Code(
        "SCL503",
        "a file that is not there",
        "The file does not exist or cannot be read.",
        'use "bse.scl"\n' + _MODELS,
        'use "base.scl"\n' + _MODELS,
    ),
    Code(
        "SCL504",
        "a file that does not hold what is wanted",
        "An edge list has two node names and an optional weight a line; a transition matrix has as many rows "
        "as columns, or `i j probability` triples; a table has as many values as columns in every row, and one column "
        "for each of N, D, C and the loss, or the study says which. A text is in UTF-8, and is neither the folder of "
        "the study nor a pattern that takes in studies.",
        'data walk(edges("study.txt"))\n' + _MODELS,
        'data walk(edges("graph.txt"))\n' + _MODELS,
    ),
    Code(
        "SCL505",
        "a text or table that is not there yet",
        "It does not exist, or is a folder without files. A warning, for a plan can be made without it; `run` needs "
        "it, and then it is an error.",
        'data table("chinchilla.csv", N="params")\nfit power(N)',
        'data table("runs.csv", N="N")\nfit power(N)',
    ),
    Code(
        "SCL506",
        "a file that is read by a guess",
        "A warning: the file does not say what it means, and is taken to mean what the message says: a first line is "
        "a header, lines among the edges are comments, whole numbers are counts. Training reads it in the same way.",
        'data walk(edges("headed.csv"))\n' + _MODELS,
        'data walk(edges("graph.txt"))\n' + _MODELS,
    ),
    Code(
        "SCL507",
        "a graph that says it is directed",
        "A warning: a comment or a mark of the file says that its edges have a direction. Walks go both ways along an "
        "edge, unless the study says `directed=true`; `directed=false` says that both ways are meant.",
        'data walk(edges("directed.txt"))\n' + _MODELS,
        'data walk(edges("directed.txt", directed=true))\n' + _MODELS,
    ),
    Code(
        "SCL510",
        "more compute than the budget",
        "All runs together take more FLOPs than the study allows itself.",
        _STUDY + "budget 1GFLOP",
        _STUDY + "budget 1PFLOP",
    ),
)
