-- Up Migration
create table reviews (
  review_id    text primary key,
  -- Lists go by it, newest first.
  seq          bigint generated always as identity unique,
  product_id   text not null,
  customer_id  text not null,
  rating       integer not null check (rating between 1 and 5),
  title        text,
  content      text,
  status       text not null check (status in ('pending', 'approved', 'rejected')),
  submitted_at timestamptz not null,
  -- null while nobody has looked at it.
  moderated_at timestamptz,
  constraint reviews_once_a_product unique (customer_id, product_id)
);
create index reviews_by_product on reviews (product_id, seq);
create index reviews_by_status on reviews (status, seq);

-- What was heard of others. No row refers to another: events of different aggregates come in any order. `sequence` is that of
-- the last event applied; one that comes after a newer one (a replayed dead letter) changes nothing any more.
create table known_products (
  product_id text primary key
);

create table known_customers (
  customer_id text primary key,
  -- null where the profile has no name.
  author_name text,
  sequence    bigint
);

create table shipments (
  shipment_id     text primary key,
  -- null while no event has told whose it is: before 1.1 ShipmentCreated did not.
  customer_id     text,
  product_ids     text[] not null default '{}',
  status          text not null default 'created',
  status_sequence bigint
);
create index shipments_by_customer on shipments (customer_id);

-- Down Migration
drop table shipments, known_customers, known_products, reviews;
