-- Who needs which blob, shared by every script that names a blob in a record.
--
--#group blobs
--#keys references: ZSET ('b:' sha ':' owner and 'o:' owner ':' sha, score 0: found by blob and by owner)
--#keys condemned: ZSET (sha -> ms when its file may go, or -1 while the file is being removed, see queue/blobs.py)

-- A name is the sha256 of a blob, or begins with that of the pack that holds the content (see queue/blob_packs.py).
local function blob_of(name)
  return string.sub(name, 1, 64)
end

-- False when the blob is condemned: the caller then answers BLOB_CONDEMNED, having written nothing, and the blob is
-- put again. A script that names several blobs asks for all of them before its first write.
local function blob_usable(blobs, name)
  return not redis.call('ZSCORE', blobs.condemned, blob_of(name))
end

local function blob_reference(blobs, name, owner)
  if not blob_usable(blobs, name) then
    return false
  end
  local sha = blob_of(name)
  redis.call('ZADD', blobs.references, 0, 'b:' .. sha .. ':' .. owner, 0, 'o:' .. owner .. ':' .. sha)
  return true
end

local function blob_has_owner(blobs, sha)
  return redis.call('ZRANGEBYLEX', blobs.references, '[b:' .. sha .. ':', '(b:' .. sha .. ';', 'LIMIT', 0, 1)[1] ~= nil
end

local function blob_condemn(blobs, sha, due)
  if blob_has_owner(blobs, sha) then
    return 0
  end
  return redis.call('ZADD', blobs.condemned, 'NX', due, sha)
end

-- Ends all references of one owner; what nobody else needs may go from `due` on. Returns how many blobs that are.
local function blob_release(blobs, owner, due)
  local released = 0
  for _, member in ipairs(redis.call('ZRANGEBYLEX', blobs.references, '[o:' .. owner .. ':', '(o:' .. owner .. ';')) do
    local sha = string.sub(member, -64)
    redis.call('ZREM', blobs.references, member, 'b:' .. sha .. ':' .. owner)
    released = released + blob_condemn(blobs, sha, due)
  end
  return released
end
