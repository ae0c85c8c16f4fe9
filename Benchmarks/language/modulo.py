def main():
    total = i = 0
    while i < 10000000:
        if i % 3 == 0:
            total = total + i % 7
        i = i + 1
    print(total)


main()
