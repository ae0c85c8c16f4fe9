def main():
    limit = 2000000
    composite = []
    for i in range(limit + 1):
        composite.append(False)
    count = 0
    for n in range(2, limit + 1):
        if not composite[n]:
            count = count + 1
            for m in range(n * n, limit + 1, n):
                composite[m] = True
    print(count)


main()
