class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def add(self, other):
        self.x = self.x + other.x
        self.y = self.y + other.y

    def length2(self):
        return self.x * self.x + self.y * self.y


def run(rounds):
    place, longest = Vector(0, 0), 0
    for i in range(rounds):
        place.add(Vector(1, i))
        if place.length2() > longest:
            longest = place.length2()
    return longest


print("true" if run(1000000) > 0 else "false")
