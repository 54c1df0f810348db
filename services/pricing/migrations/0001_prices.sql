-- Up Migration
create table prices (
  product_id   text not null,
  -- null: the general price
  warehouse_id text,
  base_price   numeric(18, 2) not null,
  final_price  numeric(18, 2) not null,
  currency     text not null,
  updated_at   timestamptz not null,
  unique nulls not distinct (product_id, warehouse_id)
);

-- Products that were heard of: with it, "no price" and "no such product" can be told apart.
create table known_products (
  product_id text primary key
);

-- Down Migration
drop table known_products, prices;
