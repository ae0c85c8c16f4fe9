local limit = 2000000
local composite = {}
for i = 0, limit do composite[i] = false end
local count = 0
for n = 2, limit do
  if not composite[n] then
    count = count + 1
    for m = n * n, limit, n do composite[m] = true end
  end
end
print(count)
