#!lua flags=allow-oom
-- Gives an article its words (search_words.py), unless it is gone or was erased meanwhile.
--
--#keys article: HASH
--#args words (a piece), only_new: flag (leave what is there)
-- Returns 1, or 0 when nothing was written.
if redis.call('HEXISTS', article, 'text') == 0 or redis.call('HEXISTS', article, 'erased_at') == 1 then return 0 end
if only_new and redis.call('HEXISTS', article, '_words') == 1 then return 0 end
redis.call('HSET', article, '_words', words)
return 1
