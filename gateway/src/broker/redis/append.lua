-- Dedupes, numbers, stores and publishes events of one stream; without events it is the check. DESIGN's one atomic step.
-- Redis undoes nothing, so what alone can fail stands before what would strand a dedupe key.
--
-- KEYS  meta log ids last live
-- ARGV  now ("": the server's clock), fresh epoch, run ("": ask INFO), count, bytes, age, most ids, carry,
--       then for each event: lifetime of its key, key, topic, body.   Times in milliseconds, sizes in bytes.
-- Answers epoch, top, first, past ("epoch:end,…", newest first), dedupe keys lost early, {offset, or 0 for a duplicate, …}

local meta, log, ids, last, live = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local fresh, count_max, bytes_max, age_max = ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local ids_max, carry = tonumber(ARGV[7]), tonumber(ARGV[8])
local EVENTS, TRIM_MAX, PAST_MAX = 9, 256, 32

-- tostring() would write 1e+15.
local function text(number) return string.format('%.0f', number) end

local run = ARGV[3]
if run == '' then
  local info = redis.pcall('INFO', 'replication')
  run = type(info) == 'string' and string.match(info, 'master_replid:(%x+)') or ''
  if run == '' then return redis.error_reply('NORUN scripts may not call INFO here') end
end

local now
if ARGV[1] ~= '' then now = tonumber(ARGV[1]) else
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local m = redis.call('HMGET', meta, 'epoch', 'run', 'top', 'first', 'at', 'bytes', 'head', 'past')
local epoch, past = m[1], m[8] or ''
local top, first, at = tonumber(m[3] or 0), tonumber(m[4] or 1), tonumber(m[5] or 0)
local bytes, head = tonumber(m[6] or 0), tonumber(m[7] or 0) -- of what is kept: its bytes, the time of its first
local changed = #ARGV >= EVENTS
if not epoch then
  redis.call('UNLINK', log, ids, last)
  epoch, changed = fresh, true
elseif m[2] ~= run then
  -- Another server's memory, or this one's after a restart: it may lack what was answered.
  local kept, ends = 1, epoch .. ':' .. text(top)
  for one in string.gmatch(past, '[^,]+') do
    if kept < PAST_MAX then kept, ends = kept + 1, ends .. ',' .. one end
  end
  epoch, past, changed = fresh, ends, true
end
if now > at then at = now end

-- One call for all keys, one for all topics: each call from here costs as much as what it does.
local answers, brought, newest, came, keys = {}, {}, {}, {}, {}
for i = EVENTS, #ARGV, 4 do keys[#keys + 1] = ARGV[i + 1] end
local ends = keys[1] and redis.call('ZMSCORE', ids, unpack(keys)) or {}
for i = EVENTS, #ARGV, 4 do
  local key, topic, body = ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local known = ends[#answers + 1]
  if came[key] or known and tonumber(known) > at then
    answers[#answers + 1] = 0
  else
    local offset = text(top + 1)
    redis.call('XADD', log, offset .. '-0', 'a', text(at), 'k', key, 't', topic, 'b', body)
    top = top + 1
    local message = '1 ' .. epoch .. ' ' .. offset .. ' ' .. text(at) .. ' ' .. key .. ' ' .. topic
    if #body <= carry then message = message .. ' ' .. body end
    redis.call('SPUBLISH', live, message)
    if first == top then head = at end
    bytes = bytes + #topic + #body + 32
    brought[#brought + 1], brought[#brought + 2] = text(at + tonumber(ARGV[i])), key
    newest[#newest + 1], newest[#newest + 2] = topic, offset
    answers[#answers + 1], came[key] = top, tonumber(ARGV[i]) > 0
  end
end
if brought[1] then
  redis.call('ZADD', ids, unpack(brought))
  redis.call('HSET', last, unpack(newest))
end

-- The oldest go while there is too much of anything.
local before, page, place, step = first, {}, 1, 1
while first <= top and first - before < TRIM_MAX do
  local over = top - first + 1 - count_max
  if over <= 0 and bytes <= bytes_max and head >= at - age_max then break end
  if place >= #page then
    -- One more than goes, for the time of what is then the first. What goes for its bytes or age is found step by step.
    local wanted = math.min(math.max(over, step), TRIM_MAX - (first - before))
    page, place, step = redis.call('XRANGE', log, text(first) .. '-0', '+', 'COUNT', wanted + 1), 1, step * 2
    if not page[1] then first, bytes = top + 1, 0 break end
  end
  local fields = page[place][2]
  local topic = fields[6]
  if redis.call('HGET', last, topic) == text(first) then redis.call('HDEL', last, topic) end
  bytes = bytes - #topic - #fields[8] - 32
  first, place = first + 1, place + 1
  if page[place] then head = tonumber(page[place][2][2]) end
end
if first > before then
  redis.call('XTRIM', log, 'MINID', text(first) .. '-0')
  changed = true
end

-- Keys that ended go now and then, and before those that still live must.
local over = brought[1] and redis.call('ZCARD', ids) - ids_max or 0
if over > 0 or not brought[1] or top % 64 < #answers then
  local lapsed = redis.call('ZRANGE', ids, '-inf', text(at), 'BYSCORE', 'LIMIT', 0, 256)
  if lapsed[1] then over = over - redis.call('ZREM', ids, unpack(lapsed)) end
end
local early = math.max(over, 0)
if early > 0 then redis.call('ZREMRANGEBYRANK', ids, 0, early - 1) end

-- With events always, so that WAIT covers a duplicate whose first the replicas may not have yet.
if changed then
  redis.call('HSET', meta, 'epoch', epoch, 'run', run, 'top', text(top), 'first', text(first), 'at', text(at),
    'bytes', text(bytes), 'head', text(head), 'past', past)
end
return { epoch, top, first, past, early, answers }
