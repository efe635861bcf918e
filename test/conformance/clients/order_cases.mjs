// iexec: orders made, hashed, signed, published, taken back.
import assert from 'node:assert/strict';
import { TypedDataEncoder } from 'ethers';
import { method, refused } from './suite.mjs';
import { kinds, seller } from './sellers.mjs';
import {
  deployApp, deployDataset, kNobody, kNoService, kTdxTag, kUnknownHash, marketAway, network, newPerson, noSigner, Person, shop, signApp, signDataset,
  smsAway, stranger,
} from './world.mjs';

const kMembers = {
  AppOrder: 'address app, uint256 appprice, uint256 volume, bytes32 tag, address datasetrestrict, address workerpoolrestrict, address requesterrestrict, bytes32 salt',
  DatasetOrder:
    'address dataset, uint256 datasetprice, uint256 volume, bytes32 tag, address apprestrict, address workerpoolrestrict, address requesterrestrict, bytes32 salt',
  WorkerpoolOrder:
    'address workerpool, uint256 workerpoolprice, uint256 volume, bytes32 tag, uint256 category, uint256 trust, address apprestrict, address datasetrestrict, address requesterrestrict, bytes32 salt',
  RequestOrder:
    'address app, uint256 appmaxprice, address dataset, uint256 datasetmaxprice, address workerpool, uint256 workerpoolmaxprice, address requester, uint256 volume, bytes32 tag, uint256 category, uint256 trust, address beneficiary, address callback, string params, bytes32 salt',
};

function hashBesideTheClient(struct, order) {
  const members = kMembers[struct].split(', ').map((member) => ({ type: member.split(' ')[0], name: member.split(' ')[1] }));
  const domain = { name: 'iExecODB', version: '5.0.0', chainId: 421614, verifyingContract: network().HUB_ADDRESS };
  const message = Object.fromEntries(members.map(({ name }) => [name, order[name]]));
  return TypedDataEncoder.hash(domain, { [struct]: members }, message);
}

