// Who sells what: someone new with a resource and a way to sign orders of it, for each of the four kinds.
import { deployApp, deployDataset, deployWorkerpool, newPerson, shared, signApp, signDataset, signRequest, signWorkerpool } from './world.mjs';

// What the four kinds have in common. `resource` deploys what the order is about; `sign` signs an order of it.
export const kinds = [
  { kind: 'app', Kind: 'App', struct: 'AppOrder', resource: deployApp, sign: signApp, price: 'appprice' },
  { kind: 'dataset', Kind: 'Dataset', struct: 'DatasetOrder', resource: deployDataset, sign: signDataset, price: 'datasetprice' },
  { kind: 'workerpool', Kind: 'Workerpool', struct: 'WorkerpoolOrder', resource: deployWorkerpool, sign: signWorkerpool, price: 'workerpoolprice' },
  { kind: 'request', Kind: 'Request', struct: 'RequestOrder', sign: signRequest, price: 'appmaxprice' },
];

/** An app anyone may use for nothing, published: requests for it can be published. */
const openApp = shared('openApp', async () => {
  const provider = await newPerson();
  const app = await deployApp(provider);
  await provider.iexec.order.publishApporder(await signApp(provider, { app, volume: 1_000_000 }));
  return app;
});

/** Someone new with a resource of the kind: { person, order(fields), field, address } to publish with. */
export async function seller({ kind, resource, sign }) {
  const person = await newPerson();
  const fixed = kind === 'request' ? { app: await openApp() } : { [kind]: await resource(person) };
  return {
    person,
    target: kind === 'request' ? person.address : fixed[kind],
    order: (fields, options) => sign(person, { ...fixed, ...fields }, options),
    template: (fields) => person.iexec.order[`create${kind[0].toUpperCase()}${kind.slice(1)}order`]({ ...fixed, ...(kind === 'request' || kind === 'workerpool' ? { category: 0 } : {}), ...fields }),
  };
}
