"""Names that others have for the numbers which claims ask for."""

from __future__ import annotations

#: Quantities by the names that others have for them, in small letters, as they are asked for here.
ELSEWHERE_MEASURED = {
    **dict.fromkeys(
        ("val_loss", "test_loss", "eval_loss", "final_loss", "train_loss", "ce", "cross_entropy", "nll"), "loss"
    ),
    **dict.fromkeys(("perplexity", "ppl"), "exp(loss)"),
    **dict.fromkeys(
        ("bits", "bpc", "bpb", "bits_per_byte", "bits_per_char", "bits_per_token", "loss_bits"), "loss/log(2)"
    ),
    **dict.fromkeys(("entropy", "h", "entropyrate", "floor_exact"), "entropy_rate"),
    **dict.fromkeys(("irreducible", "irreducible_loss", "offset", "e_inf", "l_inf"), "E"),
    **dict.fromkeys(("excess_entropy", "reducible", "reducible_loss", "gap"), "excess"),
    **dict.fromkeys(("alpha_n", "slope_n"), "alpha"),
    **dict.fromkeys(("alpha_d", "slope_d", "data_exponent"), "beta"),
    **dict.fromkeys(
        ("r2", "rsquared", "r_squared", "r", "goodness", "adjusted_r2", "adj_r2", "explained_variance"), "r2"
    ),
    **dict.fromkeys(("residual", "residuals", "error", "err", "fit_error", "misfit", "rmsle", "log_rmse"), "rmse_log"),
    **dict.fromkeys(
        ("mape", "smape", "mspe", "wape", "mare", "relative_error", "rel_error", "percent_error"), "rmse_log"
    ),
    **dict.fromkeys(("mae", "rms", "rms_error"), "rmse"),
    **dict.fromkeys(("cv", "cv_error", "validation_error", "cross_validation", "test_mse"), "validation"),
    **dict.fromkeys(
        ("test_error", "heldout", "held_out", "extrapolation_error", "holdout_error", "test_rmse"), "holdout"
    ),
    **dict.fromkeys(("extrapolation", "prediction_error", "generalization_error", "ood_error"), "holdout"),
    **dict.fromkeys(("n_cells", "n_points", "n_rows", "n_obs", "nobs", "n_observations"), "n"),
    **dict.fromkeys(("top1", "acc", "top1_accuracy", "em", "exact_match"), "accuracy"),
    **dict.fromkeys(("tv", "total_variation", "tv_distance"), "tvd"),
    **dict.fromkeys(("kld", "kl_div", "kl_divergence", "kldiv", "divergence"), "excess"),
    **dict.fromkeys(("std_error", "sem_loss", "loss_se", "loss_std"), "standard_error"),
}
#: Numbers of an optimum by the names that others have for them.
OPTIMAL = {
    **dict.fromkeys(("n_opt", "nopt", "optimal_n", "n_star", "best_n", "optimal_params", "optimal_size"), "N"),
    **dict.fromkeys(("d_opt", "dopt", "optimal_d", "d_star", "best_d", "optimal_tokens", "optimal_data"), "D"),
    **dict.fromkeys(("l_opt", "lopt", "optimal_loss", "best_loss", "l_star", "min_loss", "loss_opt"), "L"),
    **dict.fromkeys(("optimal_ratio", "tokens_per_param", "tokens_per_parameter", "ratio_opt", "d_over_n"), "D/N"),
}
#: Exponents of the best sizes in C, by the names that laws have for theirs.
GROWTH = {**dict.fromkeys(("alpha", "slope", "exponent", "alpha_n", "a_n"), "a"), "beta": "b", "alpha_d": "b"}
#: How a loss moves, by the names that tests of it have.
TRENDS = {
    **dict.fromkeys(
        ("monotonic", "monotone", "decreasing", "is_decreasing", "is_monotonic", "falls", "decreases"), "<"
    ),
    **dict.fromkeys(("monotonically_decreasing", "nonincreasing", "trend", "improves", "sorted", "is_sorted"), "<"),
    **dict.fromkeys(("increasing", "is_increasing", "rises", "increases", "nondecreasing"), ">"),
}
#: What laws are compared by elsewhere, in units of its own: whether more of it is better.
CRITERIA = {
    **dict.fromkeys(("aic", "bic", "aicc", "waic", "dic", "mdl", "deviance", "loo", "looic", "chi2", "chisq"), False),
    **dict.fromkeys(("likelihood", "log_likelihood", "loglik", "evidence", "log_evidence", "bayes_factor"), True),
}
#: What is said of them.
CRITERION = "no information criterion is worked out: laws are compared by their errors on cells left out"
#: What is said beside a quantity that stands for another one.
NOT = {
    **dict.fromkeys(
        ("kld", "kl_div", "kl_divergence", "kldiv", "divergence"),
        "`excess` is the divergence of the data's law from the model's",
    ),
}
#: Words for a probability or a spread of a number, whose threshold is of no number that is found.
THRESHOLDS = (
    *("p", "prob", "probability", "pr", "p_value", "pvalue", "pval", "significance", "significant"),
    *("se", "stderr", "sem", "uncertainty", "posterior", "zscore", "tstat"),
)
#: Words for how sure a number is, which no claim asks for.
JUDGED = (*THRESHOLDS, "ci", "interval", "confidence", "credible")
#: Parts of names of how wide an interval is.
INTERVALS = frozenset({"ci", "interval", "confidence", "credible", "halfwidth"})
#: Names for an exponent of any law.
EXPONENTS = ("exponent", "slope", "power", "rate", "scaling_exponent", "exp", "gradient")
PREDICTING = ("predict", "prediction", "predicted", "extrapolate", "forecast", "eval", "evaluate", "value", "f")
#: Reductions by the names that others have for them, or for the nearest thing to them.
ELSEWHERE_REDUCED = {
    **dict.fromkeys(("avg", "average", "nanmean"), "mean"),
    **dict.fromkeys(("std", "stdev", "stddev", "sd", "var", "variance", "range", "ptp"), "spread"),
    **dict.fromkeys(("maximum", "amax", "largest"), "max"),
    **dict.fromkeys(("minimum", "amin", "smallest"), "min"),
}
