'use strict';
/**
 * Tells an Order Hub what changes in a Vendure shop: ids only, signed by Standard Webhooks.
 * The hub asks the admin API for the rest, and polls: what is lost here heals there.
 *
 *   plugins: [OrderHubPlugin.init({ url: process.env.ORDER_HUB_URL, secret: process.env.ORDER_HUB_SECRET })]
 */
const crypto = require('crypto');
const core = require('@vendure/core');

const NOT_PLACED = new Set(['Created', 'Draft', 'AddingItems', 'ArrangingPayment']);
const WAITS = [0, 2000, 20000]; // milliseconds before each try
const TRY = 15000;

/** Event -> what it is about; nothing where the hub has no use for it. */
const TOLD = {
  OrderPlacedEvent: (e) => ({ orderId: e.order.id, code: e.order.code }),
  OrderStateTransitionEvent: (e) =>
    NOT_PLACED.has(e.toState) ? null : { orderId: e.order.id, code: e.order.code, state: e.toState },
  RefundStateTransitionEvent: (e) => ({ orderId: e.order.id, code: e.order.code, refundId: e.refund.id, state: e.toState }),
  ProductVariantEvent: (e) => (e.type === 'deleted' ? null : { variantIds: e.entity.map((variant) => variant.id) }),
};

/** A `whsec_` secret is base64 of the key; any other is the key itself. */
function keyOf(secret) {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
}

function signed(secret, id, body) {
  const at = Math.floor(Date.now() / 1000);
  const signature = crypto.createHmac('sha256', keyOf(secret)).update(`${id}.${at}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(at),
    'webhook-signature': `v1,${signature}`,
  };
}

async function post({ url, secret }, body) {
  const id = `msg_${crypto.randomUUID()}`; // the same for every try: the hub takes it once
  for (const wait of WAITS) {
    await new Promise((done) => setTimeout(done, wait).unref());
    try {
      const answer = await fetch(url, {
        method: 'POST', body, headers: signed(secret, id, body), redirect: 'error', signal: AbortSignal.timeout(TRY),
      });
      if (answer.ok || answer.status === 410) return;
    } catch {
      // tried again, then left to the hub's poll
    }
  }
  core.Logger.warn('not told: the hub will find it by its poll', 'OrderHubPlugin');
}

class OrderHubPlugin {
  static init(options) {
    OrderHubPlugin.options = options;
    return OrderHubPlugin;
  }

  constructor(eventBus) {
    this.eventBus = eventBus;
  }

  onApplicationBootstrap() {
    const options = OrderHubPlugin.options;
    if (!options || !options.url) return;
    if (!options.secret) throw new Error('OrderHubPlugin needs a secret');
    for (const [type, about] of Object.entries(TOLD)) {
      this.eventBus.ofType(core[type]).subscribe((event) => {
        const data = about(event);
        if (data) void post(options, JSON.stringify({ type, timestamp: new Date().toISOString(), data }));
      });
    }
  }
}

Reflect.defineMetadata('design:paramtypes', [core.EventBus], OrderHubPlugin);
core.VendurePlugin({ imports: [core.PluginCommonModule], compatibility: '^3.0.0' })(OrderHubPlugin);

module.exports = { OrderHubPlugin };
