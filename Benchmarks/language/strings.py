def main():
    s = ""
    i = 0
    while i < 100000:
        s = s + "p" + str(i) + ";"
        i = i + 1
    print(len(s))
    print(s[500000:500020])


main()
