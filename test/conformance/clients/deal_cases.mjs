// iexec: deals and tasks, some of which really run.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { method, needs, refused } from './suite.mjs';
import {
  compassAway, finishedTask, initializeTask, kFastCategory, kNobody, kNoService, kUnknownHash, lastOf, marketAway, network, newPerson, noSigner,
  runDeal, shared, shop, shopDeal, shopOrders, signRequest, stranger,
} from './world.mjs';

const noTask = `No task found for id ${kUnknownHash} on chain 421614`;
const noDeal = `No deal found for id ${kUnknownHash} on chain 421614`;

/** A deal of two tasks that is over 30 s later, and nobody works on. */
const shortDeal = () =>
  shopDeal({ app: { volume: 2 }, dataset: { volume: 2 }, workerpool: { category: kFastCategory, volume: 2 }, request: { category: kFastCategory, volume: 2 } });

async function finalTimeOf(dealid) {
  const { finalTime } = await stranger().deal.show(dealid);
  await sleep(Math.max(0, finalTime.toNumber() * 1000 - Date.now()) + 1500);
}

const overdueDeal = shared('overdue deal', async () => {
  const deal = await shortDeal();
  await finalTimeOf(deal.dealid);
  return deal;
});

/** A task that was begun and that no worker has. */
const idleTask = shared('idle task', async () => initializeTask((await shop()).requester, (await shopDeal()).dealid, 0));

method('iexec.deal.computeTaskId', {
  'as the reference does': async () => {
    const compute = (index) => stranger().deal.computeTaskId(`0x${'cd'.repeat(32)}`, index);
    assert.equal(await compute(0), '0x729a52d3615aaf5465e9bc938bf65c128bdf72abd751cbe4c0c1ac724a02d3f2');
    assert.equal(await compute(1), '0x0f3cdf2e881a47c7e0b1902158d2f766703db6cadab367a210ba19fdec8417f9');
  },
}, {
  'what is no deal id': async () => refused(stranger().deal.computeTaskId('0x12', 0), '0x12 is not a bytes32 hexstring'),
});

method('iexec.deal.show', {
  'all of a deal': async () => {
    const { provider, requester, app, dataset, workerpool } = await shop();
    const { dealid, orders } = await shopDeal({ app: { appprice: 1 }, request: { params: 'some args' } });
    const deal = await stranger().deal.show(dealid);
    assert.deepEqual([deal.app.pointer, deal.app.owner, deal.app.price.toString()], [app, provider.address, '1']);
    assert.deepEqual([deal.dataset.pointer, deal.workerpool.pointer], [dataset, workerpool]);
    assert.deepEqual([deal.requester, deal.beneficiary, deal.params], [requester.address, requester.address, orders.requestorder.params]);
    assert.deepEqual([deal.botSize.toString(), deal.tag, deal.deadlineReached, deal.tasks.length], ['1', orders.apporder.tag, false, 1]);
  },
}, {
  'one that is not there': async () => refused(stranger().deal.show(kUnknownHash), noDeal),
  'what is no deal id': async () => refused(stranger().deal.show('0x12'), '0x12 is not a bytes32 hexstring'),
});

