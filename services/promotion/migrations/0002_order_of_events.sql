-- Up Migration
-- Which event wrote a row last is beside the inbox now. The columns are no longer read or written by this version; they stay
-- for processes of the one before, which may still run, and go with a later migration.
insert into weft.inbox_rows (table_name, part, row_key, place)
  select 'known_customers', '', array[customer_id], sequence from known_customers where sequence is not null
  union all select 'known_products', '', array[product_id], sequence from known_products where sequence is not null
on conflict do nothing;

-- Down Migration
delete from weft.inbox_rows;
