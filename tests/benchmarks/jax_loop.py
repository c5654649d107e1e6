"""The same model, loss and AdamW as `nanogpt.py` in JAX, as people who train many small models there would have it: one
step under `vmap` for all of them, compiled once, its buffers donated.

Axes: P model, B batch, T time, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

Params = dict[str, Any]
BETAS, DECAY, EPS, CLIP = (0.9, 0.95), 0.01, 1e-8, 1.0


def initial(key: Any, vocab: int, width: int, layers: int) -> Params:
    """Matrices of one model as Gaussians of standard deviation 0.02, gains as ones."""
    keys = iter(jax.random.split(key, 4 * layers + 1))

    def matrix(*shape: int) -> Any:
        return 0.02 * jax.random.normal(next(keys), shape)

    def block() -> Params:
        return {
            "norm_1": jnp.ones(width),
            "qkv": matrix(width, 3 * width),
            "proj": matrix(width, width),
            "norm_2": jnp.ones(width),
            "up": matrix(width, 4 * width),
            "down": matrix(4 * width, width),
        }

    return {"embed": matrix(vocab, width), "blocks": [block() for _ in range(layers)], "norm": jnp.ones(width)}


def loss_of(params: Params, tokens: Any, heads: int) -> Any:
    """Mean cross-entropy of sequences [B, T+1]."""
    inputs, targets = tokens[:, :-1], tokens[:, 1:]
    x = params["embed"][inputs]
    b, t, m = x.shape
    k = m // heads
    angle = jnp.arange(t)[:, None] / 10_000 ** (jnp.arange(0, k, 2) / k)
    cos, sin = (jnp.concatenate([f(angle), f(angle)], -1)[None, :, None] for f in (jnp.cos, jnp.sin))
    past = jnp.tril(jnp.ones((t, t), bool))

    def turned(z: Any) -> Any:
        first, second = jnp.split(z, 2, -1)
        return z * cos + jnp.concatenate([-second, first], -1) * sin

    for block in params["blocks"]:
        q, key, v = (z.reshape(b, t, heads, k) for z in jnp.split(norm(x, block["norm_1"]) @ block["qkv"], 3, -1))
        scores = jnp.einsum("bthk,bshk->bhts", turned(q), turned(key)) / math.sqrt(k)
        weights = jax.nn.softmax(jnp.where(past, scores, -jnp.inf), -1)
        x = x + jnp.einsum("bhts,bshk->bthk", weights, v).reshape(b, t, m) @ block["proj"]
        x = x + jax.nn.gelu(norm(x, block["norm_2"]) @ block["up"], approximate=False) @ block["down"]
    log_p = jax.nn.log_softmax(norm(x, params["norm"]) @ params["embed"].T)
    return -jnp.take_along_axis(log_p, targets[..., None], -1).mean()


def norm(x: Any, gain: Any) -> Any:
    """Layer norm without a bias."""
    centred = x - x.mean(-1, keepdims=True)
    return gain * centred * jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5)


def train_step(heads: int, lr: float = 1e-3) -> Callable[..., Any]:
    """`step(state, tokens [P, B, T+1])` for stacked models; the state given is used up."""

    def step(state: Any, tokens: Any) -> Any:
        params, first, second, count = state
        grads = jax.grad(loss_of)(params, tokens, heads)
        size = jnp.sqrt(sum((g**2).sum() for g in jax.tree.leaves(grads)))
        grads = jax.tree.map(lambda g: g * jnp.minimum(1.0, CLIP / (size + 1e-6)), grads)
        count = count + 1
        first = jax.tree.map(lambda m, g: BETAS[0] * m + (1 - BETAS[0]) * g, first, grads)
        second = jax.tree.map(lambda v, g: BETAS[1] * v + (1 - BETAS[1]) * g**2, second, grads)

        def updated(p: Any, m: Any, v: Any) -> Any:
            move = m / (1 - BETAS[0] ** count) / (jnp.sqrt(v / (1 - BETAS[1] ** count)) + EPS)
            return p * (1 - lr * DECAY * (p.ndim > 1)) - lr * move

        return jax.tree.map(updated, params, first, second), first, second, count

    return jax.jit(jax.vmap(step), donate_argnums=0)


def stacked_state(slots: int, vocab: int, width: int, layers: int) -> Any:
    """Parameters and moments of so many models, each with its own seed."""
    params = jax.vmap(lambda key: initial(key, vocab, width, layers))(jax.random.split(jax.random.key(0), slots))
    zeros = [jax.tree.map(jnp.zeros_like, params) for _ in range(2)]
    return params, *zeros, jnp.zeros(slots)