const dealsByOrder = { App: 'apporder', Dataset: 'datasetorder', Workerpool: 'workerpoolorder', Request: 'requestorder' };
for (const [Kind, part] of Object.entries(dealsByOrder))
  method(`iexec.deal.fetchDealsBy${Kind}order`, {
    'at once after the match': async () => {
      const { requester } = await shop();
      const { dealid, orders, txHash } = await shopDeal();
      const hash = await requester.iexec.order[`hash${Kind}order`](orders[part]);
      const { count, deals } = await stranger().deal[`fetchDealsBy${Kind}order`](hash);
      assert.equal(count, 1);
      assert.deepEqual([deals[0].dealid, deals[0].transactionHash, deals[0][`${Kind.toLowerCase()}Hash`]], [dealid, txHash, hash]);
      assert.deepEqual([deals[0].botFirst, deals[0].botSize, deals[0].chainId, deals[0].params], [0, 1, 421614, orders.requestorder.params]);
    },
    'two deals of one order, the newest first': async () => {
      const { requester, app, dataset, workerpool } = await shop();
      const orders = await shopOrders({ app: { volume: 2 }, dataset: { volume: 2 }, workerpool: { volume: 2 }, request: { volume: Kind === 'Request' ? 2 : 1 } });
      const [first, second] = Kind === 'Request'
        ? await Promise.all([1, 1].map(async (volume) => ({ ...orders, workerpoolorder: (await shopOrders({ workerpool: { volume } })).workerpoolorder })))
        : [orders, { ...orders, requestorder: await signRequest(requester, { app, dataset, workerpool, appmaxprice: 100 }) }];
      const ids = [];
      for (const four of [first, second]) ids.unshift((await requester.iexec.order.matchOrders(four)).dealid);
      const hash = await requester.iexec.order[`hash${Kind}order`](orders[part]);
      const { count, deals } = await stranger().deal[`fetchDealsBy${Kind}order`](hash, { page: 0, pageSize: 10 });
      assert.equal(count, 2);
      assert.deepEqual(deals.map(({ dealid }) => dealid), ids);
    },
    'none': async () => assert.deepEqual(await stranger().deal[`fetchDealsBy${Kind}order`](kUnknownHash), { count: 0, deals: [] }),
  }, {
    'a page too small or too large': async () => {
      await refused(stranger().deal[`fetchDealsBy${Kind}order`](kUnknownHash, { pageSize: 9 }), 'pageSize must be greater than or equal to 10');
      await refused(stranger().deal[`fetchDealsBy${Kind}order`](kUnknownHash, { pageSize: 1001 }), 'API error: pageSize');
    },
    'what is no hash': async () => refused(stranger().deal[`fetchDealsBy${Kind}order`]('0x12'), '0x12 is not a bytes32 hexstring'),
    'when the market is marketAway': async () => refused(stranger({ iexecGatewayURL: kNoService }).deal[`fetchDealsBy${Kind}order`](kUnknownHash), marketAway),
  });

method('iexec.deal.fetchRequesterDeals', {
  'of one requester, by resource, page after page': async () => {
    const requester = await newPerson();
    const ids = [];
    for (let i = 0; i < 11; ++i) {
      const { requestorder, ...orders } = await shopOrders({ dataset: i === 0 ? undefined : null });
      const own = await signRequest(requester, { app: requestorder.app, dataset: requestorder.dataset, workerpool: requestorder.workerpool });
      ids.unshift((await requester.iexec.order.matchOrders({ ...orders, requestorder: own })).dealid);
    }
    const first = await stranger().deal.fetchRequesterDeals(requester.address, { pageSize: 10 });
    assert.deepEqual([first.count, first.deals.map(({ dealid }) => dealid)], [11, ids.slice(0, 10)]);
    assert.deepEqual((await first.more()).deals.map(({ dealid }) => dealid), ids.slice(10));
    const { app, dataset, workerpool } = await shop();
    assert.equal((await stranger().deal.fetchRequesterDeals(requester.address, { datasetAddress: dataset })).count, 1);
    assert.equal((await stranger().deal.fetchRequesterDeals(requester.address, { appAddress: app, workerpoolAddress: workerpool })).count, 11);
    assert.equal((await stranger().deal.fetchRequesterDeals(requester.address, { appAddress: kNobody })).count, 0);
  },
}, {
  'what is no address': async () => refused(stranger().deal.fetchRequesterDeals('x'), 'x is not a valid ethereum address'),
  'when the market is marketAway': async () => refused(stranger({ iexecGatewayURL: kNoService }).deal.fetchRequesterDeals(kNobody), marketAway),
});

method('iexec.deal.obsDeal', {
  'until every task is completed': async () => {
    const { requester, dealid } = await runDeal({ volume: 2 });
    const last = await lastOf(await requester.iexec.deal.obsDeal(dealid));
    assert.deepEqual([last.message, last.completedTasksCount, last.tasksCount], ['DEAL_COMPLETED', 2, 2]);
  },
  'until the last is out of time': async () => {
    const { dealid } = await overdueDeal();
    const last = await lastOf(await stranger().deal.obsDeal(dealid));
    assert.deepEqual([last.message, last.failedTasksCount, last.completedTasksCount], ['DEAL_TIMEDOUT', 2, 0]);
  },
}, {
  'one that is not there': async () => refused(lastOf(await stranger().deal.obsDeal(kUnknownHash)), noDeal),
});

