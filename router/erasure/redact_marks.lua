#!lua flags=allow-oom
-- Has an article of somebody else show fewer marks; the provider's changes that come later see that they are gone.
--
--#keys article: HASH
--#args before, amended (the piece as it was read, and what remains of it), reactions (what it shows then)
-- Returns OK, or CHANGED when the article is another by now.
if (redis.call('HGET', article, '_amended') or '') ~= before then return 'CHANGED' end
redis.call('HSET', article, '_amended', amended, 'reactions', reactions)
return 'OK'
