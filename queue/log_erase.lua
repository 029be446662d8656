#!lua flags=allow-oom
-- Empties some lines of a conversation log; their positions stay, and so does who has read how far.
--
--#keys lines: LIST
--#args first: number (position), empty... (the lines in place of those)
-- Returns how many.
for i, line in ipairs(empty) do redis.call('LSET', lines, first + i - 2, line) end
return #empty
