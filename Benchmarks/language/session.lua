local Counter = {}
Counter.__index = Counter
function Counter.new(step) return setmetatable({total = 0, step = step}, Counter) end
function Counter:bump(k)
  self.total = (self.total + self.step * k) % 1000003
  return self.total
end
function Counter:value() return self.total end

local counter = Counter.new(3)
for i = 0, 999999 do counter:bump(i) end
print(counter:value())
