-- Up Migration
-- json, not jsonb: it is kept as it was told and never looked into, and jsonb refuses texts that JSON allows.
create table shipments (
  shipment_id        text primary key,
  -- Lists go by it, newest first.
  seq                bigint generated always as identity unique,
  order_id           text not null,
  customer_id        text not null,
  fulfillment_entity json not null,
  items              json not null,
  carrier            json,
  estimated_delivery timestamptz,
  status             text not null check (status in ('created', 'picked', 'shipped', 'delivered', 'cancelled')),
  created_at         timestamptz not null,
  updated_at         timestamptz not null
);
create index shipments_of_order on shipments (order_id, seq);
create index shipments_of_customer on shipments (customer_id, seq);

-- Down Migration
drop table shipments;
