class Node:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right


def make(depth):
    if depth == 0:
        return Node(None, None)
    return Node(make(depth - 1), make(depth - 1))


def check(node):
    if node.left is None:
        return 1
    return 1 + check(node.left) + check(node.right)


def run(depth, rounds):
    kept, nodes = make(depth), 0
    for _ in range(rounds):
        nodes = nodes + check(make(depth))
    return nodes + check(kept)


print(run(14, 20))
