local s = ""
for _ = 1, 100000 do s = s .. "ab" end
print(#s)
