// iexec: apps, datasets, workerpools and categories on chain.
import assert from 'node:assert/strict';
import { method, refused } from './suite.mjs';
import {
  admin, appFields, datasetFields, deployApp, deployDataset, deployWorkerpool, kNobody, network, newPerson, noSigner, NULL_ADDRESS, Person,
  randomName, shop, stranger, workerpoolFields,
} from './world.mjs';

const kinds = [
  { kind: 'app', Kind: 'App', fields: appFields, deploy: deployApp, required: ['owner', 'name', 'type', 'multiaddr', 'checksum'] },
  { kind: 'dataset', Kind: 'Dataset', fields: datasetFields, deploy: deployDataset, required: ['owner', 'name', 'multiaddr', 'checksum'] },
  { kind: 'workerpool', Kind: 'Workerpool', fields: workerpoolFields, deploy: deployWorkerpool, required: ['owner', 'description'] },
];

for (const { kind, Kind, fields, deploy, required } of kinds) {
  const of = (person) => person.iexec[kind];

  method(`iexec.${kind}.deploy${Kind}`, {
    'at the predicted address': async () => {
      const person = await newPerson();
      const wanted = fields(person.address);
      const predicted = await of(person)[`predict${Kind}Address`](wanted);
      const { address, txHash } = await of(person)[`deploy${Kind}`](wanted);
      assert.equal(address, predicted);
      assert.match(txHash, /^0x[0-9a-f]{64}$/);
    },
    'for someone else': async () => {
      const [person, { provider }] = await Promise.all([newPerson(), shop()]);
      const { address } = await of(person)[`deploy${Kind}`](fields(provider.address));
      assert.equal((await stranger()[kind][`show${Kind}`](address))[kind].owner, provider.address);
    },
  }, {
    'the same again': async () => {
      const person = await newPerson();
      const same = fields(person.address);
      const { address } = await of(person)[`deploy${Kind}`](same);
      await refused(of(person)[`deploy${Kind}`](same), `${Kind} already deployed at address ${address}`);
    },
    'with a field missing': async () => {
      const person = await newPerson();
      for (const field of required)
        await refused(of(person)[`deploy${Kind}`]({ ...fields(person.address), [field]: undefined }), /required|defined|not a valid/);
    },
    'without a wallet': async () => refused(stranger()[kind][`deploy${Kind}`](fields(kNobody)), noSigner),
    'without ether': async () => {
      const person = await newPerson({ ether: 0n });
      await refused(of(person)[`deploy${Kind}`](fields(person.address)), /insufficient|funds|lack/i);
    },
  });

  method(`iexec.${kind}.predict${Kind}Address`, {
    'an address nothing is at yet': async () => {
      const address = await stranger()[kind][`predict${Kind}Address`](fields(kNobody));
      assert.match(address, /^0x[0-9a-fA-F]{40}$/);
      assert.equal(await stranger()[kind][`checkDeployed${Kind}`](address), false);
    },
  });

  method(`iexec.${kind}.checkDeployed${Kind}`, {
    'one that is there': async () => assert.equal(await stranger()[kind][`checkDeployed${Kind}`]((await shop())[kind]), true),
    'an address without': async () => assert.equal(await stranger()[kind][`checkDeployed${Kind}`](kNobody), false),
    'another kind of resource': async () => {
      const { app, workerpool } = await shop();
      assert.equal(await stranger()[kind][`checkDeployed${Kind}`](kind === 'app' ? workerpool : app), false);
    },
  }, {
    'what is no address': async () => refused(stranger()[kind][`checkDeployed${Kind}`]('0x1'), '0x1 is not a valid ethereum address'),
  });

  method(`iexec.${kind}.show${Kind}`, {
    'every field as deployed': async () => {
      const person = await newPerson();
      const wanted = fields(person.address);
      const { address } = await of(person)[`deploy${Kind}`](wanted);
      const shown = await stranger()[kind][`show${Kind}`](address.toLowerCase());
      assert.equal(shown.objAddress, address);
      const { owner, ...rest } = wanted;
      assert.equal(shown[kind].owner, owner);
      for (const [name, value] of Object.entries(rest)) {
        const read = shown[kind][`${kind}${name[0].toUpperCase()}${name.slice(1)}`];
        assert.equal(name === 'multiaddr' && kind === 'dataset' ? read.replace('/p2p/', '/ipfs/') : read, value, name);
      }
    },
  }, {
    'an address without': async () => refused(stranger()[kind][`show${Kind}`](kNobody), `No ${kind} found for id ${kNobody} on chain 421614`),
  });

  method(`iexec.${kind}.countUser${Kind}s`, {
    'goes up with each': async () => {
      const person = await newPerson();
      assert.equal((await stranger()[kind][`countUser${Kind}s`](person.address)).toString(), '0');
      await deploy(person);
      await deploy(person);
      assert.equal((await stranger()[kind][`countUser${Kind}s`](person.address)).toString(), '2');
    },
  }, {
    'what is no address': async () => refused(stranger()[kind][`countUser${Kind}s`]('0x1'), '0x1 is not a valid ethereum address'),
  });

  method(`iexec.${kind}.showUser${Kind}`, {
    'by index': async () => {
      const person = await newPerson();
      const first = await deploy(person);
      const second = await deploy(person);
      assert.equal((await stranger()[kind][`showUser${Kind}`](0, person.address)).objAddress, first);
      assert.equal((await stranger()[kind][`showUser${Kind}`]('1', person.address)).objAddress, second);
    },
  }, {
    'an index too high': async () => refused(stranger()[kind][`showUser${Kind}`](0, new Person().address), `${kind} not deployed`),
  });

  method(`iexec.${kind}.transfer${Kind}`, {
    'to a new owner': async () => {
      const person = await newPerson();
      const address = await deploy(person);
      const answer = await of(person)[`transfer${Kind}`](address, kNobody);
      assert.deepEqual([answer.address, answer.to], [address, kNobody]);
      assert.equal((await stranger()[kind][`show${Kind}`](address))[kind].owner, kNobody);
    },
  }, {
    "what is someone else's": async () =>
      refused(of(await newPerson())[`transfer${Kind}`]((await shop())[kind], kNobody), `Only ${kind} owner can transfer ${kind} ownership`),
    'what is not deployed': async () => refused(of(await newPerson())[`transfer${Kind}`](kNobody, kNobody), `Invalid ${kind} address`),
    'to the zero address': async () => {
      const person = await newPerson();
      await refused(of(person)[`transfer${Kind}`](await deploy(person), NULL_ADDRESS), /revert/);
    },
    'without a wallet': async () => refused(stranger()[kind][`transfer${Kind}`](kNobody, kNobody), noSigner),
  });
}

