"""What can be reached: the largest component of a graph, and the largest class of states that nothing leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def largest_component(n: int, source: Sequence[int], target: Sequence[int]) -> int:
    """Nodes of the largest connected component of an undirected graph."""
    parent = list(range(n))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b in zip(source, target):
        parent[root(a)] = root(b)
    return max(Counter(root(i) for i in range(n)).values())


def largest_class(n: int, source: Sequence[int], target: Sequence[int]) -> int:
    """States of the largest class that leads to itself alone: strongly connected, and no transition leaves it."""
    ahead: list[list[int]] = [[] for _ in range(n)]
    for a, b in zip(source, target):
        ahead[a].append(b)
    label = strong_classes(ahead)
    size = Counter(label)
    for a, b in zip(source, target):
        if label[a] != label[b]:
            size[label[a]] = 0
    return max(size.values())


def strong_classes(ahead: Sequence[Sequence[int]]) -> list[int]:
    """[state] the number of its strongly connected component (Tarjan 1972, without recursion)."""
    n = len(ahead)
    index, low, label = [-1] * n, [0] * n, [-1] * n
    stack: list[int] = []
    count = classes = 0
    for start in range(n):
        if index[start] >= 0:
            continue
        path = [(start, 0)]
        while path:
            state, at = path.pop()
            if at == 0:
                index[state] = low[state] = count
                count += 1
                stack.append(state)
            for k in range(at, len(ahead[state])):
                nxt = ahead[state][k]
                if index[nxt] < 0:
                    path += [(state, k + 1), (nxt, 0)]
                    break
                if label[nxt] < 0:
                    low[state] = min(low[state], index[nxt])
            else:
                if low[state] == index[state]:
                    while True:
                        other = stack.pop()
                        label[other] = classes
                        if other == state:
                            break
                    classes += 1
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[state])
    return label
