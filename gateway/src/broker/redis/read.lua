-- Reads of one stream, each with the head of the same moment. Answers {epoch, top, first, past, …}, or false where there
-- is no stream yet. KEYS  meta log last     ARGV  what, then what it takes:
--   page FROM COUNT BYTES   {…, entries, fewer than COUNT once they are about so large}      get OFFSET…   {…, entries}      seek TIME   {…, offset}      topics   {…, {topic, offset, …}}

local meta, log, last = KEYS[1], KEYS[2], KEYS[3]
local m = redis.call('HMGET', meta, 'epoch', 'top', 'first', 'past')
if not m[1] then return false end
local top, first = tonumber(m[2]), tonumber(m[3])

local function id(offset) return string.format('%.0f-0', offset) end

local function seek(time)
  local low, high = first, top + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    local entry = redis.call('XRANGE', log, id(middle), id(middle))[1]
    if entry and tonumber(entry[2][2]) >= time then high = middle else low = middle + 1 end
  end
  return low
end

-- Large entries come in few at a time: whoever asks waits for all of an answer, and so does everybody else's Redis.
local function page(from, count, bytes_max)
  local entries, bytes, step = {}, 0, 16
  while #entries < count and from <= top and bytes < bytes_max do
    local more = redis.call('XRANGE', log, id(from), '+', 'COUNT', math.min(step, count - #entries))
    if not more[1] then break end
    for _, entry in ipairs(more) do
      entries[#entries + 1], bytes = entry, bytes + #entry[2][8]
    end
    from, step = tonumber(string.match(more[#more][1], '%d+')) + 1, step * 2
  end
  return entries
end

local answer
if ARGV[1] == 'page' then
  answer = page(math.max(tonumber(ARGV[2]), first), tonumber(ARGV[3]), tonumber(ARGV[4]))
elseif ARGV[1] == 'get' then
  answer = {}
  for i = 2, #ARGV do
    local entry = redis.call('XRANGE', log, ARGV[i] .. '-0', ARGV[i] .. '-0')[1]
    if entry then answer[#answer + 1] = entry end
  end
elseif ARGV[1] == 'seek' then
  answer = seek(tonumber(ARGV[2]))
else
  answer = redis.call('HGETALL', last)
end
return { m[1], top, first, m[4], answer }
