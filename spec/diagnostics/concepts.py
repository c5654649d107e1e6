"""What the field has and the language has not, by the names that people give it, and what is there instead.

One home for such sentences: each stands behind "leave it out: " and alone, says why there is nothing of the kind, and
where there is something near it, what is written. Names are in small letters, without underscores and hyphens.
"""

from __future__ import annotations

import re

from .suggest import forms

#: What is said, and the names it is said of.
_SAID: tuple[tuple[str, str], ...] = (
    (
        "models here have no dropout; `decay` of an optimiser keeps weights small",
        "dropout attndropout residdropout attentiondropout hiddendropout pdropout embdpdrop attnpdrop residpdrop "
        "dropoutrate droppath stochasticdepth embeddingdropout hiddendropoutprob attentionprobsdropoutprob layerdrop "
        "droppathrate dropoutp",
    ),
    (
        "the vocabulary follows from the data",
        "vocab vocabsize nvocab numtokensvocab vocabulary padvocabsize numembeddings vocabularysize padtokenid "
        "bostokenid eostokenid paddedvocabsize maxvocab",
    ),
    (
        "the activation is GELU",
        "activation act actfn hiddenact activationfunction nonlinearity activationfn swiglu useswiglu glu gelu relu "
        "silu geglu mlptype ffnact",
    ),
    (
        "positions are rotary, and each model learns at the `length` of its data",
        "positional positions pos posemb positionalencoding positionembedding rope userope ropetheta rotary "
        "positionalembedding "
        "posencoding positionembeddingtype alibi rotarydim rotarypct ropescaling nope posenc positionencoding yarn "
        "maxpositions learnedpositions",
    ),
    (
        "norms stand before each block",
        "norm normtype layernorm rmsnorm normeps layernormeps prenorm prenormalization qknorm normfirst "
        "layernormepsilon rmsnormeps postnorm normplacement batchnorm qklayernorm",
    ),
    (
        "models here have no biases",
        "bias usebias qkvbias attentionbias mlpbias nobias biases",
    ),
    (
        "first weights follow from the parametrisation, `param=muP` or `param=SP`",
        "init initializer initializerrange initstd weightinit initscale initialization inittype winit initmethod",
    ),
    (
        "each head has keys and values of its own",
        "nkvheads numkeyvalueheads nkvhead kvheads gqa mqa multiqueryattention groupedqueryattention nkvgroups mla "
        "kvlorarank numquerygroups",
    ),
    (
        "attention is full and causal, and how it is computed changes no result",
        "attention attn slidingwindow window windowsize sparseattention localattention attentionwindow attentiontype "
        "attntype linearattention blocksparse causal attentionmask attnwindow",
    ),
    (
        "how it is computed changes no result",
        "profile profiler profiling "
        "flash flashattn useflashattention attnimplementation usecache gradientcheckpointing compile torchcompile "
        "fused foreach activationcheckpointing flashattention xformers memoryefficient sdpa useflash compilemodel",
    ),
    (
        "there is no mixture of experts; `external` models are trained by a program of yours",
        "experts nexperts numexperts topk moe router expertspertoken numexpertspertok expertcapacity loadbalancing "
        "capacityfactor mixtureofexperts switchtransformer sparsemoe auxloss numlocalexperts",
    ),
    (
        "nothing is pretrained or tuned further: every model begins at random weights",
        "pretrained frompretrained lora loraalpha lorar lorarank finetune finetuning peft adapter freeze frozen "
        "initfrom checkpoint loadfrom warmstart resumefrom resumefromcheckpoint basemodel pretrainedmodel qlora "
        "adapters initfromcheckpoint transferlearning",
    ),
    (
        "weights are numbers of the `precision` that is set, and none is pruned or quantised",
        "quantization quantize int8 fp8 bits pruning sparsity prune quantized nbits loadin8bit loadin4bit qat sparse "
        "bitnet",
    ),
    (
        "models are not averaged or joined",
        "ensemble ensembles soup modelsoup averaging swa ema emadecay useema polyak modelaveraging ensemblesize "
        "weightaveraging swalr exponentialmovingaverage",
    ),
    (
        "optimisers here are the plain ones; `sgd` and `muon` have `momentum` and `nesterov`",
        "amsgrad nesterov momentum maximize dampening trustratio decoupledweightdecay capturable differentiable "
        "scaleparameter relativestep",
    ),
    (
        "every parameter has the peak rate times the factor of its kind, which `param` says; of `muon` and its like "
        "`others` is that of embeddings",
        "layerwiselr layerwiselrdecay paramgroups embeddings embeddinglr embedlr lrmult headlr lrmultiplier "
        "perlayerlr lrscale embeddinglrmult llrd scalarlr embedlrmult outputlr",
    ),
    (
        "no optimiser finds its rate by itself: the best of several is kept, `train adamw  tune lr in {0.003, 0.01, "
        "0.03}`",
        "prodigy dadaptation dadapt dadaptadam lrfinder lrfind autolr",
    ),
    (
        "steps have no noise but that of their batch",
        "gradientnoise gradnoise sgld langevin noisescale weightnoise",
    ),
    (
        "a run with its seed gives the same numbers again by itself",
        "deterministic reproducible determinism usedeterministicalgorithms cudnndeterministic reproducibility",
    ),
    (
        "a schedule ends where its run ends",
        "cycles tmax lrdecayiters decayiters decaysteps lrdecaysteps numcycles lastepoch numtrainingsteps annealsteps "
        "cyclelength t0 tmult restarts numrestarts maxdecaysteps lrdecaytokens",
    ),
    (
        "a batch is taken at once, whatever its size: `batch` is the whole of it",
        "gradientaccumulationsteps gradaccum accumulategradbatches gradaccumsteps accumulationsteps microsteps "
        "gradientaccumulation accumulate gradacc microbatches accumsteps nmicrobatches",
    ),
    (
        "`batch` and `length` are the same all along a run",
        "batchrampup rampup batchwarmup batchschedule batchsizerampup rampupbatchsize lengthwarmup seqlenwarmup "
        "sequencelengthwarmup batchsizeschedule",
    ),
    (
        "the loss is the plain cross-entropy, which laws are about",
        "labelsmoothing labelsmoothingfactor zloss focalloss lossfn lossfunction criterion lossweight auxiliaryloss "
        "smoothing zlossweight losstype maskprob",
    ),
    (
        "a run is trained to its end; shorter ones are points of `tokens`, or of `tokens along [...]`",
        "earlystopping patience convergence converged untilconvergence earlystop earlystoppingpatience stopearly "
        "mindelta stopping stopwhen earlystoppingthreshold",
    ),
    (
        "what a study may take is bounded by `budget 1h`, in a line of its own",
        "time walltime maxtime timelimit hours maxhours wallclock timebudget gpuhours maxduration duration minutes",
    ),
    (
        "every point of the grid is run; the best value of an axis is kept by `tune`",
        "pruner asha hyperband successivehalving medianpruner ntrials numtrials numsamplestune searchalg sampler tpe "
        "bayesian bayes randomsearch bayesianoptimization gridsearch earlypruning maxtrials runcap trials population "
        "pbt optuna hyperopt raytune budgetedsearch ashascheduler hyperbandscheduler asynchyperbandscheduler bohb "
        "hyperbandpruner successivehalvingpruner medianstoppingrule populationbasedtraining fifoscheduler",
    ),
    (
        "models are judged by the next token alone: measured are `loss`, `accuracy` and `tvd`",
        "bleu rouge f1 mmlu hellaswag gsm8k humaneval passk winrate exactmatch lambada arc benchmark downstream "
        "zeroshot fewshot mauve precisionatk recall auc auroc glue superglue winogrande piqa eloscore judge",
    ),
    (
        "models learn the next token of their data, and nothing else",
        "rlhf dpo ppo reward sft instruct instructiontuning contrastive maskedlm mlm masking multitask "
        "multitokenprediction fim mtp rewardmodel grpo preference objectiveslm denoising",
    ),
    (
        "a model that learns from another learns what that writes: `data sample(lm(text(...), width=256, tokens=20M))`",
        "distill distillation teacher student distilltemperature kd knowledgedistillation teachermodel distillalpha",
    ),
    (
        "documents are taken in an order of the seed, none before others",
        "curriculum curriculumlearning ordering difficulty dataorder sortby annealing shuffle droplast pinmemory "
        "shufflebuffer shuffling bucketing packing shufflebuffersize prefetch numworkersdata",
    ),
    (
        "texts are read as they are: what is to be left out of a file is left out before",
        "dedup deduplicate deduplication filter filtering qualityfilter cleaning decontaminate minhash lowercase "
        "normalize stopwords preprocessing preprocess textfilter quality maxdocuments maxexamples",
    ),
    (
        'images and sounds are learned by a program of yours: write `dataset("{name}")`, and a model with its size, '
        "`models external(N=12*layers*width^2, layers=18, width in {64, 128, 256})`",
        "mnist cifar cifar10 cifar100 imagenet images image vision coco svhn fashionmnist celeba tinyimagenet audio "
        "librispeech speech video laion",
    ),
    (
        "models of images and sounds are trained by a program of yours: write `external(N=12*layers*width^2, "
        "layers=18, width in {64, 128, 256})` with its parameters and how many they make, and `data dataset(NAME)`",
        "resnet cnn vit convnet unet diffusion gan vae visiontransformer convolutional "
        "resnet50 resnet18 efficientnet convnext dit",
    ),
    (
        "no such task is made here: its sequences are written to a file by a program of yours, a document a paragraph, "
        "and are read as `text(...)`",
        "dyck modularaddition modulararithmetic modular addition parity copytask copying sorting arithmetic listops "
        "multiplication inductionheads associativerecall incontext algorithmic grokking maze sudoku needle mqar",
    ),
    (
        "a mixture is of two sources of one vocabulary, `mix(ONE, OTHER, share=30%)`; more are alternatives in a set",
        "mixture mix mixing weightsofsources proportions ratio ratios mixingweights datamix mixweights interleave "
        "samplingweights domainweights doremi upsample mixtureweights concat concatenate blend datasetweights",
    ),
    (
        "data are not changed on their way to a model",
        "augment augmentation augmentations noiseaug mixup cutout tokendropout corruption wordropout bpedropout",
    ),
    (
        "a source draws as much as runs train on",
        "walks numsamples nsamples nwalks numwalks nsequences numsequences ntrain ntest trainsize testsize streaming "
        "trainsplit cachedir trustremotecode numproc subset maxsamples",
    ),
    (
        "a table's reader finds out by itself how it is written",
        "sep delimiter sheet sheetname header skiprows indexcol usecols encoding decimal quotechar engine delim "
        "navalues dtypebackend parsedates skip nrows dtype",
    ),
    (
        "each row of the first file has beside it what the other says, and nothing where that has none",
        "how suffixes validate indicator mergehow jointype leftindex rightindex",
    ),
    (
        "every hidden matrix has its squares, whatever its size, and none is split or merged",
        "maxpreconddim mergedims maxpreconditionerdim precondsize preconditionersize blocksizeprecond normalizegrads "
        "dataformat correctbias precondition1d maxsizetriangular memorysavemode splitheads precondinit startprecond "
        "startpreconditioningstep graftingtype grafting graftingconfig inverserootoverride useprotectedeigh",
    ),
    (
        "a run is evaluated at its end, on data that it did not see",
        "evaluate evaluateevery evaluation evals validate evalsteps evalinterval evalevery evaluationstrategy "
        "evalstrategy evaliters valcheckinterval validationsteps evalfreq evalbatches checkvaleverynepoch "
        "limitvalbatches evalfrequency",
    ),
    (
        "the loss along each run is kept sparsely by itself",
        "loginterval loggingsteps logevery logfreq reportto logger wandb usewandb wandbproject logging tensorboard "
        "runname project logeverynsteps callbacks mlflow comet neptune wandblog wandbrunname group tags notes "
        "verbose progressbar enableprogressbar",
    ),
    (
        "runs are checkpointed by themselves, and the same command goes on with what was stopped; points on the way of "
        "one run are `tokens along [...]`",
        "checkpoints savesteps saveinterval checkpointevery ckpt saveevery savestrategy savetotallimit "
        "checkpointinterval savefreq checkpointing alwayssavecheckpoint savecheckpoint enablecheckpointing "
        "keepcheckpoints ckptinterval",
    ),
    (
        "a study that was interrupted goes on by itself when `scalingdsl run` is typed again",
        "resume autoresume continue restart overwrite overwriteoutputdir alwaysresume",
    ),
    (
        "where and when a study runs is said to the command, `scalingdsl run --device cuda --workers 4`",
        "device cuda gpu gpus accelerator workers numworkers njobs processes devices strategy numnodes ddp fsdp "
        "backend nproc tpu tpucores slurm partition mem cpus parallel distributed deepspeed zero zerostage "
        "tensorparallel pipelineparallel dataparallel tp pp dp worldsize localrank nprocpernode jobs threads "
        "nthreads executor",
    ),
    (
        "where results go is said to the command, `scalingdsl run --out FOLDER`",
        "out output outputdir savedir logdir outdir resultsdir defaultrootdir savepath",
    ),
    (
        "figures come with every report, sizes and losses on logarithmic axes",
        "plot plots figure figures loglog logx logy xlabel ylabel xscale yscale logscale axis legend xlim ylim "
        "errorbar scatter heatmap figsize colormap semilogx dpi color title scale",
    ),
    (
        "compute is that of training, C = 6 N D: there is no cost of inference",
        "inference inferencecost inferencetokens servingcost deployment lifetimetokens inferenceflops requests "
        "latency queries servetokens",
    ),
    (
        "a budget is a time or an amount of compute",
        "dollars usd money eur price cost euros kwh energy co2 carbon credits",
    ),
)
#: The same of options of laws, whose names mean other things elsewhere.
_OF_FITS: tuple[tuple[str, str], ...] = (
    (
        "intervals are those of 95%",
        "ci confidence level interval conf confidencelevel significance pvalue alphalevel coverage conflevel "
        "credible sigmalevel cilevel",
    ),
    (
        "a fit begins at many places by itself",
        "p0 start x0 guess initialguess starts bounds maxfev methodfit solver optimizer maxiter tol initial lower "
        "upper ftol xtol algorithm nstarts nrestarts maxnfev",
    ),
    (
        "a claim on `validation` of the law holds cells out at random, and the error on those that a condition behind "
        "the law leaves out is its `holdout`",
        "holdout heldout testset holdoutfraction testsize testsplit testfraction trainsize trainfraction valsize",
    ),
    (
        "a fit has no priors, and is the best of many beginnings; what is known of a parameter holds it, as in "
        "`chinchilla(E=1.7)`",
        "prior priors chains draws mcmc nuts posterior samplermcmc burnin thin tunesteps targetaccept bayesian bayes "
        "bayesfactor hierarchical",
    ),
    (
        "a study chooses no law: name those to compare, such as `fit chinchilla, interaction`, and claim "
        "`validation(chinchilla) < validation(interaction)`; `scalingdsl fit TABLE --law best` chooses for a table",
        "best auto automatic automl symbolic symbolicregression pysr search select selected modelselection stepwise "
        "aic bic genetic optimal",
    ),
    (
        "intervals are those of a bootstrap, `bootstrap=1000` draws, which are the same each time",
        "seed randomstate rngseed rng jackknife resample resampling bootstrapmethod nboot bca percentile delta "
        "deltamethod covariance cov hessian uncertainty uncertainties standarderrors se profile",
    ),
    (
        "no cell is left out by itself: `objective=lad` weighs those far off least, and a condition leaves out, as in "
        "`where rank(-loss) > 3`",
        "outliers outlier removeoutliers dropoutliers sigmaclip clip trim trimmed winsorize winsorise reject",
    ),
    (
        "the losses of a cell are averaged over its seeds by themselves",
        "average averaged mean avg aggregate aggregation groupby reduce seeds overseeds perseed",
    ),
    (
        "a fit ends where nothing is gained, whatever its law",
        "tolerance maxiterations iterations iters niter eps epsilon steps nsteps epochs convergence",
    ),
    (
        "cells weigh by their noise",
        "weights weight sigma weighted w yerr errors absolutesigma sampleweight",
    ),
    (
        "a law is fitted to all cells that `where` leaves, and its error on others is `holdout(...)` or "
        "`validation(...)`",
        "cv kfold folds crossvalidation crossval nsplits trainfraction leaveoneout loo test testfraction "
        "validationfraction nfolds validationsplit",
    ),
)
#: Letters of a name that is found among parts of another alone.
SHORT = 4
SAID: dict[str, str] = {name: said for said, names in _SAID for name in names.split()}
OF_FITS: dict[str, str] = {name: said for said, names in _OF_FITS for name in names.split()}


def missing(name: str, of_fits: bool = False) -> str | None:
    """What is said of a thing that the language has not; None for a name that is none of these.

    With `of_fits`, of an option of a law.
    """
    plain = re.sub(r"[_\-. ]", "", name).lower()
    if said := (OF_FITS.get(plain) if of_fits else None) or SAID.get(plain):
        return said.replace("{name}", name)
    return next((SAID[form] for form in forms(name)[3:] if len(form) > SHORT and form in SAID), None)
