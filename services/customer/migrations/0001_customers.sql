-- Up Migration
-- json, not jsonb: it is kept as it was told and never looked into, and jsonb refuses texts that JSON allows.
create table customers (
  customer_id    text primary key,
  email          text not null,
  profile        json not null,
  tier           text not null check (tier in ('bronze', 'silver', 'gold', 'platinum')),
  preferences    json not null,
  addresses      json not null,
  lifetime_spend numeric(20, 2) not null default 0,
  created_at     timestamptz not null,
  updated_at     timestamptz not null
);
create unique index customers_by_email on customers (lower(email));

-- Also of customers who are not known yet: their sum is what a new customer begins with.
create table purchases (
  event_id     text primary key,
  customer_id  text not null,
  promotion_id text not null,
  order_id     text not null,
  amount       numeric(18, 2) not null,
  applied_at   timestamptz not null
);
create index purchases_by_customer on purchases (customer_id);

create table activity (
  activity_id text primary key,
  -- Lists go by it, newest first.
  seq         bigint generated always as identity unique,
  customer_id text not null,
  type        text not null,
  occurred_at timestamptz not null,
  details     json not null
);
create index activity_by_customer on activity (customer_id, seq);

-- Down Migration
drop table activity, purchases, customers;
