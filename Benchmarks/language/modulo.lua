local sum, i = 0, 0
while i < 10000000 do
  if i % 3 == 0 then sum = sum + i % 7 end
  i = i + 1
end
print(sum)
