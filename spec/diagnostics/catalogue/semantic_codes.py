"""Diagnostic codes of what a study means: each with a study that provokes it, and that study mended.

The studies stand beside the files `base.scl`, `graph.txt`, `headed.csv`, `directed.txt` and `runs.csv`; a first line
`# --set NAME=VALUE` is an option of the command line. The codes of fits, claims and files stand in `result_codes.py`.
"""

from __future__ import annotations

from ...errors import Code
from .result_codes import CODES as RESULTS

_DATA = "data walk(er(n=512, p=.02))\n"
_MODELS = "models width in [32..256]\n"
_STUDY = _DATA + _MODELS

CODES: tuple[Code, ...] = (
    Code(
        "SCL101",
        "a word that this version does not know",
        "A source, graph, model, optimiser, schedule, law or report form is named that is not declared. The "
        "message lists those of the kind that is wanted.",
        "data wlak(er(n=512, p=.02))\n" + _MODELS,
        _STUDY,
    ),
    Code(
        "SCL102",
        "a word of another kind",
        "Every word has a kind, and every place wants one kind: a walk wants a graph, `fit` a law.",
        "data er(n=512, p=.02)\n" + _MODELS,
        _STUDY,
    ),
    Code(
        "SCL103",
        "a name without a value",
        "An expression or condition names something that no axis, definition, parameter or quantity of a run "
        "answers to.",
        _STUDY + "train adamw()  tokens = ratio*N",
        _STUDY + "train adamw()  ratio in {20, 50}  tokens = ratio*N",
    ),
    Code(
        "SCL104",
        "an unknown parameter",
        "A word is given a parameter that it does not have. The message names the nearest one, or lists them.",
        "data walk(er(n=512, p=.02), lenght=50)\n" + _MODELS,
        "data walk(er(n=512, p=.02), length=50)\n" + _MODELS,
    ),
    Code(
        "SCL105",
        "an unknown function",
        "Expressions know max, min, round, floor, ceil, sqrt, log, exp and abs.",
        _DATA + "models transformer(heads=maximum(1, width/64))  width in [64..256]",
        _DATA + "models transformer(heads=max(1, width/64))  width in [64..256]",
    ),
    Code(
        "SCL106",
        "a value without a name where none is taken",
        "A word takes only some parameters by position; the others are given by name.",
        _DATA + "models transformer(64)",
        _DATA + "models transformer(width=64)",
    ),
    Code(
        "SCL107",
        "a parameter that is missing",
        "A parameter without a default is not given, or none of several of which one is needed.",
        "data walk(er(n=512))\n" + _MODELS,
        _STUDY,
    ),
    Code(
        "SCL109",
        "an axis or definition that nothing uses",
        "Every axis belongs to a parameter, a setting such as `tokens`, or an expression. A name that nothing "
        "answers to is mostly a misspelt one, or one behind the wrong component.",
        _DATA + "models transformer(width=64)  layrs in {2, 4}",
        _DATA + "models transformer(width=64)  layers in {2, 4}",
    ),
    Code(
        "SCL110",
        "two titles",
        "A study has one title.",
        'title "One"\ntitle "Two"\ndata walk(er(n=512, p=.02))\n' + _MODELS,
        'title "One"\ndata walk(er(n=512, p=.02))\n' + _MODELS,
    ),
    Code(
        "SCL111",
        "a name defined twice",
        "Two lets of one file have the same name. (In a file that is used, a let of that name is replaced.)",
        "let p = .02\nlet p = .03\ndata walk(er(n=512, p=p))\n" + _MODELS,
        "let p = .02\ndata walk(er(n=512, p=p))\n" + _MODELS,
    ),
    Code(
        "SCL112",
        "something said twice",
        "A study has one head, one condition for each component, and one limit of each kind. Join conditions "
        "with `and`.",
        _STUDY + "models transformer(layers=2)\nmodels transformer(layers=4)",
        _STUDY + "models transformer(layers=2)",
    ),
    Code(
        "SCL113",
        "a name given twice",
        "A parameter, axis or definition has one value. Axes of one name are one axis and have the same points.",
        _DATA + "models transformer(width=64)  width in [32..256]",
        _STUDY,
    ),
    Code(
        "SCL114",
        "--set names no let",
        "`--set NAME=VALUE` replaces the value of a let; what has no let cannot be set.",
        "# --set width=64\nlet p = .02\ndata walk(er(n=512, p=p))\n" + _MODELS,
        "# --set p=.03\nlet p = .02\ndata walk(er(n=512, p=p))\n" + _MODELS,
    ),
    Code(
        "SCL115",
        "--set gives no value",
        "The text behind `--set NAME=` has to read as a value of the language.",
        "# --set p=.02)\nlet p = .02\ndata walk(er(n=512, p=p))\n" + _MODELS,
        "# --set p=.03\nlet p = .02\ndata walk(er(n=512, p=p))\n" + _MODELS,
    ),
    Code(
        "SCL116",
        "something defined by itself",
        "A let or definition leads back to itself, so it has no value.",
        "let a = b\nlet b = a\ndata walk(er(n=512, p=a))\n" + _MODELS,
        "let a = b\nlet b = .02\ndata walk(er(n=512, p=a))\n" + _MODELS,
    ),
    Code(
        "SCL117",
        "a let that nothing uses",
        "A warning: the let changes nothing.",
        "let q = .02\ndata walk(er(n=512, p=.02))\n" + _MODELS,
        "let q = .02\ndata walk(er(n=512, p=q))\n" + _MODELS,
    ),
    Code(
        "SCL118",
        "two alternatives with one label",
        "Alternatives are told apart by their labels.",
        _DATA + "models {small: transformer(width=32), small: transformer(width=64)}",
        _DATA + "models {small: transformer(width=32), large: transformer(width=64)}",
    ),
    Code(
        "SCL119",
        "a name that hides a word",
        "A label or let with the name of a word would be read as that word elsewhere.",
        "let walk = 3\ndata walk(er(n=512, p=.02))\n" + _MODELS,
        "let p = .02\ndata walk(er(n=512, p=p))\n" + _MODELS,
    ),
    Code(
        "SCL120",
        "a condition behind a let that has no points",
        "`where` keeps points of a fit or an optimum; a value or a sweep has none to leave out.",
        "let p = .02 where width > 32\ndata walk(er(n=512, p=p))\n" + _MODELS,
        _STUDY + "let wide = power(N) where width > 32\nfit wide",
    ),
    Code(
        "SCL121",
        "no data or no models",
        "A study names the source that its models are trained on and the models, or the table that its laws "
        "are fitted to.",
        _MODELS,
        _STUDY,
    ),
    Code(
        "SCL122",
        "training on a table",
        "A table holds losses that were measured elsewhere; nothing is trained, so `models` and `train` have no place.",
        'data table("runs.csv")\nmodels width in [32..256]\nfit chinchilla',
        'data table("runs.csv")\nfit chinchilla',
    ),
    Code(
        "SCL123",
        "lets that grow beyond measure",
        "Every let is put in where it is named. One that names another twice, which names a third twice, and so on, "
        "comes to millions of parts; and lets may name one another 64 deep.",
        "let a = max(1, 2)\n"
        + "".join(f"let {new} = max({old}, {old})\n" for old, new in zip("abcdefghijklmn", "bcdefghijklmno"))
        + _DATA
        + "models width=64\ntrain adamw(lr=o*1e-3)",
        "let a = max(1, 2)\n" + _DATA + "models width=64\ntrain adamw(lr=a*1e-3)",
    ),
    Code(
        "SCL201",
        "letters that are no unit",
        "Behind a number stand a magnitude (k, M, B, T, P), `%`, or a unit: s, min, h, d, steps, tokens, FLOP.",
        _STUDY + "train adamw()  tokens in [1Mio..4M]",
        _STUDY + "train adamw()  tokens in [1M..4M]",
    ),
    Code(
        "SCL202",
        "the wrong unit",
        "The number is in a unit that this parameter or statement is not given in. The message says which is wanted.",
        _STUDY + "train adamw(batch=30min)",
        _STUDY + "train adamw(batch=32)",
    ),
    Code(
        "SCL203",
        "the wrong type of value",
        "The place wants a number, a name, a text, or a word of one kind, and gets another.",
        'data walk(er(n="512", p=.02))\n' + _MODELS,
        _STUDY,
    ),
    Code(
        "SCL204",
        "an expression without a value",
        "The arithmetic has no result: a division by zero, a root of a negative number, a number joined with a name.",
        _STUDY + "train adamw(lr=1/0)",
        _STUDY + "train adamw(lr=1/100)",
    ),
    Code(
        "SCL205",
        "the wrong number of values for a function",
        "The function takes another number of values.",
        _DATA + "models transformer(heads=max(width/64))  width in [64..256]",
        _DATA + "models transformer(heads=max(1, width/64))  width in [64..256]",
    ),
    Code(
        "SCL206",
        "a value that is none of the choices",
        "The parameter is one of a few names.",
        _DATA + "models transformer(width=64, param=mup)",
        _DATA + "models transformer(width=64, param=muP)",
    ),
    Code(
        "SCL207",
        "a fraction where a whole number is wanted",
        "An expression for a whole number gives a fraction at some point of the grid. Say how to round it.",
        _DATA + "models transformer(heads=width/64)  width in {64, 96}",
        _DATA + "models transformer(heads=floor(width/64))  width in {64, 96}",
    ),
    Code(
        "SCL208",
        "a value out of bounds",
        "The parameter has bounds, and the value lies outside.",
        "data walk(er(n=512, p=1.5))\n" + _MODELS,
        _STUDY,
    ),
    Code(
        "SCL209",
        "parameters that do not go together",
        "Each value is allowed, but not with the others: a width that does not divide into the heads, both "
        "`p` and `edges`.",
        _DATA + "models transformer(width=64, heads=7)",
        _DATA + "models transformer(width=64, heads=8)",
    ),
    Code(
        "SCL210",
        "a warm-up longer than the run",
        "A warning: the run ends before its learning rate is reached, so its loss says little about its size.",
        _STUDY + "train adamw(warmup=5000steps)  tokens in [250k..2M]",
        _STUDY + "train adamw(warmup=2%)  tokens in [250k..2M]",
    ),
    Code(
        "SCL211",
        "nodes that no walk reaches",
        "A warning: a random graph with so few edges has nodes without any, or an edge list has several "
        "components. Walks run on the largest component.",
        "data walk(er(n=512, p=.005))\n" + _MODELS,
        _STUDY,
    ),
    Code(
        "SCL212",
        "D moved by rounding to whole steps",
        "A warning: D is a whole number of steps, and for some runs the nearest is more than 1 % off. The D "
        "that was trained on enters the fits.",
        _STUDY + "train adamw(batch=1024)  tokens in [250k..1M]",
        _STUDY + "train adamw(batch=8)  tokens in [250k..1M]",
    ),
    Code(
        "SCL213",
        "a path along a falling rate",
        "A point on the way of a run is the end of a shorter run only where the rate has not begun to fall: "
        "with a constant rate, or with `wsd`, whose decay is branched off at each point.",
        _STUDY + "train adamw(schedule=cosine, warmup=100steps)  tokens along [1M..4M]",
        _STUDY + "train adamw(schedule=wsd, warmup=100steps)  tokens along [1M..4M]",
    ),
    Code(
        "SCL214",
        "a warm-up in percent of a path",
        "A warning: the percentage is taken of the longest length, so early points of the path are warmed up "
        "longer than runs of their own length.",
        _STUDY + "train adamw(schedule=wsd, warmup=2%)  tokens along [1M..4M]",
        _STUDY + "train adamw(schedule=wsd, warmup=100steps)  tokens along [1M..4M]",
    ),
    Code(
        "SCL215",
        "a tuned axis of two values",
        "A warning: the best of two values always lies at the edge, so nobody can tell whether a better one lies "
        "beyond. Three values are the least.",
        _STUDY + "train tokens in [1M..4M]  tune lr in {.01, .03}",
        _STUDY + "train tokens in [1M..4M]  tune lr in {.01, .03, .1}",
    ),
    Code(
        "SCL216",
        "an axis whose values have fits of their own",
        "A warning: laws are fitted over cells that differ in what they are laws in, so every other axis makes panels, "
        "each with a fit of its own. Of learning rates one mostly wants the best of each cell, which `tune` keeps; "
        "`panel` says that a fit at each is meant. Likewise an axis of training, such as `epochs`, in the "
        "parentheses of a source says which data a run sees; behind `train` it is swept.",
        _STUDY + "train tokens in [1M..4M]  lr in {.01, .03, .1}\nfit chinchilla",
        _STUDY + "train tokens in [1M..4M]  tune lr in {.01, .03, .1}\nfit chinchilla",
    ),
    Code(
        "SCL217",
        "one seed that reads like several",
        "A warning: `seed = 3` trains each point once, with the seed of that number. Several seeds are an axis, over "
        "which cells are averaged; `[0..4 step 1]` counts them, and a range without `step` doubles. Seeds of a graph "
        "and of training are one axis, where both are called `seed`.",
        _STUDY + "train tokens in [1M..4M]  seed = 3",
        _STUDY + "train tokens in [1M..4M]  seed in {0, 1, 2}",
    ),
    Code(
        "SCL218",
        "a parameter that hardly does what it seems to",
        "A warning: the value is allowed, and either does nothing beside the others or means the opposite of what it "
        "is mostly written for. The message says what it does.",
        _DATA + "models transformer(param=SP, base_width=32)  width in [32..256]",
        _DATA + "models transformer(param=muP, base_width=32)  width in [32..256]",
    ),
    Code(
        "SCL219",
        "an axis that does not grow along a run",
        "`along` puts the values of an amount of training on the way of one run. A width or a rate does not change on "
        "the way: each of its values has runs of its own.",
        _DATA + "models width along [32..256]",
        _DATA + "models width in [32..256]",
    ),
    Code(
        "SCL220",
        "a median over what is no seed",
        "`median seed in {0, 1, 2}` makes cells of the median over runs of one setting, which seeds alone tell apart. "
        "Values of anything else are settings, with cells of their own.",
        _STUDY + "train tokens in [1M..4M]  median lr in {.01, .03, .1}",
        _STUDY + "train tokens in [1M..4M]  tune lr in {.01, .03, .1}  median seed in {0, 1, 2}",
    ),
    Code(
        "SCL221",
        "a vocabulary too large to be learned",
        "A warning: even the longest run sees each token of its source a few times, if ever. A lattice has "
        "`side`^`dim` nodes, and every node of a graph is a token.",
        "data walk(lattice(side=1024, dim=2))\n" + _MODELS + "train tokens in [125k..1M]",
        "data walk(lattice(side=32, dim=2))\n" + _MODELS + "train tokens in [125k..1M]",
    ),
    Code(
        "SCL222",
        "runs of a few steps, or without end",
        "A warning: even the longest run takes fewer than ten steps, so that nothing is learned, or takes billions, "
        "which no machine comes to the end of, or the largest model has more parameters than a device trains. A step "
        "takes batch x length tokens.",
        _STUDY + "train adamw(batch=8)  steps in [1..4]",
        _STUDY + "train adamw(batch=8)  steps in [100..400]",
    ),
    Code(
        "SCL301",
        "a sweep over something not known in advance",
        "The points of a sweep are numbers. What depends on the run is written as a definition with an axis "
        "of its own.",
        _STUDY + "train adamw()  tokens in {20*N, 50*N}",
        _STUDY + "train adamw()  ratio in {20, 50}  tokens = ratio*N",
    ),
    Code(
        "SCL302",
        "a joint axis with the wrong number of values",
        "Axes joined by `&` move together, so each point lists one value for each.",
        _DATA + "models transformer()  width & layers in {(64, 2), 128}",
        _DATA + "models transformer()  width & layers in {(64, 2), (128, 4)}",
    ),
    Code(
        "SCL303",
        "no sweep",
        "After `in` or `along` stands a range or a list.",
        _DATA + "models width in 64",
        _DATA + "models width in {64}",
    ),
    Code(
        "SCL304",
        "a range that cannot be stepped through",
        "The step, factor or count never leads from the start to the end.",
        _DATA + "models width in [0..256]",
        _STUDY,
    ),
    Code(
        "SCL305",
        "a falling range",
        "A range rises from its start to its end.",
        _DATA + "models width in [256..32]",
        _STUDY,
    ),
    Code(
        "SCL306",
        "a range of too many points",
        "One range has more points than a study may have runs.",
        _DATA + "models width in [2..4M step 1]",
        _STUDY,
    ),
    Code(
        "SCL307",
        "a range that stops before its end",
        "A warning: the end is not one of the points. The message gives the nearest ends that are.",
        _DATA + "models width in [32..300]",
        _STUDY,
    ),
    Code(
        "SCL308",
        "a value listed twice",
        "Each point of a sweep is listed once.",
        _DATA + "models width in {32, 64, 64}",
        _DATA + "models width in {32, 64}",
    ),
    Code(
        "SCL309",
        "a sweep inside a sweep",
        "A list holds values; two axes are written as two.",
        _DATA + "models width in {32, [64..256]}",
        _DATA + "models width in {32, 64, 128, 256}",
    ),
    Code(
        "SCL310",
        "too much or too little about how long a run trains",
        "C = 6 N D, D = steps x batch x length, D = epochs x unique: give as many of tokens, steps, compute, "
        "epochs and unique as fix D once.",
        _STUDY + "train adamw()  tokens in [1M..4M]  steps = 1000",
        _STUDY + "train adamw()  tokens in [1M..4M]",
    ),
    Code(
        "SCL312",
        "too many runs",
        "The product of the axes is larger than a study may be. It is counted before anything is expanded. Of one axis "
        "with hundreds of values by its step, which may lack the magnitude of its ends, a warning is given.",
        _STUDY + "train adamw()  tokens in [1M..64M]  tune lr in [1e-4..1e-1 count 100]  seed in [0..99 step 1]",
        _STUDY + "train adamw()  tokens in [1M..64M]  tune lr in [1e-4..1e-1 count 10]  seed in [0..2 step 1]",
    ),
    Code(
        "SCL314",
        "a condition that leaves nothing",
        "No point of the grid satisfies the conditions.",
        _STUDY + " where width > 512",
        _STUDY + " where width > 64",
    ),
    Code(
        "SCL315",
        "an axis with two roles",
        "Axes of one name in several alternatives are one axis, so they are tuned in all or in none.",
        _STUDY + "train {a: adamw(tune lr in {.01, .03}), b: adamw(lr in {.01, .03}, clip=2)}",
        _STUDY + "train {a: adamw(tune lr in {.01, .03}), b: adamw(tune lr in {.01, .03}, clip=2)}",
    ),
    Code(
        "SCL316",
        "a family that does not go with this source or optimiser",
        "A family learns from sequences of tokens, or from points with a number each to be predicted; a source gives "
        "one of them. Under muP, rates at other widths follow from the optimiser's own rule, and it may have none.",
        "data percolation(largest=1M)\nmodels transformer(width=32)",
        "data percolation(largest=1M)\nmodels nearest(cells in [1..1024])",
    ),
    *RESULTS,
)
