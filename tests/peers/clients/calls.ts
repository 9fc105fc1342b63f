// A shop's and a warehouse's first calls, through types made from the description.
import createClient from "openapi-fetch";
import type { paths } from "./openapi.js";

const [baseUrl, key, number] = process.argv.slice(2);
const hub = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });

function whole<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

const posted = whole(
  await hub.POST("/api/v1/orders", {
    body: {
      source: { connection: "shop-a" },
      channel_order_id: number,
      order_number: number,
      placed_at: "2026-05-04T10:00:00Z",
      payment_state: "paid",
      currency: "EUR",
      ship_to: { name: "Ada Bakker", lines: ["Keizersgracht 1"], city: "Amsterdam", postal_code: "1015 CJ", country: "NL" },
      lines: [{ line_no: 1, sku: "A", title: "A cup", quantity: "1", unit_price: "10.00", total: "10.00" }],
      totals: { items: "10.00", grand_total: "10.00", paid: "10.00" },
    },
  }),
);
const work = whole(
  await hub.GET("/api/v1/fulfilment-orders", { params: { query: { warehouse: "wh-a", status: "notified" } } }),
);
const id = work.items[0]!.id;
const shipped = whole(
  await hub.POST("/api/v1/fulfilment-orders/{id}/shipments", {
    params: { path: { id }, header: { "Idempotency-Key": `${id}-1` } },
    body: { shipped_at: "2026-05-04T15:00:00Z", packages: [{ carrier: "dhl", tracking_number: "JD0146" }] },
  }),
);
const stock = whole(await hub.GET("/api/v1/stock", { params: { query: { sku: "A" } } }));
const messages = whole(await hub.GET("/api/v1/messages", { params: { query: { direction: "in" } } }));
console.log(
  JSON.stringify({
    order: posted.status,
    shipped: shipped.fulfilment_order.status,
    on_hand: stock.items[0]!.on_hand,
    messages: messages.items.map((one) => one.topic).sort(),
  }),
);
