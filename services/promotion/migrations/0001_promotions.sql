-- Up Migration
-- json, not jsonb: it is kept as it was told and never looked into, and jsonb refuses texts that JSON allows.
create table promotions (
  promotion_id   text primary key,
  -- Lists go by it, newest first.
  seq            bigint generated always as identity unique,
  name           text not null,
  type           text not null,
  rules          json not null,
  product_ids    text[] not null,
  category_ids   text[] not null,
  effective_from timestamptz not null,
  effective_to   timestamptz not null,
  status         text not null check (status in ('active', 'inactive', 'expired')),
  created_by     text,
  created_at     timestamptz not null,
  updated_at     timestamptz not null
);
create index promotions_to_expire on promotions (effective_to) where status <> 'expired';

create table applications (
  promotion_id    text not null references promotions,
  order_id        text not null,
  customer_id     text not null,
  original_amount numeric(18, 2) not null,
  discount_amount numeric(18, 2) not null,
  final_amount    numeric(18, 2) not null,
  applied_at      timestamptz not null,
  primary key (promotion_id, order_id)
);

-- What was heard of customers and products. `sequence` is that of the last event applied: an event that comes late, after
-- a replay of dead letters, changes nothing any more.
create table known_customers (
  customer_id text primary key,
  tier        text not null,
  sequence    bigint
);
create table known_products (
  product_id  text primary key,
  category_id text not null,
  sequence    bigint
);

-- Down Migration
drop table known_products, known_customers, applications, promotions;
