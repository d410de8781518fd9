-- Puts a record in the place of exactly the one that was read, or takes it away.
-- KEYS: the shelf. ARGV: key; 1 and the record that was read, or 0; 1 and the new record, or 0; records of a shelf at most.
-- Answers 1 done, 0 another record stands there, -1 the shelf is full.
local key, had, before, has, after, most = unpack(ARGV)
local now = redis.call('HGET', KEYS[1], key)
-- A call that is repeated because its answer was lost finds its own work.
if has == '1' and now == after then return 1 end
if has == '0' and not now then return 1 end
if (had == '1' and now ~= before) or (had == '0' and now) then return 0 end
if has == '0' then
  redis.call('HDEL', KEYS[1], key)
  return 1
end
if not now and redis.call('HLEN', KEYS[1]) >= tonumber(most) then return -1 end
redis.call('HSET', KEYS[1], key, after)
return 1
