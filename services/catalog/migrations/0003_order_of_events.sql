-- Up Migration
-- Which event wrote a row last is beside the inbox now. The columns are no longer read or written by this version; they stay
-- for processes of the one before, which may still run, and go with a later migration.
insert into weft.inbox_rows (table_name, part, row_key, place)
  select 'promotions', 'status', array[promotion_id], status_sequence from promotions where status_sequence is not null
  union all select 'reviews', '', array[review_id], sequence from reviews where sequence is not null
  union all select 'stock', '', array[product_id, warehouse_id], sequence from stock where sequence is not null
  union all select 'price_changes', '', array[product_id, warehouse_id], sequence from price_changes where sequence is not null
on conflict do nothing;

-- Down Migration
delete from weft.inbox_rows;
