-- Ends the references of one owner to all but the blobs of these names; what nobody else needs may go from `due` on.

--#include blob_reference.lua

local function blob_keep(blobs, owner, kept, due)
  local keeps = {}
  for _, name in ipairs(kept) do keeps[blob_of(name)] = true end
  for _, member in ipairs(redis.call('ZRANGEBYLEX', blobs.references, '[o:' .. owner .. ':', '(o:' .. owner .. ';')) do
    local sha = string.sub(member, -64)
    if not keeps[sha] then
      redis.call('ZREM', blobs.references, member, 'b:' .. sha .. ':' .. owner)
      blob_condemn(blobs, sha, due)
    end
  end
end
