-- Up Migration
-- Events tell any integer that JSON tells exactly, up to 2^53; an integer column ends at 2^31.
alter table stock alter column available type bigint;

-- Down Migration
alter table stock alter column available type integer;
