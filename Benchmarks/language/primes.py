def main():
    limit = 250000
    primes, count, total, n = [2], 1, 2, 3
    while n <= limit:
        i, is_prime = 0, True
        while True:
            p = primes[i]
            if p * p > n:
                break
            if n % p == 0:
                is_prime = False
                break
            i = i + 1
            if i >= len(primes):
                break
        if is_prime:
            count = count + 1
            total = total + n
            if n * n <= limit:
                primes.append(n)
        n = n + 2
    print(count, "primes, sum", total)


main()
