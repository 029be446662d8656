-- Articles of a ticket, listed in the provider's order.
--
--#group article_places
--#keys articles: ZSET (score 0; <place, 12 digits>|<order>|<article id>; the list)
--#keys scopes: ZSET (score 0; <scope>\0<order>\0<place>; where each order of a conversation stands)
--
-- An article goes to the end, unless a later one of the same scope is already there: then it takes that one's place,
-- and its order puts it in front.
local function article_place(places, scope, order, id, next_place)
  local from = '(' .. scope .. '\0' .. order .. '\0~'
  local later = redis.call('ZRANGEBYLEX', places.scopes, from, '(' .. scope .. '\1', 'LIMIT', 0, 1)[1]
  local place = later and string.sub(later, -12) or string.format('%012d', next_place)
  local member = place .. '|' .. order .. '|' .. id
  redis.call('ZADD', places.articles, 0, member)
  redis.call('ZADD', places.scopes, 0, scope .. '\0' .. order .. '\0' .. place)
  if not later then return nil end
  local before = redis.call('ZREVRANGEBYLEX', places.articles, '(' .. member, '-', 'LIMIT', 0, 1)[1]
  return before and string.sub(before, -36) or ''
end
