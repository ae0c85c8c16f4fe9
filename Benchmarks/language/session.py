class Counter:
    def __init__(self, step):
        self.total = 0
        self.step = step

    def bump(self, k):
        self.total = (self.total + self.step * k) % 1000003
        return self.total

    def value(self):
        return self.total


def main():
    counter = Counter(3)
    for i in range(1000000):
        counter.bump(i)
    print(counter.value())


main()
