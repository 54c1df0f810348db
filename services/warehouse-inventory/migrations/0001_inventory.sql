-- Up Migration
create table stocks (
  product_id   text not null,
  warehouse_id text not null,
  on_hand      bigint not null check (on_hand >= 0),
  -- The sum of reservation_items of what is held or confirmed, kept so that nobody has to add it up.
  reserved     bigint not null check (reserved >= 0),
  primary key (product_id, warehouse_id)
);

-- Kept for ever: an id that was used tells a repeated request or a late event from a new one.
create table reservations (
  reservation_id text primary key,
  status         text not null check (status in ('held', 'confirmed', 'released', 'shipped')),
  is_cancelled   boolean not null,
  -- null: only heard of, by an event that does not name the goods
  order_id       text,
  warehouse_id   text,
  expires_at     timestamptz,
  created_at     timestamptz not null default now(),
  check ((status = 'held') = (expires_at is not null)),
  check (warehouse_id is not null or status in ('released', 'shipped'))
);
create index reservations_held on reservations (expires_at) where status = 'held';

create table reservation_items (
  reservation_id text not null references reservations on delete cascade,
  product_id     text not null,
  quantity       bigint not null check (quantity > 0),
  primary key (reservation_id, product_id)
);
create index reservation_items_by_product on reservation_items (product_id);

-- Down Migration
drop table reservation_items, reservations, stocks;