method('iexec.deal.claim', {
  'every task nobody worked on, and the money comes back': async () => {
    const requester = await newPerson({ stake: 20n });
    const orders = await shopOrders({ dataset: null, app: { appprice: 3, volume: 2 }, workerpool: { category: kFastCategory, volume: 2 } });
    const requestorder = await signRequest(requester, {
      app: orders.apporder.app, workerpool: orders.workerpoolorder.workerpool, appmaxprice: 3, volume: 2, category: kFastCategory,
    });
    const { dealid } = await requester.iexec.order.matchOrders({ ...orders, requestorder });
    await finalTimeOf(dealid);
    const { transactions, claimed } = await requester.iexec.deal.claim(dealid);
    assert.deepEqual(transactions.map(({ type }) => type), ['initializeAndClaimArray']);
    assert.deepEqual(Object.keys(claimed), ['0', '1']);
    assert.equal((await requester.iexec.account.checkBalance(requester.address)).stake.toString(), '20');
    await refused(requester.iexec.deal.claim(dealid), 'Nothing to claim');
  },
}, {
  'before its time': async () => {
    const { requester } = await shop();
    await refused(requester.iexec.deal.claim((await shopDeal()).dealid), 'Cannot claim a deal before reaching the final time');
  },
  'one that is not there': async () => refused((await shop()).requester.iexec.deal.claim(kUnknownHash), noDeal),
  'without a wallet': async () => refused(stranger().deal.claim(kUnknownHash), noSigner),
});

method('iexec.task.show', {
  'one that is completed': async () => {
    const { taskid, dealid } = await finishedTask();
    const task = await stranger().task.show(taskid);
    assert.deepEqual([task.statusName, task.dealid, task.taskTimedOut, task.results.storage], ['COMPLETED', dealid, false, 'ipfs']);
    assert.match(task.results.location, /^\/ipfs\/Qm/);
  },
}, {
  'one that is not there': async () => refused(stranger().task.show(kUnknownHash), noTask),
  'what is no task id': async () => refused(stranger().task.show('0x12'), '0x12 is not a bytes32 hexstring'),
});

method('iexec.task.obsTask', {
  'until it is completed': async () => {
    const { requester, taskid, dealid } = await runDeal();
    const { message, task } = await lastOf(await requester.iexec.task.obsTask(taskid, { dealid }));
    assert.deepEqual([message, task.statusName], ['TASK_COMPLETED', 'COMPLETED']);
  },
  'until it is out of time': async () => {
    const { dealid } = await overdueDeal();
    const taskid = await stranger().deal.computeTaskId(dealid, 1);
    const { message } = await lastOf(await stranger().task.obsTask(taskid, { dealid }));
    assert.equal(message, 'TASK_TIMEDOUT');
  },
}, {
  'one that is not there, without its deal': async () => refused(lastOf(await stranger().task.obsTask(kUnknownHash)), noTask),
  'one that is not there, of a deal that is not there': async () =>
    refused(lastOf(await stranger().task.obsTask(kUnknownHash, { dealid: kUnknownHash })), noDeal),
});

method('iexec.task.fetchResults', {
  'the archive of the app\'s output': async () => {
    const { taskid } = await finishedTask();
    const answer = await stranger().task.fetchResults(taskid);
    assert.equal(Buffer.from(await answer.arrayBuffer()).subarray(0, 4).toString('latin1'), 'PK\x03\x04');
  },
}, {
  'of a task that is not there': async () => refused(stranger().task.fetchResults(kUnknownHash), noTask),
  'when the gateway is marketAway': async () => {
    const { taskid } = await finishedTask();
    await refused(stranger({ ipfsGatewayURL: kNoService }).task.fetchResults(taskid), 'IPFS gateway error: Connection to http://127.0.0.1:1 failed');
  },
  'from a gateway that has it not': async () => {
    const { taskid } = await finishedTask();
    await refused(stranger({ ipfsGatewayURL: network().SMS_URL }).task.fetchResults(taskid), 'API error: 404');
  },
});

