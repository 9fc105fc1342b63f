'use strict';
/**
 * A Vendure shop for the tests: `node shop.js fill` makes its database and catalogue, `node shop.js serve` runs it.
 * It lies beside the plugin and node_modules; the environment says the rest.
 */
const path = require('path');
const core = require('@vendure/core');
const { populate } = require('@vendure/core/cli');
const { OrderHubPlugin } = require('./order-hub.js');

const { DATABASE, HUB_SECRET, HUB_URL, PGHOST, PGPASSWORD, PGPORT, PGUSER, PORT } = process.env;

const filling = process.argv[2] === 'fill';
const config = {
  apiOptions: { port: Number(PORT), hostname: '127.0.0.1', adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
  authOptions: {
    tokenMethod: ['bearer'],
    superadminCredentials: { identifier: 'hub', password: 'hub-Pass-123x' },
    cookieOptions: { secret: 'only-for-tests' },
  },
  dbConnectionOptions: {
    type: 'postgres', host: PGHOST, port: Number(PGPORT), username: PGUSER, password: PGPASSWORD,
    database: DATABASE, synchronize: filling, logging: false, migrations: [],
  },
  paymentOptions: { paymentMethodHandlers: [core.dummyPaymentHandler] },
  logger: new core.DefaultLogger({ level: core.LogLevel.Warn, timestamp: false }),
  plugins: [
    core.DefaultJobQueuePlugin.init({ useDatabaseForBuffer: true }),
    OrderHubPlugin.init({ url: HUB_URL, secret: HUB_SECRET }),
  ],
};

const CATALOGUE = {
  defaultLanguage: core.LanguageCode.en,
  defaultZone: 'Europe',
  countries: [
    { code: 'FI', name: 'Finland', zone: 'Europe' },
    { code: 'FR', name: 'France', zone: 'Europe' },
  ],
  taxRates: [{ name: 'Standard', percentage: 20 }],
  shippingMethods: [{ name: 'Parcel', price: 490, taxRate: 20 }],
  paymentMethods: [
    { name: 'Card', handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'true' }] } },
  ],
  collections: [],
};

async function start() {
  const app = await core.bootstrap(config);
  await app.get(core.JobQueueService).start();
  return app;
}

async function fill() {
  const app = await populate(start, CATALOGUE, path.join(__dirname, 'products.csv'));
  await app.close();
  process.exit(0);
}

(filling ? fill() : start()).catch((error) => {
  console.error(error);
  process.exit(1);
});
