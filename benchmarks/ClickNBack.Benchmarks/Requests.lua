-- What wrk sends, and what it says when it is done. Arguments: the method and path, a file with a line "user token" for each who
-- asks, and for purchases a file with the merchants and what their external identifiers begin with.

local method, path, merchants, prefix
local people = {}
local count = 0

local function lines(file)
  local all = {}
  for line in io.lines(file) do
    all[#all + 1] = line
  end
  return all
end

function init(args)
  method, path = args[1], args[2]
  for _, line in ipairs(lines(args[3])) do
    local id, token = line:match("(%S+) (.+)")
    people[#people + 1] = { id = id, headers = { Authorization = token, ["Content-Type"] = "application/json" } }
  end
  if method == "POST" then
    merchants, prefix = lines(args[4]), args[5]
  end
  count = math.random(#people)
end

function request()
  count = count + 1
  local person = people[count % #people + 1]
  if method == "GET" then
    return wrk.format(method, path, person.headers)
  end

  return wrk.format(method, path, person.headers, string.format(
    '{"external_id":"%s-%d","user_id":"%s","merchant_id":"%s","amount":%d.50,"currency":"EUR"}',
    prefix, count, person.id, merchants[count % #merchants + 1], 10 + count % 90))
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format("measured %d %d %d %d %d %d", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
