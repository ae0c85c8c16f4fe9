local i, sum = 0, 0
while i < 5000000 do
  sum = (sum + i * 3) % 1000003
  i = i + 1
end
print(sum)
