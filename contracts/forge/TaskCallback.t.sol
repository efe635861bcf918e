// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AppOrder,
    AppOrderOperation,
    DatasetOrder,
    Deal,
    IPocoTasks,
    Operation,
    RequestOrder,
    RequestOrderOperation,
    WorkerpoolOrder
} from "../src/Poco.sol";
import {TaskCallback} from "../src/TaskCallback.sol";
import {ValueOracle} from "../test/ValueOracle.sol";
import {PocoFixture} from "./PocoFixture.sol";

/// A hub that says anything: for what the real one never does.
contract LyingHub {
    bytes private task;
    bytes private deal;

    function say(bytes calldata task_, bytes calldata deal_) external {
        (task, deal) = (task_, deal_);
    }

    function deliver(TaskCallback to, bytes32 taskId, bytes calldata result) external {
        to.receiveResult(taskId, result);
    }

    fallback() external {
        bytes memory answer = msg.sig == IPocoTasks.viewTask.selector ? task : deal;
        assembly {
            return(add(answer, 32), mload(answer))
        }
    }
}

contract TaskCallbackTest is PocoFixture {
    uint256 private constant ENCLAVE = 0xE9C1A7E;
    uint256 private constant POOL_KEY = 0x9001;
    address private constant requester = address(0x4E9);
    address private constant worker = address(0x304);
    bytes32 private constant TEE = bytes32(uint256(9));

    address private app;
    address private pool;
    ValueOracle private oracle;
    uint256 private deals;

    function setUp() public override {
        super.setUp();
        app = newApp(address(this));
        pool = workerpools.createWorkerpool(vm.addr(POOL_KEY), "callbacks");
        oracle = new ValueOracle(hub, TaskCallback.Trust(app, pool, requester));
    }

    function test_theResultOfATrustedTaskArrivesInItsTransaction() public {
        bytes32 taskId = run(newDeal(app, pool, requester, TEE, address(oracle)), valueOf(10, 42));
        expectEq(oracle.value(), 42, "value");
        expectEq(oracle.time(), 10, "time");
        expect(oracle.isDelivered(taskId), "delivered");
    }

    function test_aResultIsTakenOnce() public {
        bytes32 taskId = run(newDeal(app, pool, requester, TEE, address(oracle)), valueOf(10, 42));
        vm.expectRevert(abi.encodeWithSelector(TaskCallback.AlreadyDelivered.selector, taskId));
        oracle.fetchResult(taskId);
        vm.prank(address(hub));
        vm.expectRevert(abi.encodeWithSelector(TaskCallback.AlreadyDelivered.selector, taskId));
        oracle.receiveResult(taskId, valueOf(10, 42));
    }

    function test_onlyTheHubCallsBack() public {
        vm.expectRevert(abi.encodeWithSelector(TaskCallback.NotTheHub.selector, address(this)));
        oracle.receiveResult(bytes32(uint256(1)), valueOf(10, 42));
    }

    function test_whatSomebodyElseComputedIsRefused() public {
        address otherApp = newApp(address(this));
        address otherPool = workerpools.createWorkerpool(vm.addr(POOL_KEY), "other");
        refused(newDeal(otherApp, pool, requester, TEE, address(oracle)));
        refused(newDeal(app, otherPool, requester, TEE, address(oracle)));
        refused(newDeal(app, pool, address(0xBAD), TEE, address(oracle)));
        refused(newDeal(app, pool, requester, 0, address(oracle)));
    }

    function test_aResultForAnotherContractIsRefused() public {
        ValueOracle other = new ValueOracle(hub, TaskCallback.Trust(app, pool, requester));
        bytes32 taskId = run(newDeal(app, pool, requester, TEE, address(other)), valueOf(10, 42));
        expectEq(other.value(), 42, "value of the other");
        vm.expectRevert(abi.encodeWithSelector(TaskCallback.NotForThisContract.selector, taskId, other));
        oracle.fetchResult(taskId);
    }

    function test_aTaskThatIsNotCompletedHasNoResult() public {
        bytes32 taskId = hub.initialize(newDeal(app, pool, requester, TEE, address(oracle)), 0);
        vm.expectRevert("task-pending");
        oracle.fetchResult(taskId);
    }

    function test_anOlderValueIsRefusedAndMayBeBroughtAgainInVain() public {
        run(newDeal(app, pool, requester, TEE, address(oracle)), valueOf(10, 42));
        bytes32 late = run(newDeal(app, pool, requester, TEE, address(oracle)), valueOf(9, 1));
        expectEq(oracle.value(), 42, "value");
        expect(!oracle.isDelivered(late), "a refused result is not delivered");
        vm.expectRevert(abi.encodeWithSelector(ValueOracle.NotNewer.selector, 9));
        oracle.fetchResult(late);
    }

    function test_aResultTheHubsCallLostIsFetched() public {
        bytes32 dealId = newDeal(app, pool, requester, TEE, address(oracle));
        vm.mockCallRevert(address(oracle), abi.encodeWithSelector(TaskCallback.receiveResult.selector), "out of gas");
        bytes32 taskId = run(dealId, valueOf(10, 42));
        vm.clearMockedCalls();
        expectEq(oracle.value(), 0, "value before");
        oracle.fetchResult(taskId);
        expectEq(oracle.value(), 42, "value");
    }

    function test_nobodyIsTrustedByDefault() public {
        vm.expectRevert(abi.encodeWithSelector(TaskCallback.IncompleteTrust.selector));
        new ValueOracle(hub, TaskCallback.Trust(address(0), pool, requester));
        vm.expectRevert(abi.encodeWithSelector(TaskCallback.IncompleteTrust.selector));
        new ValueOracle(hub, TaskCallback.Trust(app, address(0), requester));
        vm.expectRevert(abi.encodeWithSelector(TaskCallback.IncompleteTrust.selector));
        new ValueOracle(hub, TaskCallback.Trust(app, pool, address(0)));
    }

    /// The hub's word is compared with its records: bytes that are not the recorded result, or of a task not completed.
    function test_bytesThatAreNotTheResultAreRefused() public {
        bytes32 taskId = run(newDeal(app, pool, requester, TEE, address(oracle)), valueOf(10, 42));
        bytes memory task = abi.encode(hub.viewTask(taskId));
        bytes memory deal = abi.encode(hub.viewDeal(hub.viewTask(taskId).dealid));
        LyingHub liar = new LyingHub();
        oracle = new ValueOracle(IPocoTasks(address(liar)), TaskCallback.Trust(app, pool, requester));
        liar.say(task, deal);
        vm.expectRevert(abi.encodeWithSelector(TaskCallback.NotTheResult.selector, taskId));
        liar.deliver(oracle, taskId, valueOf(10, 43));
        task[63] = 0x02; // REVEALING
        liar.say(task, deal);
        vm.expectRevert(abi.encodeWithSelector(TaskCallback.NotTheResult.selector, taskId));
        liar.deliver(oracle, taskId, valueOf(10, 42));
    }

    // A task from order to result

    function newDeal(address app_, address pool_, address requester_, bytes32 tag, address callback)
        private
        returns (bytes32)
    {
        AppOrder memory appOrder;
        (appOrder.app, appOrder.volume, appOrder.tag) = (app_, type(uint256).max, tag);
        hub.manageAppOrder(AppOrderOperation(appOrder, Operation.SIGN, ""));
        WorkerpoolOrder memory poolOrder_;
        (poolOrder_.workerpool, poolOrder_.volume, poolOrder_.tag) = (pool_, type(uint256).max, tag);
        presign(poolOrder_, vm.addr(POOL_KEY));
        RequestOrder memory request;
        (request.app, request.workerpool, request.requester) = (app_, pool_, requester_);
        (request.volume, request.tag, request.callback, request.salt) = (1, tag, callback, bytes32(deals++));
        vm.prank(requester_);
        hub.manageRequestOrder(RequestOrderOperation(request, Operation.SIGN, ""));
        DatasetOrder memory none;
        return hub.matchOrders(appOrder, none, poolOrder_, request);
    }

    function run(bytes32 dealId, bytes memory result) private returns (bytes32 taskId) {
        Deal memory deal = hub.viewDeal(dealId);
        taskId = hub.initialize(dealId, deal.botFirst);
        bytes32 digest = keccak256(result);
        bytes32 hash = keccak256(abi.encodePacked(taskId, digest));
        bytes32 seal = keccak256(abi.encodePacked(worker, taskId, digest));
        address enclave = vm.addr(ENCLAVE);
        bytes memory enclaveSign = signPersonal(ENCLAVE, keccak256(abi.encodePacked(hash, seal)));
        bytes memory poolSign = signPersonal(POOL_KEY, keccak256(abi.encodePacked(worker, taskId, enclave)));
        vm.prank(worker);
        hub.contributeAndFinalize(taskId, digest, "link", result, enclave, enclaveSign, poolSign);
    }

    function refused(bytes32 dealId) private {
        bytes32 taskId = run(dealId, valueOf(10, 42));
        expectEq(oracle.value(), 0, "value");
        vm.expectRevert(abi.encodeWithSelector(TaskCallback.DealNotTrusted.selector, dealId));
        oracle.fetchResult(taskId);
    }

    function signPersonal(uint256 key, bytes32 message) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", message)));
        return abi.encodePacked(r, s, v);
    }

    function valueOf(uint256 time, uint256 value) private pure returns (bytes memory) {
        return abi.encode(time, value);
    }
}
