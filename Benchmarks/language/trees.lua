local function make(depth)
  if depth == 0 then return {left = nil, right = nil} end
  return {left = make(depth - 1), right = make(depth - 1)}
end
local function check(node)
  if node.left == nil then return 1 end
  return 1 + check(node.left) + check(node.right)
end
local function run(depth, rounds)
  local kept, nodes = make(depth), 0
  for _ = 1, rounds do nodes = nodes + check(make(depth)) end
  return nodes + check(kept)
end
print(run(14, 20))
