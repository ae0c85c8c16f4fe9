local function adder(n)
  return function(x) return x + n end
end
local function counter()
  local total = 0
  return function(x)
    total = total + x
    return total
  end
end
local function run(rounds)
  local add, count, sum = adder(3), counter(), 0
  for i = 0, rounds - 1 do
    sum = add(i)
    count(sum)
  end
  return count(sum)
end
print(run(1500000))