for (const entry of kinds) {
  const { kind, Kind, struct, price } = entry;
  const name = (verb) => `iexec.order.${verb}${Kind}order`;
  const call = (client, verb, ...args) => client.order[`${verb}${Kind}order${/All/.test(verb) ? 's' : ''}`](...args);
  const allArguments = (target) => (kind === 'request' ? [] : [target]);

  method(name('create'), {
    'with defaults': async () => {
      const { template, target } = await seller(entry);
      const order = await template({});
      assert.equal(order.tag, kTdxTag);
      assert.equal(order.volume, '1');
      assert.equal(order[price], '0');
      assert.equal(kind === 'request' ? order.requester : order[kind], target);
    },
    'tags and prices in words': async () => {
      const { template } = await seller(entry);
      const order = await template({ tag: ['tee', 'tdx', 'gpu'], [price]: '1 RLC', volume: 3 });
      assert.equal(BigInt(order.tag), 0x109n);
      assert.deepEqual([order[price], order.volume], ['1000000000', '3']);
    },
  }, {
    'without the resource': async () => {
      const person = new Person();
      await refused(call(person.iexec, 'create', { category: 0 }), /is a required field|Missing parameter/);
    },
    'what is no amount': async () => {
      const { template } = await seller(entry);
      await refused(template({ [price]: '0.5 nRLC' }), 'is not a valid amount');
      await refused(template({ volume: -1 }), '-1 is not a valid uint256');
    },
    ...(kind !== 'dataset' && {
      'a framework nobody has any more': async () => {
        const { template } = await seller(entry);
        await refused(template({ tag: ['tee', 'scone'] }), "Unsupported legacy TEE framework tag ('scone')");
      },
    }),
    ...(kind === 'request' && {
      'params of other values': async () => {
        const { template } = await seller(entry);
        await refused(template({ params: { bulk_cid: 'x' } }), 'x is not a valid CID');
        await refused(template({ params: { iexec_input_files: ['file:///etc/passwd'] } }), 'is not a valid URL');
        await refused(template({ params: { iexec_secrets: { 0: 'x' } } }), 'mapping keys must be strictly positive integers');
        await refused(template({ params: { iexec_result_storage_provider: 'ftp' } }), '"ftp" is not a valid storage provider');
      },
    }),
  });

  method(name('sign'), {
    'a signature the hub accepts': async () => {
      const { person, order, target } = await seller(entry);
      const signed = await order({});
      const client = await person.iexec.config.resolveContractsClient();
      assert.match(signed.sign, /^0x[0-9a-f]{130}$/);
      const hash = await call(person.iexec, 'hash', signed);
      assert.equal(await client.getIExecContract().verifySignature(person.address, hash, signed.sign), true, target);
    },
    'a new salt each time': async () => {
      const { order } = await seller(entry);
      assert.notEqual((await order({})).salt, (await order({})).salt);
    },
  }, {
    'for someone else': async () => {
      const { template } = await seller(entry);
      const wanted = await template({});
      const other = new Person();
      await refused(call(other.iexec, 'sign', wanted), `Invalid order signer, must be the ${kind === 'request' ? 'requester' : 'resource owner'}`);
    },
    'without a wallet': async () => {
      const { template } = await seller(entry);
      await refused(call(stranger(), 'sign', await template({})), noSigner);
    },
    ...(kind === 'app' && {
      'of an app that is not deployed': async () =>
        refused(signApp(new Person(), { app: kNobody }), `No app found for id ${kNobody}`),
    }),
    ...(kind === 'dataset' && {
      'without its key at the key service': async () => {
        const person = await newPerson();
        const dataset = await deployDataset(person, null);
        await refused(signDataset(person, { dataset }), `Dataset encryption key is not set for dataset ${dataset} in the SMS`);
        await signDataset(person, { dataset }, { preflightCheck: false });
      },
      'when the key service is marketAway': async () => {
        const { template } = await seller(entry);
        await refused(new Person().iexecWith({ smsURL: kNoService }).order.signDatasetorder(await template({})), smsAway);
      },
    }),
    ...(kind === 'request' && {
      'params nobody knows': async () => {
        const { person, template } = await seller(entry);
        const params = JSON.stringify({ iexec_result_storage_provider: 'ipfs', other: 1 });
        await refused(person.iexec.order.signRequestorder({ ...(await template({})), params }), 'Unknown key "other" in params');
      },
      'a sealed result without a key': async () => {
        const { order } = await seller(entry);
        await refused(order({ params: { iexec_result_encryption: true } }), 'Beneficiary result encryption key is not set in the SMS');
      },
      'dropbox without a token': async () => {
        const { order } = await seller(entry);
        await refused(order({ params: { iexec_result_storage_provider: 'dropbox' } }), 'Requester storage token is not set for selected provider "dropbox"');
      },
      'a requester secret nobody pushed': async () => {
        const { order, person } = await seller(entry);
        await refused(order({ params: { iexec_secrets: { 1: 'none' } } }), `Requester secret "none" is not set for requester ${person.address}`);
      },
      'a dataset without its key': async () => {
        const [{ order }, owner] = await Promise.all([seller(entry), newPerson()]);
        const dataset = await deployDataset(owner, null);
        await refused(order({ dataset }), `Dataset encryption key is not set for dataset ${dataset}`);
      },
    }),
  });

  method(name('hash'), {
    'as EIP-712 says': async () => {
      const { person, order } = await seller(entry);
      const signed = await order({ volume: 5, [price]: 7 });
      assert.equal(await call(person.iexec, 'hash', signed), hashBesideTheClient(struct, signed));
    },
  }, {
    'without salt': async () => {
      const { person, template } = await seller(entry);
      await refused(call(person.iexec, 'hash', await template({})), 'salt is a required field');
    },
  });

  method(name('publish'), {
    'and it is in the book at once': async () => {
      const { person, order } = await seller(entry);
      const signed = await order({ volume: 2 });
      const hash = await call(person.iexec, 'publish', signed);
      assert.equal(hash, await call(person.iexec, 'hash', signed));
      const found = await stranger().orderbook[`fetch${Kind}order`](hash);
      assert.deepEqual([found.status, found.remaining, found.signer, found.orderHash], ['open', 2, person.address, hash]);
      assert.equal(await call(person.iexec, 'hash', found.order), hash);
    },
  }, {
    'a second time': async () => {
      const { person, order } = await seller(entry);
      const signed = await order({});
      await call(person.iexec, 'publish', signed);
      await refused(call(person.iexec, 'publish', signed), 'API error: order already published');
    },
    'by someone else': async () => {
      const [{ person, order }, other] = await Promise.all([seller(entry), newPerson()]);
      await refused(call(other.iexec, 'publish', await order({})), `API error: only order signer ${person.address} can publish an order`);
    },
    'with a signature of something else': async () => {
      const { person, order } = await seller(entry);
      await refused(call(person.iexec, 'publish', { ...(await order({})), volume: 9 }, { preflightCheck: false }), 'API error: invalid sign');
    },
    'what was cancelled before': async () => {
      const { person, order } = await seller(entry);
      const signed = await order({});
      await call(person.iexec, 'cancel', signed);
      await refused(call(person.iexec, 'publish', signed), 'API error: order already consumed');
    },
    'what was cancelled after': async () => {
      const { person, order } = await seller(entry);
      const signed = await order({});
      await call(person.iexec, 'publish', signed);
      await call(person.iexec, 'cancel', signed);
      await refused(call(person.iexec, 'publish', signed), 'API error: order already published');
    },
    'when the market is marketAway': async () => {
      const { person, order } = await seller(entry);
      await refused(call(person.iexecWith({ iexecGatewayURL: kNoService }), 'publish', await order({})), marketAway);
    },
    'without a wallet': async () => {
      const { order } = await seller(entry);
      await refused(call(stranger(), 'publish', await order({})), noSigner);
    },
    'a volume beyond 2^53 - 1': async () => {
      const { person, order } = await seller(entry);
      await refused(call(person.iexec, 'publish', await order({ volume: '9007199254740992' })), 'API error: ');
    },
    ...(kind !== 'request' && {
      'of a resource that is not deployed': async () => {
        const { person, order } = await seller(entry);
        await refused(call(person.iexec, 'publish', { ...(await order({})), [kind]: kNobody }, { preflightCheck: false }), 'API error: Resource not deployed');
      },
    }),
    ...(kind === 'app' && {
      'the fifty-first that is open': async () => {
        const { person, order } = await seller(entry);
        for (let i = 0; i < 50; ++i) await person.iexec.order.publishApporder(await order({}, { preflightCheck: false }), { preflightCheck: false });
        await refused(
          person.iexec.order.publishApporder(await order({})),
          `API error: maximum of 50 published open apporder has been reached for wallet ${person.address}`,
        );
      },
    }),
    ...(kind === 'dataset' && {
      'without its key at the key service': async () => {
        const person = await newPerson();
        const dataset = await deployDataset(person, null);
        const signed = await signDataset(person, { dataset }, { preflightCheck: false });
        await refused(person.iexec.order.publishDatasetorder(signed), `Dataset encryption key is not set for dataset ${dataset}`);
        await person.iexec.order.publishDatasetorder(signed, { preflightCheck: false });
      },
    }),
    ...(kind === 'workerpool' && {
      'without the stake it needs': async () => {
        const { person, order } = await seller(entry);
        await refused(
          person.iexec.order.publishWorkerpoolorder(await order({ workerpoolprice: 10 })),
          "API error: workerpool owner's stake is too low to cover required workerpool lock",
        );
      },
    }),
    ...(kind === 'request' && {
      'without the stake it needs': async () => {
        const { person, order } = await seller(entry);
        await refused(
          person.iexec.order.publishRequestorder(await order({ appmaxprice: 1, workerpoolmaxprice: 2, volume: 4 })),
          'API error: requester stake is too low to cover requestorder payment, minimum stake required is 12 nRLC',
        );
      },
      'for an app nobody offers': async () => {
        const [{ person, order }, { app }] = await Promise.all([seller(entry), shop()]);
        await refused(person.iexec.order.publishRequestorder(await order({ app })), `API error: No tee enabled apporder published for app ${app}`);
      },
      'below the price of the app': async () => {
        const [{ person, order }, provider] = await Promise.all([seller(entry), newPerson()]);
        const app = await deployApp(provider);
        await provider.iexec.order.publishApporder(await signApp(provider, { app, appprice: 5 }));
        await refused(person.iexec.order.publishRequestorder(await order({ app })), `API error: appmaxprice for app ${app} is too low, actual best price is 5 nRLC`);
      },
      'for a dataset nobody offers': async () => {
        const [{ person, order }, { dataset }] = await Promise.all([seller(entry), shop()]);
        await refused(person.iexec.order.publishRequestorder(await order({ dataset })), `API error: No datasetorder published for dataset ${dataset}`);
      },
      'below the price of the dataset': async () => {
        const [{ person, order }, owner] = await Promise.all([seller(entry), newPerson()]);
        const dataset = await deployDataset(owner);
        await owner.iexec.order.publishDatasetorder(await signDataset(owner, { dataset, datasetprice: 5 }));
        await refused(
          person.iexec.order.publishRequestorder(await order({ dataset })),
          `API error: datasetmaxprice for dataset ${dataset} is too low, actual best price is 5 nRLC`,
        );
      },
      'a sealed result without a key': async () => {
        const { person, order } = await seller(entry);
        const signed = await order({ params: { iexec_result_encryption: true } }, { preflightCheck: false });
        await refused(person.iexec.order.publishRequestorder(signed), 'Beneficiary result encryption key is not set in the SMS');
      },
    }),
  });

  method(name('cancel'), {
    'and the book knows': async () => {
      const { person, order } = await seller(entry);
      const signed = await order({ volume: 3 });
      const hash = await call(person.iexec, 'publish', signed);
      const { txHash } = await call(person.iexec, 'cancel', signed);
      assert.match(txHash, /^0x/);
      const found = await stranger().orderbook[`fetch${Kind}order`](hash);
      assert.deepEqual([found.status, found.remaining], ['canceled', 0]);
    },
  }, {
    'a second time': async () => {
      const { person, order } = await seller(entry);
      const signed = await order({});
      await call(person.iexec, 'cancel', signed);
      await refused(call(person.iexec, 'cancel', signed), `${kind}order already canceled`);
    },
    "someone else's": async () => {
      const [{ order }, other] = await Promise.all([seller(entry), newPerson()]);
      await refused(call(other.iexec, 'cancel', await order({})), /revert/);
    },
    'without a wallet': async () => {
      const { order } = await seller(entry);
      await refused(call(stranger(), 'cancel', await order({})), noSigner);
    },
  });

  method(name('unpublish'), {
    'and it is gone from the book': async () => {
      const { person, order } = await seller(entry);
      const hash = await call(person.iexec, 'publish', await order({}));
      assert.equal(await call(person.iexec, 'unpublish', hash), hash);
      await refused(stranger().orderbook[`fetch${Kind}order`](hash), `API error: ${kind}order not found`);
    },
    'and can be published again': async () => {
      const { person, order } = await seller(entry);
      const signed = await order({});
      const hash = await call(person.iexec, 'publish', signed);
      await call(person.iexec, 'unpublish', hash);
      assert.equal(await call(person.iexec, 'publish', signed), hash);
    },
  }, {
    'what is not published': async () => {
      const person = new Person();
      await refused(call(person.iexec, 'unpublish', kUnknownHash), `API error: ${kind}order with orderHash ${kUnknownHash} is not published`);
    },
    "someone else's": async () => {
      const { person, order } = await seller(entry);
      const hash = await call(person.iexec, 'publish', await order({}));
      await refused(call(new Person().iexec, 'unpublish', hash), `API error: only order signer ${person.address} can unpublish an order`);
    },
    'what is no hash': async () => refused(call(new Person().iexec, 'unpublish', '0x12'), '0x12 is not a bytes32 hexstring'),
    'when the market is marketAway': async () => refused(call(new Person().iexecWith({ iexecGatewayURL: kNoService }), 'unpublish', kUnknownHash), marketAway),
  });

  method(name('unpublishLast'), {
    'the newest only': async () => {
      const { person, order, target } = await seller(entry);
      const first = await call(person.iexec, 'publish', await order({}));
      const second = await call(person.iexec, 'publish', await order({}));
      assert.equal(await call(person.iexec, 'unpublishLast', ...allArguments(target)), second);
      assert.equal(await call(person.iexec, 'unpublishLast', ...allArguments(target)), first);
    },
  }, {
    'when there is none': async () => {
      const { person, target } = await seller(entry);
      await refused(call(person.iexec, 'unpublishLast', ...allArguments(target)), `API error: no open ${kind}order published by signer ${person.address} for `);
    },
  });

  method(`iexec.order.unpublishAll${Kind}orders`, {
    'newest first': async () => {
      const { person, order, target } = await seller(entry);
      const hashes = [];
      for (let i = 0; i < 3; ++i) hashes.unshift(await call(person.iexec, 'publish', await order({})));
      assert.deepEqual(await call(person.iexec, 'unpublishAll', ...allArguments(target)), hashes);
    },
  }, {
    'when there is none': async () => {
      const { person, target } = await seller(entry);
      await refused(call(person.iexec, 'unpublishAll', ...allArguments(target)), `API error: no open ${kind}order published by signer ${person.address} for `);
    },
  });
}
