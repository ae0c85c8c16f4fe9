def main():
    s = ""
    for _ in range(100000):
        s = s + "ab"
    print(len(s))


main()
