def adder(n):
    return lambda x: x + n


def counter():
    total = 0

    def count(x):
        nonlocal total
        total = total + x
        return total

    return count


def run(rounds):
    add, count, result = adder(3), counter(), 0
    for i in range(rounds):
        result = add(i)
        count(result)
    return count(result)


print(run(1500000))
