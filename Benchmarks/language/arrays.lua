-- Two hundred thousand pseudo-random numbers: made, sorted, added up.
local x = 42
local numbers = {42}
while #numbers < 200000 do
  x = (x * 16807) % 2147483647
  numbers[#numbers + 1] = x
end
table.sort(numbers)
local sum = 0
for _, value in ipairs(numbers) do sum = sum + value end
print(#numbers .. " " .. numbers[1] .. " " .. numbers[100001] .. " " .. numbers[#numbers])
print(sum)
