// iexec: wallet, account, network, config.
import assert from 'node:assert/strict';
import { method, needs, refused } from './suite.mjs';
import { iexecOptions, kNobody, network, newPerson, noSigner, NULL_ADDRESS, Person, shop, stranger } from './world.mjs';

const kEther = 10n ** 18n;

method('iexec.wallet.getAddress', {
  'the address of the key': async () => {
    const person = new Person();
    assert.equal(await person.iexec.wallet.getAddress(), person.signer.address);
  },
}, {
  'without a wallet': async () => refused(stranger().wallet.getAddress(), 'Missing Signer'),
});

method('iexec.wallet.checkBalances', {
  'ether and RLC': async () => {
    const person = await newPerson({ nrlc: 7n });
    const { wei, nRLC } = await stranger().wallet.checkBalances(person.address.toLowerCase());
    assert.equal(wei.toString(), kEther.toString());
    assert.equal(nRLC.toString(), '7');
  },
  'nothing': async () => {
    const { wei, nRLC } = await stranger().wallet.checkBalances(new Person().address);
    assert.ok(wei.isZero() && nRLC.isZero());
  },
}, {
  'what is no address': async () => refused(stranger().wallet.checkBalances('foo.eth'), 'foo.eth is not a valid ethereum address'),
});

method('iexec.wallet.sendETH', {
  'wei, and amounts with a unit': async () => {
    const person = await newPerson();
    const to = new Person().address;
    assert.match(await person.iexec.wallet.sendETH(5, to), /^0x[0-9a-f]{64}$/);
    await person.iexec.wallet.sendETH('1 gwei', to);
    assert.equal((await stranger().wallet.checkBalances(to)).wei.toString(), '1000000005');
  },
}, {
  'more than there is': async () => refused((await newPerson()).iexec.wallet.sendETH('2 ether', kNobody), 'Amount to send exceed wallet balance'),
  'without a wallet': async () => refused(stranger().wallet.sendETH(1, kNobody), noSigner),
  'to a contract that takes none': async () => refused((await newPerson()).iexec.wallet.sendETH(1, network().RLC_ADDRESS), /revert/),
});

method('iexec.wallet.sendRLC', {
  'nRLC, and amounts with a unit': async () => {
    const person = await newPerson({ nrlc: 2_000_000_000n });
    const to = new Person().address;
    await person.iexec.wallet.sendRLC(5, to);
    await person.iexec.wallet.sendRLC('1 RLC', to);
    assert.equal((await stranger().wallet.checkBalances(to)).nRLC.toString(), '1000000005');
  },
}, {
  'more than there is': async () => refused((await newPerson({ nrlc: 1n })).iexec.wallet.sendRLC(2, kNobody), 'Amount to send exceed wallet balance'),
  'without a wallet': async () => refused(stranger().wallet.sendRLC(1, kNobody), noSigner),
});

method('iexec.wallet.sweep', {
  'everything, to someone else': async () => {
    const person = await newPerson({ nrlc: 9n });
    const to = new Person().address;
    const { sendERC20TxHash, sendNativeTxHash, errors } = await person.iexec.wallet.sweep(to);
    assert.equal(errors, undefined);
    assert.ok(sendERC20TxHash && sendNativeTxHash);
    const { wei, nRLC } = await stranger().wallet.checkBalances(to);
    assert.equal(nRLC.toString(), '9');
    assert.ok(!wei.isZero());
  },
  'of a wallet without ether it says so': async () => {
    const { errors, sendNativeTxHash } = await new Person().iexec.wallet.sweep(kNobody);
    assert.equal(sendNativeTxHash, undefined);
    assert.match(errors[0], /Tx fees are greater than wallet balance/);
  },
}, {
  'to a contract': async () => refused(new Person().iexec.wallet.sweep(network().HUB_ADDRESS), 'Cannot sweep to a contract'),
});

method('iexec.account.checkBalance', {
  'stake and locked': async () => {
    const person = await newPerson({ stake: 11n });
    const { stake, locked } = await stranger().account.checkBalance(person.address);
    assert.deepEqual([stake.toString(), locked.toString()], ['11', '0']);
  },
}, {
  'what is no address': async () => refused(stranger().account.checkBalance('0x12'), '0x12 is not a valid ethereum address'),
});

