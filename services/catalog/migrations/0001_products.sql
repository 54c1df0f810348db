-- Up Migration
-- json, not jsonb: it is kept as it was told and never looked into, and jsonb refuses texts that JSON allows.
create table products (
  product_id  text primary key,
  -- Lists go by it, newest first.
  seq         bigint generated always as identity unique,
  sku         text not null constraint products_sku_key unique,
  name        text not null,
  category_id text not null,
  description text,
  attributes  json not null,
  created_at  timestamptz not null,
  updated_at  timestamptz not null
);
create index products_by_category on products (category_id, seq);

-- What was heard of others. No row refers to another: events of different aggregates come in any order. `sequence` is that of
-- the last event applied; one that comes after a newer one (a replayed dead letter) changes nothing any more.
create table promotions (
  promotion_id    text primary key,
  -- Absent while only a change of status was heard of.
  name            text,
  type            text,
  rules           json,
  product_ids     text[] not null default '{}',
  category_ids    text[] not null default '{}',
  effective_from  timestamptz,
  effective_to    timestamptz,
  status          text not null,
  status_sequence bigint
);
create index promotions_by_end on promotions (effective_to) where status = 'active';

create table reviews (
  review_id  text primary key,
  product_id text not null,
  rating     integer not null,
  status     text not null,
  -- Of the last moderation.
  sequence   bigint
);
create index reviews_by_product on reviews (product_id) include (rating, status);

create table stock (
  product_id   text not null,
  warehouse_id text not null,
  available    integer not null,
  changed_at   timestamptz not null,
  sequence     bigint,
  primary key (product_id, warehouse_id)
);

create table price_changes (
  product_id   text not null,
  -- null: the general price
  warehouse_id text,
  final_price  numeric not null,
  currency     text not null,
  changed_at   timestamptz not null,
  sequence     bigint,
  unique nulls not distinct (product_id, warehouse_id)
);

-- Down Migration
drop table price_changes, stock, reviews, promotions, products;
