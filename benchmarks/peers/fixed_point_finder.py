"""The procedure of FixedPointFinder (Golub and Sussillo 2018) in PyTorch, written from its
description and published defaults.

All starts are one batch; Adam minimises the mean over starts of ``q = 1/2 |F(r) - r|^2``, F one
step of the network, in float32, until every q is below 1e-12 or changes by less than 1e-20 times
the learning rate, or for 5,000 steps. Its TensorFlow version adapts the learning rate and clips
gradients; its PyTorch version lets the learning rate fall at fixed steps. What it computes at the
points is left out.
"""

from collections import deque

import numpy as np
import torch

TOL_Q, TOL_DQ, MAX_ITERS, TOL_UNIQUE = 1e-12, 1e-20, 5000, 1e-3
OUTLIER = (
    10.0  # ends further from the mean start than this many mean distances of starts are left out
)


def find(W, c, starts, *, alpha: float, adaptive: bool) -> np.ndarray:
    """Unique ends (point, unit) of one network from starts (start, unit)."""
    W, c = torch.tensor(W.T, dtype=torch.float32).contiguous(), torch.tensor(c, dtype=torch.float32)
    r = torch.tensor(starts, dtype=torch.float32, requires_grad=True)
    schedule = Adaptive(r) if adaptive else Falling(r)
    before = torch.full((len(r),), float("nan"))
    for _ in range(MAX_ITERS):
        schedule.optimizer.zero_grad()
        change = alpha * (torch.relu(r @ W + c) - r)
        q = 0.5 * (change**2).sum(dim=1)
        mean = q.mean()
        mean.backward()
        rate = schedule.step(mean.item())
        q = q.detach()
        if bool(((q < TOL_Q) | ((q - before).abs() < TOL_DQ * rate)).all()):
            break
        before = q
    return unique(r.detach().numpy().astype(float), starts)


class Adaptive:
    """Learning rate 1, 5 % less when the loss is worse than the last five, 5 % more after five
    falls.

    Gradients are clipped at the 95th percentile of the norms of the last 128 steps.
    """

    def __init__(self, r):
        self.r, self.optimizer = r, torch.optim.Adam([r], lr=1.0, eps=0.01)
        self.losses, self.norms, self.since, self.clip = deque(maxlen=6), deque(maxlen=128), 0, 1e12

    def step(self, loss: float) -> float:
        """Make a step and return its learning rate."""
        group = self.optimizer.param_groups[0]
        rate = group["lr"]
        self.norms.append(float(torch.nn.utils.clip_grad_norm_([self.r], self.clip)))
        self.optimizer.step()
        self.clip = float(np.percentile(self.norms, 95))
        self.losses.append(loss)
        self.since += 1
        if self.since > 5 and len(self.losses) == 6:
            recent = list(self.losses)
            if recent[-1] > max(recent[:-1]):
                group["lr"], self.since = 0.95 * rate, 0
            elif all(new < old for old, new in zip(recent[:-1], recent[1:], strict=True)):
                group["lr"], self.since = rate / 0.95, 0
        return rate


class Falling:
    """Learning rate 0.05, times 0.7 after every 500 steps."""

    def __init__(self, r):
        self.optimizer = torch.optim.Adam([r], lr=0.05)
        self.schedule = torch.optim.lr_scheduler.StepLR(self.optimizer, step_size=500, gamma=0.7)

    def step(self, loss: float) -> float:
        """Make a step; the tolerance is not scaled by the learning rate here."""
        self.optimizer.step()
        self.schedule.step()
        return 1.0


def unique(ends: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Ends that differ from all earlier ones by more than TOL_UNIQUE in some unit, without
    outliers.
    """
    centre = starts.mean(axis=0)
    reach = OUTLIER * np.linalg.norm(starts - centre, axis=1).mean()
    kept = np.empty((0, ends.shape[1]))
    for end in ends[np.linalg.norm(ends - centre, axis=1) < reach]:
        if not (np.abs(kept - end).max(axis=1, initial=0) <= TOL_UNIQUE).any():
            kept = np.vstack([kept, end])
    return kept