method('iexec.account.deposit', {
  'from the wallet into the account': async () => {
    const person = await newPerson({ nrlc: 10n });
    const { amount, txHash } = await person.iexec.account.deposit(4);
    assert.equal(amount, '4');
    assert.match(txHash, /^0x/);
    assert.equal((await person.iexec.account.checkBalance(person.address)).stake.toString(), '4');
    assert.equal((await person.iexec.wallet.checkBalances(person.address)).nRLC.toString(), '6');
  },
}, {
  'more than the wallet holds': async () => refused((await newPerson({ nrlc: 1n })).iexec.account.deposit(2), 'Deposit amount exceed wallet balance'),
  'nothing': async () => refused((await newPerson()).iexec.account.deposit(0), 'Deposit amount must be greater than 0'),
  'what is no amount': async () => refused(new Person().iexec.account.deposit('1.5 nRLC'), 'is not a valid amount'),
  'without a wallet': async () => refused(stranger().account.deposit(1), noSigner),
});

method('iexec.account.withdraw', {
  'from the account into the wallet': async () => {
    const person = await newPerson({ stake: 10n });
    assert.equal((await person.iexec.account.withdraw(4)).amount, '4');
    assert.equal((await person.iexec.account.checkBalance(person.address)).stake.toString(), '6');
    assert.equal((await person.iexec.wallet.checkBalances(person.address)).nRLC.toString(), '4');
  },
}, {
  'more than the account holds': async () => refused((await newPerson({ stake: 1n })).iexec.account.withdraw(2), 'Withdraw amount exceed account balance'),
  'nothing': async () => refused((await newPerson()).iexec.account.withdraw(0), 'Withdraw amount must be greater than 0'),
  'without a wallet': async () => refused(stranger().account.withdraw(1), noSigner),
});

method('iexec.account.approve', {
  'a spender for the account': async () => {
    const person = await newPerson();
    assert.match(await person.iexec.account.approve(5, kNobody), /^0x/);
    assert.equal((await person.iexec.account.checkAllowance(person.address, kNobody)).toString(), '5');
  },
}, {
  'the zero address': async () => refused((await newPerson()).iexec.account.approve(5, NULL_ADDRESS), /revert/),
  'without a spender': async () => refused((await newPerson()).iexec.account.approve(5), 'this is a required field'),
});

method('iexec.account.checkAllowance', {
  'none at first': async () => assert.ok((await stranger().account.checkAllowance(kNobody, network().HUB_ADDRESS)).isZero()),
}, {
  'what is no address': async () => refused(stranger().account.checkAllowance(kNobody, 'x'), 'x is not a valid ethereum address'),
});

method('iexec.account.revokeApproval', {
  'the allowance is gone': async () => {
    const person = await newPerson();
    await person.iexec.account.approve(5, kNobody);
    await person.iexec.account.revokeApproval(kNobody);
    assert.ok((await person.iexec.account.checkAllowance(person.address, kNobody)).isZero());
  },
}, {
  'without a wallet': async () => refused(stranger().account.revokeApproval(kNobody), noSigner),
});

method('iexec.network.getNetwork', {
  'the chain id of the node': async () => assert.equal(String((await stranger().network.getNetwork()).chainId), '421614'),
});

method('iexec.config.resolveChainId', {
  'the chain id of the node': async () => assert.equal(String(await stranger().config.resolveChainId()), '421614'),
});

method('iexec.config.resolveContractsClient', {
  'speaks to the hub': async () => {
    const client = await stranger().config.resolveContractsClient();
    assert.equal((await client.getIExecContract().token()).toLowerCase(), network().RLC_ADDRESS.toLowerCase());
  },
}, {
  'a hub that is none': async () => {
    const { app } = await shop();
    const client = await stranger({ hubAddress: kNobody }).config.resolveContractsClient();
    await refused(client.fetchRegistryContract('app'), /could not decode|BAD_DATA/);
    await refused(stranger({ hubAddress: kNobody }).app.showApp(app), /could not decode/);
  },
});

for (const [name, option] of Object.entries({
  resolveSmsURL: 'smsURL',
  resolveIexecGatewayURL: 'iexecGatewayURL',
  resolveIpfsGatewayURL: 'ipfsGatewayURL',
  resolveIpfsNodeURL: 'ipfsNodeURL',
  resolveCompassURL: 'compassURL',
  resolvePocoSubgraphURL: 'pocoSubgraphURL',
}))
  method(`iexec.config.${name}`, needs(network(), iexecOptions()[option] ? [] : [option], {
    'what the option says': async () => assert.equal(await stranger().config[name](), iexecOptions()[option]),
  }));
