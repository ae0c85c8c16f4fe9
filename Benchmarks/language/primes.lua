local limit = 250000
local primes, count, sum, n = {2}, 1, 2, 3
while n <= limit do
  local i, isPrime = 1, true
  while true do
    local p = primes[i]
    if p * p > n then break end
    if n % p == 0 then
      isPrime = false
      break
    end
    i = i + 1
    if i > #primes then break end
  end
  if isPrime then
    count = count + 1
    sum = sum + n
    if n * n <= limit then primes[#primes + 1] = n end
  end
  n = n + 2
end
print(count .. " primes, sum " .. sum)
