# Two hundred thousand pseudo-random numbers: made, sorted, added up.
def main():
    x = 42
    numbers = [42]
    while len(numbers) < 200000:
        x = (x * 16807) % 2147483647
        numbers.append(x)
    numbers.sort()
    total = 0
    for value in numbers:
        total = total + value
    print(len(numbers), numbers[0], numbers[100000], numbers[-1])
    print(total)


main()