method('iexec.task.fetchOffchainInfo', needs(network(), ['COMPASS_URL'], {
  'its history, and that of its worker': async () => {
    const { taskid } = await finishedTask();
    const { task, replicates } = await stranger().task.fetchOffchainInfo(taskid);
    assert.equal(task.status, 'COMPLETED');
    assert.ok(task.statusHistory.length >= 2);
    for (const { status, date } of task.statusHistory) assert.ok(/^[A-Z_]+$/.test(status) && !Number.isNaN(Date.parse(date)));
    assert.equal(replicates.length, 1);
    assert.match(replicates[0].worker, /^0x[0-9a-fA-F]{40}$/);
    assert.deepEqual([replicates[0].status, replicates[0].exitCode], ['COMPLETED', 0]);
  },
}), needs(network(), ['COMPASS_URL'], {
  'of a task that is not there': async () => refused(stranger().task.fetchOffchainInfo(kUnknownHash), noTask),
  'of a workerpool Compass does not know': async () => {
    await refused(stranger().task.fetchOffchainInfo(await idleTask()), 'Impossible to resolve API url for workerpool');
  },
  'when Compass is marketAway': async () => {
    const { taskid } = await finishedTask();
    await refused(stranger({ compassURL: kNoService }).task.fetchOffchainInfo(taskid), compassAway);
  },
}));

method('iexec.task.fetchLogs', needs(network(), ['COMPASS_URL'], {
  'what the app said': async () => {
    const { requester, taskid } = await finishedTask();
    const [{ worker, stdout, stderr }, ...more] = await requester.iexec.task.fetchLogs(taskid);
    assert.match(worker, /^0x[0-9a-fA-F]{40}$/);
    assert.deepEqual([stdout, more], ['said on stdout\n', []]);
    assert.ok(stderr.split('\n').includes('said on stderr')); // among lines of the agent about its phases
  },
  'twice, by one challenge after the other': async () => {
    const { requester, taskid } = await finishedTask();
    const both = await Promise.all([requester.iexec.task.fetchLogs(taskid), requester.iexec.task.fetchLogs(taskid)]);
    assert.deepEqual(both[0], both[1]);
  },
}), needs(network(), ['COMPASS_URL'], {
  'by anyone but the requester': async () => {
    const { requester, taskid } = await finishedTask();
    await refused((await shop()).requester.iexec.task.fetchLogs(taskid), `Only task requester ${requester.address} can access replicates logs`);
  },
  'of a task that is not there': async () => refused((await shop()).requester.iexec.task.fetchLogs(kUnknownHash), noTask),
  'without a wallet': async () => refused(stranger().task.fetchLogs(kUnknownHash), noSigner),
}));

method('iexec.task.claim', {
  'one that was begun and never finished': async () => {
    const { requester } = await shop();
    const { dealid } = await shortDeal();
    const taskid = await initializeTask(requester, dealid, 0);
    await finalTimeOf(dealid);
    assert.match(await requester.iexec.task.claim(taskid), /^0x[0-9a-f]{64}$/);
    assert.equal((await stranger().task.show(taskid)).statusName, 'FAILED');
    await refused(requester.iexec.task.claim(taskid), 'Cannot claim a task having status FAILED');
  },
}, {
  'before its time': async () => refused((await shop()).requester.iexec.task.claim(await idleTask()), 'Cannot claim a task before reaching the consensus deadline date'),
  'a completed one': async () => {
    const { requester, taskid } = await finishedTask();
    await refused(requester.iexec.task.claim(taskid), 'Cannot claim a task having status COMPLETED');
  },
  'one that is not there': async () => refused((await shop()).requester.iexec.task.claim(kUnknownHash), noTask),
  'without a wallet': async () => refused(stranger().task.claim(kUnknownHash), noSigner),
});

method('iexec.workerpool.getWorkerpoolApiUrl', needs(network(), ['COMPASS_URL'], {
  'of the network\'s own': async () => {
    const url = await stranger().workerpool.getWorkerpoolApiUrl(network().WORKERPOOL_ADDRESS);
    assert.equal(new URL(url).origin, network().CORE_URL);
  },
  'of one nobody registered': async () => assert.equal(await stranger().workerpool.getWorkerpoolApiUrl(kNobody), undefined),
}), needs(network(), ['COMPASS_URL'], {
  'what is no address': async () => refused(stranger().workerpool.getWorkerpoolApiUrl('x'), 'x is not a valid ethereum address'),
  'when Compass is marketAway': async () =>
    refused(stranger({ compassURL: kNoService }).workerpool.getWorkerpoolApiUrl(kNobody), compassAway),
}));
