local Vector = {}
Vector.__index = Vector
function Vector.new(x, y) return setmetatable({x = x, y = y}, Vector) end
function Vector:add(other)
  self.x = self.x + other.x
  self.y = self.y + other.y
end
function Vector:length2() return self.x * self.x + self.y * self.y end
local function run(rounds)
  local place, longest = Vector.new(0, 0), 0
  for i = 0, rounds - 1 do
    place:add(Vector.new(1, i))
    if place:length2() > longest then longest = place:length2() end
  end
  return longest
end
print(run(1000000) > 0)