method('iexec.hub.countCategory', {
  'the five of PoCo and the fast one': async () => assert.ok((await stranger().hub.countCategory()).toNumber() >= 6),
});

method('iexec.hub.showCategory', {
  'name and reference time': async () => {
    const { name, workClockTimeRef } = await stranger().hub.showCategory(0);
    assert.equal(name, 'XS');
    assert.equal(workClockTimeRef.toString(), '300');
  },
}, {
  'one that is not there': async () => refused(stranger().hub.showCategory(10_000), /revert/),
});

method('iexec.hub.createCategory', {
  'by the owner of the hub': async () => {
    const name = randomName('category');
    const { catid } = await admin().iexec.hub.createCategory({ name, description: 'made by a test', workClockTimeRef: 77 });
    const shown = await stranger().hub.showCategory(catid);
    assert.deepEqual([shown.name, shown.workClockTimeRef.toString()], [name, '77']);
    const listed = await fetch(`${network().MARKET_URL}/categories/${catid}?chainId=421614`).then((answer) => answer.json());
    assert.equal(listed.name, name);
  },
}, {
  'by anyone else': async () => refused((await newPerson()).iexec.hub.createCategory({ name: 'x', description: 'x', workClockTimeRef: 1 }), 'only category owner'),
  'with a field missing': async () => refused(admin().iexec.hub.createCategory({ name: 'x', description: 'x' }), 'workClockTimeRef is a required field'),
});

method('iexec.hub.getTimeoutRatio', {
  'ten': async () => assert.equal((await stranger().hub.getTimeoutRatio()).toString(), '10'),
});
